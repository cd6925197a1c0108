import {
  type FieldNode,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  type ValueNode,
  GraphQLBoolean,
  GraphQLID,
  GraphQLString,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type Document, fieldsOf } from '../edge/selections.js';

type Arguments = Record<string, unknown>;
type Field = GraphQLField<unknown, unknown, Arguments>;

/** How a value becomes a part of the answer: its type, looked at once. */
export type Shape =
  | { readonly is: 'required'; readonly of: Shape }
  | { readonly is: 'list'; readonly of: Shape }
  | { readonly is: 'leaf'; readonly type: GraphQLLeafType }
  | { readonly is: 'object'; readonly type: GraphQLObjectType; readonly fields: readonly FieldPlan[] };

/** One field of an answer, and all about it that is known before anybody asks. */
export interface FieldPlan {
  /** As the answer calls it. */
  readonly name: string;
  readonly field: Field;
  readonly parent: GraphQLObjectType;
  readonly nodes: readonly FieldNode[];
  readonly shape: Shape;
  /** Whether it is told as it stands in the record. */
  readonly isPlain: boolean;
  /** Values that are told as they are. */
  readonly asIs?: 'string' | 'boolean';
  /** Undefined where variables stand in them. */
  readonly args?: Readonly<Arguments>;
  /** What resolvers are told of the field; path and variables differ from time to time. */
  readonly info: GraphQLResolveInfo;
}

const AS_IS = new Map<unknown, FieldPlan['asIs']>([
  [GraphQLID, 'string'],
  [GraphQLString, 'string'],
  [GraphQLBoolean, 'boolean'],
]);

/** Stand for the path and the variables of a run, so that a copy has their places. */
const NO_RUN = { path: { prev: undefined, key: '', typename: undefined }, variableValues: {} };

/** Fragments that lead to further ones unfold to far more than their text: what holds more than this gets no plan. */
const MAX_FIELDS = 1000;

/** Of what no plan is made: `__schema` and `__type`, interfaces and unions, and the one name that is none in JavaScript. */
class Unfit extends Error {}

/** Makes the plan of a valid query without directives. */
export class Planner {
  private readonly fragments: GraphQLResolveInfo['fragments'];
  private fields = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly operation: OperationDefinitionNode,
    private readonly document: Document,
  ) {
    this.fragments = Object.fromEntries(document.fragments);
  }

  /** How many fields the plan has. */
  get size(): number {
    return this.fields;
  }

  /** @returns undefined where it holds what has no plan. */
  plan(root: GraphQLObjectType): FieldPlan[] | undefined {
    try {
      return this.fieldsOf(root, [this.operation.selectionSet]);
    } catch (error) {
      if (error instanceof Unfit) return undefined;
      throw error;
    }
  }

  private fieldsOf(parent: GraphQLObjectType, sets: readonly SelectionSetNode[]): FieldPlan[] {
    return [...fieldsOf(sets, this.document)].map(([name, nodes]) => this.fieldOf(name, parent, nodes));
  }

  private fieldOf(name: string, parent: GraphQLObjectType, nodes: readonly FieldNode[]): FieldPlan {
    const [node] = nodes as [FieldNode];
    const field: Field | undefined =
      node.name.value === '__typename'
        ? TypeNameMetaFieldDef
        : (parent.getFields()[node.name.value] as Field | undefined);
    this.fields += 1;
    if (!field || name === '__proto__' || this.fields > MAX_FIELDS) throw new Unfit();
    const { schema, operation, fragments } = this;
    const isConstant = (node.arguments ?? []).every(({ value }) => !holdsVariable(value));
    return {
      ...{ name, field, parent, nodes, shape: this.shapeOf(field.type, nodes) },
      isPlain: !field.resolve && field.args.length === 0 && isLeafType(getNullableType(field.type)),
      asIs: AS_IS.get(getNamedType(field.type)),
      ...(isConstant && { args: getArgumentValues(field, node) }),
      info: {
        ...{ fieldName: field.name, fieldNodes: nodes, returnType: field.type, parentType: parent },
        ...{ schema, fragments, rootValue: undefined, operation },
        ...NO_RUN,
      },
    };
  }

  private shapeOf(type: GraphQLOutputType, nodes: readonly FieldNode[]): Shape {
    if (isNonNullType(type)) return { is: 'required', of: this.shapeOf(type.ofType, nodes) };
    if (isListType(type)) return { is: 'list', of: this.shapeOf(type.ofType, nodes) };
    if (isLeafType(type)) return { is: 'leaf', type };
    if (!isObjectType(type)) throw new Unfit();
    return {
      is: 'object',
      type,
      fields: this.fieldsOf(
        type,
        nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      ),
    };
  }
}

function holdsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(holdsVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => holdsVariable(field.value));
}

/** Whether it shows without variables how many calls at DingTalk the fields need. */
export const isCostKnown = (fields: readonly FieldPlan[]): boolean =>
  fields.every(
    ({ field, args, shape }) =>
      (typeof field.extensions['calls'] !== 'function' || args !== undefined) && isCostKnown(fieldsIn(shape)),
  );

function fieldsIn(shape: Shape): readonly FieldPlan[] {
  if (shape.is === 'leaf') return [];
  return shape.is === 'object' ? shape.fields : fieldsIn(shape.of);
}
