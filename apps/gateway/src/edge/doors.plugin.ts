import type { ApolloServerPlugin } from '@apollo/server';
import { OperationTypeNode } from 'graphql';
import { type Callers, nobody } from '#access';
import { Failure } from '#contract';
import { tooManyCalls } from '#dingtalk';
import type { GraphQLContext } from './graphql-context.js';
import { refuseRequest } from './graphql-errors.js';
import { callsOf, documentOf, doorsOf, namesOf, noteOperation } from './operations.js';

/**
 * Before any field: whoever shows nothing may at most look at the schema, and a caller's operations are counted, however
 * many of them one request holds. A session that is over refuses them all.
 */
export const doorsPlugin = (callers: Callers, callsMax: number): ApolloServerPlugin<GraphQLContext> => ({
  requestDidStart: async () => ({
    didResolveOperation: async ({ contextValue, operation, document: parsed, schema, request: asked }) => {
      const { request } = contextValue;
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
        throw refuseRequest(Failure.badInput('query', 'there are no subscriptions'));
      }
      if (!operation) return;
      const document = documentOf(schema, parsed, operation, asked.variables);
      const doors = doorsOf(operation, document);
      contextValue.doors = doors;
      if (!request.caller && doors.length > 0) throw refuseRequest(nobody());
      await orRefuse(async () => {
        await callers.countRest(request, doors.length);
        if (callsOf(schema, operation, document) > callsMax) throw tooManyCalls(callsMax);
        if (doors.length > 0) await callers.confirm(request);
      });
      noteOperation(namesOf(doors), operation.operation, callsMax);
    },
  }),
});

/** What fails before any field refuses the whole request. */
export async function orRefuse<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Failure ? refuseRequest(error) : error;
  }
}
