import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { type FieldOptions, field } from './field.js';

const FORM = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/;
const RULE = 'must be a time with its zone, as 2026-11-22T08:00:00Z';
const MAX = 29;

const isTime = (value: unknown): boolean =>
  typeof value === 'string' && FORM.test(value) && !Number.isNaN(Date.parse(value));

function toTime(value: unknown): string {
  if (!isTime(value)) throw new GraphQLError(`A DateTime ${RULE}.`);
  return String(value);
}

/** A string all the way: ISO 8601, in answers in UTC and with milliseconds. */
const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description: 'A time with its zone, as `2026-11-22T08:00:00.000Z`; answers are in UTC.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time',
  serialize: String,
  parseValue: toTime,
  parseLiteral: (node) => toTime(node.kind === Kind.STRING ? node.value : undefined),
});

/** A point in time. */
export function Time(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(
    description,
    { example: '2026-11-22T08:00:00.000Z', ...options },
    {
      type: () => DateTime,
      schema: { type: String, format: 'date-time', maxLength: MAX, pattern: FORM.source },
      rule: (value) => (isTime(value) ? undefined : RULE),
    },
  );
}
