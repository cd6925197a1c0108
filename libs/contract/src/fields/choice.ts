import { ArrayUnique, IsIn } from 'class-validator';
import { type FieldOptions, field } from './field.js';
import { listChecks } from './scalars.js';

type Enum = Record<string, string>;

export interface ChoiceOptions extends FieldOptions {
  readonly of: Enum;
}

const oneOf = (of: Enum, each = false): PropertyDecorator =>
  IsIn(Object.values(of), { each, message: `must be one of ${Object.values(of).join(', ')}` });

/** One of a fixed set of words. */
export function Choice(description: string, options: ChoiceOptions): PropertyDecorator {
  const { of } = options;
  return field(description, options, {
    type: () => of,
    schema: { type: 'string', enum: Object.values(of) },
    checks: [oneOf(of)],
  });
}

/** A list of different words of a fixed set. */
export function Choices(description: string, options: ChoiceOptions & { minItems?: number }): PropertyDecorator {
  const { of, minItems = 0 } = options;
  const maxItems = Object.keys(of).length;
  return field(description, options, {
    type: () => [of],
    schema: { type: 'array', items: { type: 'string', enum: Object.values(of) }, minItems, maxItems },
    checks: [
      oneOf(of, true),
      ArrayUnique({ message: 'must not name a word twice' }),
      ...listChecks({ minItems, maxItems }),
    ],
  });
}
