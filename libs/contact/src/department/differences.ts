import { isDeepStrictEqual } from 'node:util';
import type { AuditRecord } from '#audit';
import { isObject } from '#contract';
import type { DepartmentChanges, FieldChange } from './department-changes.model.js';
import type { Department } from './department.model.js';

type Changed = Partial<Department>;

/** The changes as values of the department: what was left out is absent, and cleared managers are an empty list. */
function asked(changes: DepartmentChanges): Changed {
  const { forceUpdateFields, ...values } = changes;
  const all = forceUpdateFields ? { ...values, deptManagerUserIdList: [] } : values;
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const plain = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

/** A scene configuration is told in part: what is left out stays. */
const merged = (before: unknown, after: unknown): unknown =>
  isObject(before) && isObject(after) ? { ...before, ...after } : after;

/** Ids in a list have no order. */
const comparable = (value: unknown): unknown =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? [...value].sort() : value;

/**
 * Field by field, what the department would be that it is not. A field that DingTalk does not tell, as `language`, always differs.
 */
export function differences(department: Department, changes: DepartmentChanges): FieldChange[] {
  return Object.entries(asked(changes))
    .map(([field, value]) => {
      const before = plain(department[field as keyof Department]);
      const after = plain(value);
      return { field, before, after: field.endsWith('SceneConfig') ? merged(before, after) : after };
    })
    .filter(({ before, after }) => !isDeepStrictEqual(comparable(before), comparable(after)));
}

/** What a change of which there is a record changed, as far as that is kept. */
export const changesOf = ({ changes }: AuditRecord): FieldChange[] =>
  changes.map(({ field, before = null, after = null }) => ({ field, before, after }));

/** The department with the changes made, for when DingTalk cannot be asked again. */
export const withChanges = (department: Department, changes: DepartmentChanges): Department => {
  const known = differences(department, changes).filter(({ field }) => field in department);
  return { ...department, ...Object.fromEntries(known.map(({ field, after }) => [field, after])) };
};
