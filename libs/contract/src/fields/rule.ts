import { ValidateBy } from 'class-validator';

/** What is wrong with a value, in words that follow its name and never hold it; undefined where it is right. */
export type Rule = (value: unknown) => string | undefined;

/** A rule as a check of class-validator: one a property, so that the reason told is always the first that holds. */
export function check(rule: Rule): PropertyDecorator {
  const fault: Rule = (value) => (value === undefined ? 'is required' : rule(value));
  return ValidateBy({
    name: 'rule',
    validator: {
      validate: (value: unknown) => fault(value) === undefined,
      defaultMessage: (args) => fault(args?.value) ?? 'is not allowed',
    },
  });
}

export interface ListBounds {
  readonly minItems?: number;
  readonly maxItems: number;
}

/** The rule of a list, from that of its items. */
export const listOf =
  (item: Rule, { minItems = 0, maxItems }: ListBounds): Rule =>
  (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    if (value.length < minItems) return 'must not be empty';
    if (value.length > maxItems) return `must hold at most ${maxItems} items`;
    return value.map(item).find((fault) => fault !== undefined);
  };
