import { Float, Int } from '@nestjs/graphql';
import { type FieldOptions, field } from './field.js';
import type { Rule } from './rule.js';
import { isPlainText, lengthOf } from './text.js';

export interface TextOptions extends FieldOptions {
  readonly min?: number;
  /** In characters, as DingTalk counts them: Unicode code points. */
  readonly max: number;
  readonly pattern?: RegExp;
  /** The pattern in words: `must be …`, `must not hold …`. */
  readonly rule?: string;
  readonly format?: string;
}

function textRule({ min = 0, max, pattern, rule }: TextOptions): Rule {
  const size = min > 0 ? `must be ${min} to ${max} characters` : `must be at most ${max} characters`;
  return (value) => {
    if (typeof value !== 'string') return 'must be a string';
    if (!isPlainText(value)) return 'must not hold control characters or broken Unicode';
    if (lengthOf(value) < min || lengthOf(value) > max) return size;
    return pattern && !pattern.test(value) ? (rule ?? `must match ${pattern.source}`) : undefined;
  };
}

/** A string with its bounds. */
export function Text(description: string, options: TextOptions): PropertyDecorator {
  const { min, max, pattern, format } = options;
  return field(description, options, {
    type: () => String,
    schema: {
      type: String,
      ...(min !== undefined && { minLength: min }),
      maxLength: max,
      ...(pattern && { pattern: pattern.source }),
      ...(format && { format }),
    },
    rule: textRule(options),
  });
}

/** True or false, never a string or a number. */
export function Flag(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(description, options, {
    type: () => Boolean,
    schema: { type: Boolean },
    rule: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'),
  });
}

export interface WholeOptions extends FieldOptions {
  readonly min: number;
  readonly max: number;
}

const INT32_MAX = 2 ** 31 - 1;

/** A whole number in a range; GraphQL calls it Int up to 32 bits and Float beyond. */
export function Whole(description: string, options: WholeOptions): PropertyDecorator {
  const { min, max } = options;
  const isRight = (value: unknown): boolean =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
  return field(description, options, {
    type: () => (max <= INT32_MAX ? Int : Float),
    schema: { type: 'integer', format: max <= INT32_MAX ? 'int32' : 'int64', minimum: min, maximum: max },
    rule: (value) => (isRight(value) ? undefined : `must be a whole number from ${min} to ${max}`),
  });
}
