import { GraphQLError, GraphQLID } from 'graphql';

/**
 * Ids in variables are strings. graphql-js would take a JSON number too, which JSON.parse has rounded beyond 2^53:
 * the call would reach somebody else. A number in the document itself is exact and stays allowed by the specification.
 */
export function useStrictIds(): void {
  GraphQLID.parseValue = (value) => {
    if (typeof value === 'string') return value;
    throw new GraphQLError('An id must be a string.');
  };
}
