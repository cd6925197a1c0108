var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
var _a, _b;
// What the tutorials of Nest lead to: Express, Apollo, HttpService, a global pipe and a global guard.
import 'reflect-metadata';
import { ApolloDriver } from '@nestjs/apollo';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Injectable, Module, ValidationPipe } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { Args, ArgsType, Field, GqlExecutionContext, GraphQLModule, ID, ObjectType, Query, Resolver, } from '@nestjs/graphql';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { firstValueFrom } from 'rxjs';
let User = class User {
    unionId;
    nick;
    avatarUrl;
    mobile;
    email;
    stateCode;
};
__decorate([
    Field(() => ID),
    __metadata("design:type", String)
], User.prototype, "unionId", void 0);
__decorate([
    Field(() => String, { nullable: true }),
    __metadata("design:type", String)
], User.prototype, "nick", void 0);
__decorate([
    Field(() => String, { nullable: true }),
    __metadata("design:type", String)
], User.prototype, "avatarUrl", void 0);
__decorate([
    Field(() => String, { nullable: true }),
    __metadata("design:type", String)
], User.prototype, "mobile", void 0);
__decorate([
    Field(() => String, { nullable: true }),
    __metadata("design:type", String)
], User.prototype, "email", void 0);
__decorate([
    Field(() => String, { nullable: true }),
    __metadata("design:type", String)
], User.prototype, "stateCode", void 0);
User = __decorate([
    ObjectType()
], User);
let UserArgs = class UserArgs {
    unionId;
};
__decorate([
    Field(() => ID),
    IsString(),
    IsNotEmpty(),
    MaxLength(64),
    __metadata("design:type", String)
], UserArgs.prototype, "unionId", void 0);
UserArgs = __decorate([
    ArgsType()
], UserArgs);
let ApiKeyGuard = class ApiKeyGuard {
    canActivate(context) {
        const { req } = GqlExecutionContext.create(context).getContext();
        return req.headers['x-api-key'] === 'a-key';
    }
};
ApiKeyGuard = __decorate([
    Injectable()
], ApiKeyGuard);
let UserService = class UserService {
    http;
    constructor(http) {
        this.http = http;
    }
    async get(unionId) {
        const url = `${process.env.UPSTREAM}/v1.0/contact/users/${encodeURIComponent(unionId)}`;
        const headers = { 'x-acs-dingtalk-access-token': 'a-token-of-the-person' };
        return (await firstValueFrom(this.http.get(url, { headers }))).data;
    }
};
UserService = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [typeof (_a = typeof HttpService !== "undefined" && HttpService) === "function" ? _a : Object])
], UserService);
let UserResolver = class UserResolver {
    users;
    constructor(users) {
        this.users = users;
    }
    user({ unionId }) {
        return this.users.get(unionId);
    }
};
__decorate([
    Query(() => User, { nullable: true }),
    __param(0, Args()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [UserArgs]),
    __metadata("design:returntype", typeof (_b = typeof Promise !== "undefined" && Promise) === "function" ? _b : Object)
], UserResolver.prototype, "user", null);
UserResolver = __decorate([
    Resolver(() => User),
    __metadata("design:paramtypes", [UserService])
], UserResolver);
let AppModule = class AppModule {
};
AppModule = __decorate([
    Module({
        imports: [
            HttpModule,
            GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true, playground: false }),
        ],
        providers: [UserService, UserResolver, { provide: APP_GUARD, useClass: ApiKeyGuard }],
    })
], AppModule);
const app = await NestFactory.create(AppModule, { logger: false });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
await app.listen(Number(process.env.PORT), '127.0.0.1');
