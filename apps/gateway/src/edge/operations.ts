import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  getVariableValues,
} from 'graphql';
import { currentRequest } from '#telemetry';
import { callsOfField } from './calls.js';
import type { GraphQLContext } from './graphql-context.js';
import { type Document, fieldsOf } from './selections.js';

type Variables = Readonly<Record<string, unknown>>;
export type Doors = NonNullable<GraphQLContext['doors']>;

const MOST_NAMES = 10;

/** Each once, and not more than a line of the log should hold. */
export const namesOf = (doors: Doors): string =>
  [...new Set(doors.map(([, field]) => field))].slice(0, MOST_NAMES).join(' ');

export const fragmentsOf = ({ definitions }: Pick<DocumentNode, 'definitions'>): Document['fragments'] =>
  new Map(
    definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment] as const),
  );

/** What looks into selections has to know of the rest; values that do not fit are told by whoever runs the operation. */
export function documentOf(
  schema: GraphQLSchema,
  { definitions }: DocumentNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables = {},
): Document {
  const { coerced = {} } = getVariableValues(schema, variableDefinitions, variables);
  return { fragments: fragmentsOf({ definitions }), variables: coerced };
}

const asksAt = ({ selectionSet }: OperationDefinitionNode, document: Document): FieldNode[][] =>
  [...fieldsOf([selectionSet], document).values()].filter(([node]) => !node?.name.value.startsWith('__'));

/** The doors that an operation asks at: each is an operation of its own, as it would be in REST. */
export const doorsOf = (operation: OperationDefinitionNode, document: Document): Doors =>
  asksAt(operation, document).flatMap(([node]) =>
    node ? [[(node.alias ?? node.name).value, node.name.value] as const] : [],
  );

/** What lies beyond shows when it is run. */
const MOST_FIELDS = 5000;

/** The calls at DingTalk of which the document itself shows that the operation needs them. */
export function callsOf(schema: GraphQLSchema, operation: OperationDefinitionNode, document: Document): number {
  const root = schema.getRootType(operation.operation);
  if (!root) return 0;
  const look = { ...document, left: MOST_FIELDS };
  return asksAt(operation, document).reduce((sum, nodes) => sum + callsOfField(root, nodes, look), 0);
}

/** From here on it is known what the request asks for. */
export function noteOperation(names: string, kind: OperationTypeNode, callsMax: number): void {
  const current = currentRequest();
  if (!current) return;
  current.operation = names;
  current.calls = { left: callsMax };
  current.changes = kind === OperationTypeNode.MUTATION;
}
