// What the tutorials of Nest lead to: Express, Apollo, HttpService, a global pipe and a global guard.
import 'reflect-metadata';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { HttpModule, HttpService } from '@nestjs/axios';
import { type CanActivate, type ExecutionContext, Injectable, Module, ValidationPipe } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import {
  Args,
  ArgsType,
  Field,
  GqlExecutionContext,
  GraphQLModule,
  ID,
  ObjectType,
  Query,
  Resolver,
} from '@nestjs/graphql';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { firstValueFrom } from 'rxjs';

@ObjectType()
class User {
  @Field(() => ID) unionId!: string;
  @Field(() => String, { nullable: true }) nick?: string;
  @Field(() => String, { nullable: true }) avatarUrl?: string;
  @Field(() => String, { nullable: true }) mobile?: string;
  @Field(() => String, { nullable: true }) email?: string;
  @Field(() => String, { nullable: true }) stateCode?: string;
}

@ArgsType()
class UserArgs {
  @Field(() => ID)
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  unionId!: string;
}

@Injectable()
class ApiKeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { req } = GqlExecutionContext.create(context).getContext<{ req: { headers: Record<string, string> } }>();
    return req.headers['x-api-key'] === 'a-key';
  }
}

@Injectable()
class UserService {
  constructor(private readonly http: HttpService) {}

  async get(unionId: string): Promise<User> {
    const url = `${process.env.UPSTREAM}/v1.0/contact/users/${encodeURIComponent(unionId)}`;
    const headers = { 'x-acs-dingtalk-access-token': 'a-token-of-the-person' };
    return (await firstValueFrom(this.http.get<User>(url, { headers }))).data;
  }
}

@Resolver(() => User)
class UserResolver {
  constructor(private readonly users: UserService) {}

  @Query(() => User, { nullable: true })
  user(@Args() { unionId }: UserArgs): Promise<User> {
    return this.users.get(unionId);
  }
}

@Module({
  imports: [
    HttpModule,
    GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true, playground: false }),
  ],
  providers: [UserService, UserResolver, { provide: APP_GUARD, useClass: ApiKeyGuard }],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
await app.listen(Number(process.env.PORT), '127.0.0.1');
