import { type GraphQLField, type GraphQLSchema, defaultFieldResolver, isNonNullType, isObjectType } from 'graphql';
import type { Department, Employee } from '#contact';
import { asksDingTalk } from './calls.js';
import type { GraphQLContext } from './graphql-context.js';
import type { Records } from './records.js';

type Field = GraphQLField<object, GraphQLContext>;
type Whole = (record: object, records: Records) => Promise<object>;

/** How the whole of a record is got of which a list told a part. */
const WHOLE: Readonly<Record<string, Whole>> = {
  Department: (record, { departments }) => departments.load((record as Department).id),
  Employee: (record, { employees }) => employees.load((record as Employee).userId),
};

/** What every list tells, but for the search, which tells ids alone: its nodes may be null. */
const TOLD = new Set(['id', 'userId', 'name', 'deptIdList']);

/** Lists tell a part of a record; a field that they do not tell is read when it is asked for. */
function fill(field: Field, whole: Whole): void {
  // One record that cannot be read must not take the list along.
  const isTold = TOLD.has(field.name) || !isNonNullType(field.type);
  if (!isTold) throw new Error(`${field.name} must be nullable: it may have to be read`);
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (record, args, context, info) =>
    field.name in record
      ? resolve(record, args, context, info)
      : whole(record, context.records).then((all) => resolve(all, args, context, info));
}

function count(field: Field): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = async (record, args, context, info) => {
    const found: unknown = await resolve(record, args, context, info);
    context.records.count(found);
    return found;
  };
}

function clearAfter(field: Field): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = async (record, args, context, info) => {
    try {
      return await resolve(record, args, context, info);
    } finally {
      context.records.clear();
    }
  };
}

const fieldsOf = (schema: GraphQLSchema, name: string): Field[] => {
  const type = schema.getType(name);
  return isObjectType(type) ? (Object.values(type.getFields()) as Field[]) : [];
};

/** Puts all three on the finished schema. */
export function useRecords(schema: GraphQLSchema): GraphQLSchema {
  for (const [name, whole] of Object.entries(WHOLE)) {
    // Links have resolvers of their own.
    for (const field of fieldsOf(schema, name)) (asksDingTalk(field) ? count : fill)(field, whole);
  }
  for (const field of fieldsOf(schema, schema.getMutationType()?.name ?? '')) clearAfter(field);
  return schema;
}
