import { Extensions } from '@nestjs/graphql';
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  getArgumentValues,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type Document, fieldsOf } from './selections.js';

type Arguments = Readonly<Record<string, unknown>>;
type Cost = number | ((args: Arguments) => number);
type Field = GraphQLField<unknown, unknown>;

/**
 * How many calls at DingTalk a field makes for certain, if it is asked for of one thing. What depends on data, as whether a
 * department has a parent, counts as none.
 */
export const Calls = (calls: Cost): MethodDecorator & PropertyDecorator => Extensions({ calls });

/** Whether a field asks DingTalk, and does not only show what was read. */
export const asksDingTalk = ({ extensions }: Pick<Field, 'extensions'>): boolean => extensions['calls'] !== undefined;

function costOf(field: Field, node: FieldNode, { variables }: Document): number {
  const calls = field.extensions['calls'] as Cost | undefined;
  if (typeof calls !== 'function') return calls ?? 0;
  try {
    return calls(getArgumentValues(field, node, variables));
  } catch {
    // Arguments that do not fit are told by whoever runs the operation.
    return 0;
  }
}

/** Whether there is one thing below the field, be the data as it may. */
const isOne = (field: Field, cost: number): boolean =>
  !isListType(isNonNullType(field.type) ? field.type.ofType : field.type) && (isNonNullType(field.type) || cost > 0);

/** A look into a document, at so many fields at most: fragments that lead to further ones unfold to far more than their text. */
export interface Look extends Document {
  left: number;
}

/** The calls at DingTalk of which a document itself shows that it needs them. What lists hold nobody knows yet. */
function callsShown(type: GraphQLObjectType, nodes: readonly FieldNode[], look: Look): number {
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  let calls = 0;
  for (const same of fieldsOf(sets, look).values()) calls += callsOfField(type, same, look);
  return calls;
}

export function callsOfField(type: GraphQLObjectType, nodes: readonly FieldNode[], look: Look): number {
  const [node] = nodes;
  const field = node && type.getFields()[node.name.value];
  look.left -= 1;
  if (!field || look.left < 0) return 0;
  const cost = costOf(field, node, look);
  const inner = getNamedType(field.type);
  return cost + (isObjectType(inner) && isOne(field, cost) ? callsShown(inner, nodes, look) : 0);
}
