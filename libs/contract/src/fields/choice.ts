import { type FieldOptions, field } from './field.js';
import { type Rule, listOf } from './rule.js';

type Enum = Record<string, string>;

export interface ChoiceOptions extends FieldOptions {
  readonly of: Enum;
}

const oneOf = (of: Enum): Rule => {
  const words = Object.values(of);
  return (value) => (words.some((word) => word === value) ? undefined : `must be one of ${words.join(', ')}`);
};

/** One of a fixed set of words. */
export function Choice(description: string, options: ChoiceOptions): PropertyDecorator {
  const { of } = options;
  return field(description, options, {
    type: () => of,
    schema: { type: 'string', enum: Object.values(of) },
    rule: oneOf(of),
  });
}

const unlikeEachOther = (value: unknown): string | undefined =>
  Array.isArray(value) && new Set(value).size < value.length ? 'must not name a word twice' : undefined;

/** A list of different words of a fixed set. */
export function Choices(description: string, options: ChoiceOptions & { minItems?: number }): PropertyDecorator {
  const { of, minItems = 0 } = options;
  const words = Object.values(of);
  const list = listOf(oneOf(of), { minItems, maxItems: words.length });
  return field(description, options, {
    type: () => [of],
    schema: { type: 'array', items: { type: 'string', enum: words }, minItems, maxItems: words.length },
    rule: (value) => unlikeEachOther(value) ?? list(value),
  });
}
