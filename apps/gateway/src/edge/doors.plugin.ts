import type { ApolloServerPlugin } from '@apollo/server';
import {
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { type AskingRequest, nobody } from '#access';
import { Failure } from '#contract';
import { refuseRequest } from './graphql-errors.js';

export interface GraphQLContext {
  readonly request: AskingRequest;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const isMetaField = (name: string): boolean => name.startsWith('__');

/** Whether a selection asks for nothing but `__schema`, `__type` and `__typename` at the top. */
function asksForSchemaOnly({ selections }: SelectionSetNode, fragments: Fragments): boolean {
  return selections.every((selection) => {
    if (selection.kind === Kind.FIELD) return isMetaField(selection.name.value);
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    return inner !== undefined && asksForSchemaOnly(inner.selectionSet, fragments);
  });
}

const isSchemaQuery = (operation: OperationDefinitionNode, fragments: Fragments): boolean =>
  operation.operation === OperationTypeNode.QUERY && asksForSchemaOnly(operation.selectionSet, fragments);

/** Whoever shows nothing may at most look at the schema; anything else is refused as a whole, before any field. */
export const doorsPlugin: ApolloServerPlugin<GraphQLContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ contextValue, operation, document }) => {
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
        throw refuseRequest(Failure.badInput('query', 'there are no subscriptions'));
      }
      if (contextValue.request.caller || !operation) return;
      const fragments = new Map(
        document.definitions
          .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
          .map((fragment) => [fragment.name.value, fragment]),
      );
      if (!isSchemaQuery(operation, fragments)) throw refuseRequest(nobody());
    },
  }),
};
