import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { type Callers, nobody } from '#access';
import { Failure } from '#contract';
import { currentRequest } from '#telemetry';
import { mustBeAffordable } from './calls.js';
import type { GraphQLContext } from './graphql-context.js';
import { refuseRequest } from './graphql-errors.js';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const isMetaField = (name: string): boolean => name.startsWith('__');

/** The names under which a selection's fields are answered, fragments looked into; what is asked for twice is done once. */
function answersOf({ selections }: SelectionSetNode, fragments: Fragments, seen = new Set<string>()): Set<string> {
  const names = selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) {
      return isMetaField(selection.name.value) ? [] : [(selection.alias ?? selection.name).value];
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) return [...answersOf(selection.selectionSet, fragments, seen)];
    const fragment = fragments.get(selection.name.value);
    if (!fragment || seen.has(selection.name.value)) return [];
    seen.add(selection.name.value);
    return [...answersOf(fragment.selectionSet, fragments, seen)];
  });
  return new Set(names);
}

/** How many doors an operation asks at: each is an operation of its own, as it would be in REST. */
function doorsOf(operation: OperationDefinitionNode, document: DocumentNode): number {
  const fragments = new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  return answersOf(operation.selectionSet, fragments).size;
}

/**
 * Before any field: whoever shows nothing may at most look at the schema, and a caller's operations are counted, however
 * many of them one request holds. A session that is over refuses them all.
 */
export const doorsPlugin = (callers: Callers, callsMax: number): ApolloServerPlugin<GraphQLContext> => ({
  requestDidStart: async () => ({
    didResolveOperation: async ({ contextValue: { request }, operation, document, schema, request: asked }) => {
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
        throw refuseRequest(Failure.badInput('query', 'there are no subscriptions'));
      }
      if (!operation) return;
      const doors = doorsOf(operation, document);
      if (!request.caller && doors > 0) throw refuseRequest(nobody());
      await orRefuse(async () => {
        await callers.countRest(request, doors);
        mustBeAffordable(schema, { ...asked, query: document }, callsMax);
        if (doors > 0) await callers.confirm(request);
      });
      const current = currentRequest();
      if (current) current.calls = { left: callsMax };
    },
  }),
});

/** What fails before any field refuses the whole request. */
export async function orRefuse(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof Failure ? refuseRequest(error) : error;
  }
}
