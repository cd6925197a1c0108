import type { Type } from '@nestjs/common';
import { type ValidationArguments, ValidationTypes, getMetadataStorage } from 'class-validator';

type Check = (value: unknown, input: object) => boolean;
type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

const { CONDITIONAL_VALIDATION, CUSTOM_VALIDATION, NESTED_VALIDATION } = ValidationTypes;

const known = new Map<unknown, (input: object) => boolean>();

/**
 * Whether class-validator would find nothing wrong with an instance of an input's class: its own rules, as plain checks that
 * are made once for each class. What is wrong it tells itself; of a rule that is none of ours, as one that takes time, it
 * is always asked.
 */
export function isRight(input: object): boolean {
  const Class = input.constructor as Type;
  let check = known.get(Class);
  if (!check) {
    check = checkOf(Class);
    known.set(Class, check);
  }
  return check(input);
}

function checkOf(Class: Type): (input: object) => boolean {
  const rules = getMetadataStorage().getTargetValidationMetadatas(Class, '', false, false);
  const checks = new Map(
    [...new Set(rules.map(({ propertyName }) => propertyName))].map((name) => [
      name,
      checkOfProperty(rules.filter(({ propertyName }) => propertyName === name)),
    ]),
  );
  return (input) => {
    for (const name of Object.keys(input)) if (!checks.has(name)) return false;
    for (const [name, check] of checks) if (!check((input as Record<string, unknown>)[name], input)) return false;
    return checks.size > 0;
  };
}

function checkOfProperty(rules: readonly Rule[]): Check {
  const of = (type: string) => rules.filter((rule) => rule.type === type);
  const conditions = of(CONDITIONAL_VALIDATION).map(
    ({ constraints }) => constraints[0] as (...told: unknown[]) => boolean,
  );
  const [custom, nested] = [of(CUSTOM_VALIDATION), of(NESTED_VALIDATION)];
  const own = custom.flatMap(customChecks);
  const isOurs = rules.length === conditions.length + custom.length + nested.length;
  if (!isOurs || nested.length > 1) return () => false;
  return (value, input) => {
    for (const isMeant of conditions) if (!isMeant(input, value)) return true;
    for (const check of own) if (!check(value, input)) return false;
    return nested.length === 0 || areRight(value);
  };
}

function customChecks({ constraintCls, constraints, propertyName, each, validateIf }: Rule): Check[] {
  if (each || validateIf) return [() => false];
  return getMetadataStorage()
    .getTargetValidatorConstraints(constraintCls)
    .map(({ instance, async: takesTime }): Check => {
      if (takesTime) return () => false;
      return (value, object) => {
        const told: ValidationArguments = { value, object, property: propertyName, targetName: '', constraints };
        return instance.validate(value, told) === true;
      };
    });
}

/** What holds another shape, or a list of them. */
function areRight(value: unknown): boolean {
  if (value === undefined) return true;
  if (Array.isArray(value))
    return value.every((item) => typeof item === 'object' && item !== null && isRight(item as object));
  return typeof value === 'object' && value !== null && isRight(value);
}
