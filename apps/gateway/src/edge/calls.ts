import { Extensions } from '@nestjs/graphql';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  isListType,
  isNonNullType,
} from 'graphql';
import { getComplexity } from 'graphql-query-complexity';
import { tooManyCalls } from '#dingtalk';

/**
 * How many calls at DingTalk a field makes for certain, if it is asked for of one thing. What depends on data, as whether a
 * department has a parent, counts as none.
 */
export const Calls = (calls: number): MethodDecorator & PropertyDecorator => Extensions({ calls });

/** The calls of a field that makes some; undefined for one that only shows what was read. */
export const callsOf = ({ extensions }: Pick<GraphQLField<unknown, unknown>, 'extensions'>): number | undefined => {
  const { calls } = extensions;
  return typeof calls === 'number' ? calls : undefined;
};

/** Whether there is one thing below the field, be the data as it may. */
const isOne = (field: GraphQLField<unknown, unknown>): boolean => {
  const type = isNonNullType(field.type) ? field.type.ofType : field.type;
  return !isListType(type) && (isNonNullType(field.type) || (callsOf(field) ?? 0) > 0);
};

interface Asked {
  readonly query: DocumentNode;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/**
 * Refuses an operation of which the document itself shows that it needs more calls at DingTalk than one may make. What
 * lists hold is not counted here: nobody knows it yet.
 * @throws Failure BAD_INPUT
 */
export function mustBeAffordable(
  schema: GraphQLSchema,
  { query, operationName, variables }: Asked,
  most: number,
): void {
  try {
    const calls = getComplexity({
      ...{ schema, query, operationName, variables: { ...variables } },
      estimators: [({ field, childComplexity }) => (callsOf(field) ?? 0) + (isOne(field) ? childComplexity : 0)],
    });
    if (calls <= most) return;
  } catch (error) {
    // Variables that do not fit are told by whoever runs the operation.
    if (error instanceof GraphQLError && !error.message.includes('maximum allowed number of nodes')) return;
    throw error instanceof GraphQLError ? tooManyCalls(most) : error;
  }
  throw tooManyCalls(most);
}
