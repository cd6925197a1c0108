import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  getVariableValues,
} from 'graphql';
import { type Callers, nobody } from '#access';
import { Failure } from '#contract';
import { tooManyCalls } from '#dingtalk';
import { currentRequest } from '#telemetry';
import { callsOfField } from './calls.js';
import type { GraphQLContext } from './graphql-context.js';
import { refuseRequest } from './graphql-errors.js';
import { type Document, fieldsOf } from './selections.js';

type Variables = Readonly<Record<string, unknown>>;

const MOST_NAMES = 10;

/** Each once, and not more than a line of the log should hold. */
const namesOf = (doors: NonNullable<GraphQLContext['doors']>): string =>
  [...new Set(doors.map(([, field]) => field))].slice(0, MOST_NAMES).join(' ');

export const fragmentsOf = ({ definitions }: Pick<DocumentNode, 'definitions'>): Document['fragments'] =>
  new Map(
    definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment] as const),
  );

/** What looks into selections has to know of the rest; values that do not fit are told by whoever runs the operation. */
function documentOf(
  schema: GraphQLSchema,
  { definitions }: DocumentNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables = {},
): Document {
  const { coerced = {} } = getVariableValues(schema, variableDefinitions, variables);
  return { fragments: fragmentsOf({ definitions }), variables: coerced };
}

/** The doors that an operation asks at: each is an operation of its own, as it would be in REST. */
const doorsOf = ({ selectionSet }: OperationDefinitionNode, document: Document): FieldNode[][] =>
  [...fieldsOf([selectionSet], document).values()].filter(([node]) => !node?.name.value.startsWith('__'));

/** @throws Failure BAD_INPUT where the document itself shows that it needs more calls at DingTalk than one may make. */
function mustBeAffordable(schema: GraphQLSchema, operation: OperationDefinitionNode, document: Document, most: number) {
  const root = schema.getRootType(operation.operation);
  if (!root) return;
  const calls = doorsOf(operation, document).map((nodes) => callsOfField(root, nodes, document));
  if (calls.reduce((sum, count) => sum + count, 0) > most) throw tooManyCalls(most);
}

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
      const asksAt = doorsOf(operation, document);
      const doors = asksAt.length;
      contextValue.doors = asksAt.flatMap(([node]) =>
        node ? [[(node.alias ?? node.name).value, node.name.value] as const] : [],
      );
      if (!request.caller && doors > 0) throw refuseRequest(nobody());
      await orRefuse(async () => {
        await callers.countRest(request, doors);
        mustBeAffordable(schema, operation, document, callsMax);
        if (doors > 0) await callers.confirm(request);
      });
      const current = currentRequest();
      if (current) {
        current.operation = namesOf(contextValue.doors);
        current.calls = { left: callsMax };
        current.changes = operation.operation === OperationTypeNode.MUTATION;
      }
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
