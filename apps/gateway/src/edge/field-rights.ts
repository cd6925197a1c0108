import type { FastifyInstance } from 'fastify';
import {
  type GraphQLField,
  type GraphQLSchema,
  defaultFieldResolver,
  getNamedType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type AskingRequest, conceal, mayRead, scopeOf } from '#access';
import { type Caller, Failure, type Scope } from '#contract';
import type { GraphQLContext } from './graphql-context.js';

type Field = GraphQLField<unknown, GraphQLContext>;

function mustRead(caller: Caller | undefined, scope: Scope, record: unknown): void {
  if (caller && mayRead(caller, scope, record)) return;
  throw new Failure('FORBIDDEN', `The caller lacks the scope ${scope} for this record.`);
}

const typeNameOf = (field: Field): string => getNamedType(field.type).name;

/** A flag that is named after a field, as hideMobile, says nothing of it. */
const isFlag = (field: Field): boolean => typeNameOf(field) === 'Boolean';

/** Free JSON has no fields of the schema: what stands in it is looked through as in REST. */
const isJson = (field: Field): boolean => typeNameOf(field).startsWith('JSON');

/** Its `before` and `after` are as personal as the field that they are of, which only the record says. */
const A_CHANGE = { field: 'mobile' };

function guard(field: Field): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  const isFree = isJson(field);
  field.resolve = (record, args, context, info) => {
    const { caller } = context.request;
    const scope = scopeOf(field.name, record);
    if (scope) mustRead(caller, scope, record);
    const value: unknown = resolve(record, args, context, info);
    if (!isFree || !caller) return value;
    return value instanceof Promise ? value.then((json) => conceal(json, caller)) : conceal(value, caller);
  };
}

/** The rights of fields in GraphQL: put on the finished schema, so that no resolver can pass by. */
export function guardFields(schema: GraphQLSchema): GraphQLSchema {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__'));
  for (const field of types.flatMap((type) => Object.values(isObjectType(type) ? type.getFields() : {}) as Field[])) {
    const isPersonal = scopeOf(field.name) !== undefined && !isFlag(field);
    // An error at a field that may not be null would take its neighbours along.
    if (isPersonal && isNonNullType(field.type)) throw new Error(`${field.name} must be nullable: it needs a scope`);
    const mayTell = scopeOf(field.name, A_CHANGE) !== undefined && !isFlag(field);
    if (mayTell || isJson(field)) guard(field);
  }
  return schema;
}

/** The rights of fields in REST: on every answer that is not text yet, whichever controller gave it. */
export function concealAnswers(fastify: FastifyInstance): void {
  fastify.addHook('preSerialization', (request, _, answer, done) => {
    const { caller } = request as AskingRequest;
    done(null, caller ? conceal(answer, caller) : answer);
  });
}
