import { Float, Int } from '@nestjs/graphql';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsInt, Max, Min, ValidateBy } from 'class-validator';
import { type FieldOptions, field } from './field.js';
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

function textChecks({ min = 0, max, pattern, rule }: TextOptions, each = false): PropertyDecorator {
  const size = min > 0 ? `must be ${min} to ${max} characters` : `must be at most ${max} characters`;
  const fault = (value: unknown): string | undefined => {
    if (typeof value !== 'string') return 'must be a string';
    if (!isPlainText(value)) return 'must not hold control characters or broken Unicode';
    if (lengthOf(value) < min || lengthOf(value) > max) return size;
    return pattern && !pattern.test(value) ? (rule ?? `must match ${pattern.source}`) : undefined;
  };
  return ValidateBy(
    {
      name: 'text',
      validator: {
        validate: (value: unknown) => fault(value) === undefined,
        defaultMessage: (args) => {
          const values: unknown[] = each && Array.isArray(args?.value) ? args.value : [args?.value];
          return values.map(fault).find((found) => found !== undefined) ?? 'is not allowed';
        },
      },
    },
    { each },
  );
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
    checks: [textChecks(options)],
  });
}

interface TextsOptions extends TextOptions {
  readonly minItems?: number;
  readonly maxItems: number;
}

/** The size rule of a list, in words. */
export function listChecks({ minItems = 0, maxItems }: { minItems?: number; maxItems: number }): PropertyDecorator[] {
  return [
    ArrayMaxSize(maxItems, { message: `must hold at most ${maxItems} items` }),
    ...(minItems > 0 ? [ArrayMinSize(minItems, { message: 'must not be empty' })] : []),
    IsArray({ message: 'must be a list' }),
  ];
}

/** A list of strings with bounds for both. */
export function Texts(description: string, options: TextsOptions): PropertyDecorator {
  const { minItems = 0, maxItems, max } = options;
  return field(description, options, {
    type: () => [String],
    schema: { type: 'array', items: { type: 'string', maxLength: max }, minItems, maxItems },
    checks: [textChecks(options, true), ...listChecks(options)],
  });
}

/** True or false, never a string or a number. */
export function Flag(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(description, options, {
    type: () => Boolean,
    schema: { type: Boolean },
    checks: [IsBoolean({ message: 'must be true or false' })],
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
  const rule = { message: `must be a whole number from ${min} to ${max}` };
  return field(description, options, {
    type: () => (max <= INT32_MAX ? Int : Float),
    schema: { type: 'integer', format: max <= INT32_MAX ? 'int32' : 'int64', minimum: min, maximum: max },
    checks: [Min(min, rule), Max(max, rule), IsInt(rule)],
  });
}
