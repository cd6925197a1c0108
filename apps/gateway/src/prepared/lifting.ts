import {
  type DocumentNode,
  GraphQLID,
  type GraphQLSchema,
  GraphQLString,
  Kind,
  type StringValueNode,
  TypeInfo,
  getLocation,
  getNullableType,
  Source,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Lifted } from './literals.js';

/** Where a string stands in the text of which a plan was made. */
interface Place {
  readonly start: number;
  readonly length: number;
}

export interface LiftedDocument {
  readonly document: DocumentNode;
  readonly places: readonly Place[];
}

const LIFTED = new Set<unknown>([GraphQLID, GraphQLString]);

/**
 * The document with a variable for each string: `0`, `1`, which nobody else can call theirs.
 * @returns undefined where a string is more than a string: what stands in it may decide whether the document is right.
 */
export function liftIn(schema: GraphQLSchema, document: DocumentNode, { strings }: Lifted): LiftedDocument | undefined {
  const places: Place[] = [];
  let isPlain = true;
  const types = new TypeInfo(schema);
  const lifted = visit(
    document,
    visitWithTypeInfo(types, {
      Directive: () => void (isPlain = false),
      VariableDefinition: (node) => (node.defaultValue ? void (isPlain = false) : false),
      StringValue: (node: StringValueNode) => {
        const type = types.getInputType();
        if (!type || !LIFTED.has(getNullableType(type)) || !node.loc) return void (isPlain = false);
        places.push({ start: node.loc.start, length: node.loc.end - node.loc.start });
        const value = String(strings.indexOf(node.value));
        return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value } };
      },
    }),
  );
  return isPlain && places.length === strings.length ? { document: lifted, places } : undefined;
}

/** Where something of the plan's text stands in one whose strings are others. */
export function locate(text: string, start: number, places: readonly Place[], { strings }: Lifted) {
  let at = start;
  for (const [index, place] of places.entries()) {
    if (place.start < start) at += (strings[index]?.length ?? 0) + 2 - place.length;
  }
  const { line, column } = getLocation(new Source(text), at);
  return { line, column };
}
