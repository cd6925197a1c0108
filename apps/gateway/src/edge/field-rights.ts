import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import {
  type GraphQLField,
  type GraphQLSchema,
  GraphQLString,
  defaultFieldResolver,
  getNamedType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type Observable, map } from 'rxjs';
import { type AskingRequest, conceal, mayRead, scopeOfField } from '#access';
import { type Caller, Failure, type Scope } from '#contract';
import type { GraphQLContext } from './doors.plugin.js';

type Field = GraphQLField<unknown, GraphQLContext>;

function mustRead(caller: Caller | undefined, scope: Scope, record: unknown): void {
  if (caller && mayRead(caller, scope, record)) return;
  throw new Failure('FORBIDDEN', `The caller lacks the scope ${scope} for this record.`);
}

function guard(field: Field, scope: Scope): void {
  // An error at a field that may not be null would take its neighbours along.
  if (isNonNullType(field.type)) throw new Error(`${field.name} must be nullable: it needs ${scope}`);
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (record, args, context, info) => {
    mustRead(context.request.caller, scope, record);
    return resolve(record, args, context, info);
  };
}

/** Free JSON has no fields of the schema: what stands in it is looked through as in REST. */
function guardJson(field: Field): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = async (record, args, context, info) => {
    const { caller } = context.request;
    const value: unknown = await resolve(record, args, context, info);
    return caller && conceal(value, caller);
  };
}

const isJson = (field: Field): boolean => /^JSON/.test(getNamedType(field.type).name);

/** The rights of fields in GraphQL: put on the finished schema, so that no resolver can pass by. */
export function guardFields(schema: GraphQLSchema): GraphQLSchema {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__'));
  for (const type of types) {
    for (const field of Object.values(isObjectType(type) ? type.getFields() : {}) as Field[]) {
      const scope = getNamedType(field.type) === GraphQLString ? scopeOfField(field.name) : undefined;
      if (scope) guard(field, scope);
      else if (isJson(field)) guardJson(field);
    }
  }
  return schema;
}

/** The rights of fields in REST: on every answer, whichever controller gave it. */
@Injectable()
export class FieldRights implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType<string>() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<AskingRequest>();
    return next.handle().pipe(map((answer: unknown) => (request.caller ? conceal(answer, request.caller) : answer)));
  }
}
