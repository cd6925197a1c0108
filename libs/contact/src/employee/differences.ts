import { isDeepStrictEqual } from 'node:util';
import { isObject } from '#contract';
import { type EmployeeChanges, ExtAttrsUpdateMode } from './employee-changes.model.js';
import type { Employee } from './employee.model.js';

type Asked = Omit<EmployeeChanges, 'language' | 'extAttrsUpdateMode' | 'forceUpdateFields'>;

/** The changes as values of the employee: what was left out is absent, a cleared manager is null. */
function asked({ extAttrsUpdateMode, forceUpdateFields, language: _, ...values }: EmployeeChanges, before?: Employee) {
  const appends = extAttrsUpdateMode === ExtAttrsUpdateMode.APPEND && values.extension;
  const all: Record<string, unknown> = {
    ...values,
    ...(forceUpdateFields && { managerUserId: null }),
    ...(appends && { extension: { ...before?.extension, ...values.extension } }),
  };
  return Object.entries(all).filter(([, value]) => value !== undefined) as [keyof Asked, unknown][];
}

/** What is asked of a list, of ids in any order or of objects, may be a part of it. */
function holds(told: unknown, value: unknown): boolean {
  if (!Array.isArray(value)) return isDeepStrictEqual(told, value);
  if (!Array.isArray(told)) return false;
  const isHeld = (item: unknown) => told.some((other) => isDeepStrictEqual({ ...other, ...(item as object) }, other));
  if (value.every(isObject)) return value.every(isHeld);
  return isDeepStrictEqual([...(told as unknown[])].sort(), [...(value as unknown[])].sort());
}

/** Whether the employee is as the changes want them. False also where DingTalk does not tell it, as of `loginEmail`. */
export const isAsAsked = (employee: Employee, changes: EmployeeChanges, before?: Employee): boolean =>
  asked(changes, before).every(([field, value]) => holds(employee[field as keyof Employee], plain(value)));

/** Field by field, what the employee would be that they are not, as far as DingTalk tells it. */
export const differences = (before: Employee, changes: EmployeeChanges) =>
  asked(changes, before)
    .map(([field, value]) => ({ field, before: plain(before[field as keyof Employee] ?? null), after: plain(value) }))
    .filter((change) => !holds(change.before, change.after));

/** Inputs are instances of their classes; what DingTalk tells is not. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

/** The employee with the changes made, for when DingTalk cannot be asked again. */
export const withChanges = (employee: Employee, changes: EmployeeChanges): Employee => ({
  ...employee,
  ...Object.fromEntries(asked(changes, employee).filter(([field]) => field in employee)),
});
