import { GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { isObject } from '../is-object.js';

/** Bounds of a free JSON object. */
export const MAX_JSON = { characters: 10_000, depth: 8, properties: 200 };

function depthOf(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null || limit === 0) return 0;
  return 1 + Math.max(0, ...Object.values(value).map((inner) => depthOf(inner, limit - 1)));
}

/** `1e400` is JSON, and infinite here: it would be sent as null. */
const isFinite = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value !== 'object' || value === null || Object.values(value).every(isFinite);

export const isSmallJson = (value: unknown): boolean =>
  isObject(value) &&
  Object.keys(value).length <= MAX_JSON.properties &&
  depthOf(value, MAX_JSON.depth + 1) <= MAX_JSON.depth &&
  JSON.stringify(value).length <= MAX_JSON.characters &&
  isFinite(value);

function toObject(value: unknown): object {
  if (!isObject(value)) throw new TypeError('must be a JSON object');
  return value;
}

export const JsonObject = new GraphQLScalarType({
  name: 'JSONObject',
  description: 'A free JSON object.',
  serialize: toObject,
  parseValue: toObject,
  parseLiteral: (node: ValueNode, variables) => {
    if (node.kind !== Kind.OBJECT) throw new TypeError('must be a JSON object');
    return toObject(valueFromASTUntyped(node, variables));
  },
});

/** Any JSON value; outputs only. */
export const JsonValue = new GraphQLScalarType({ name: 'JSON', description: 'Any JSON value.' });
