import { showing } from '../showing.js';
import type { DepartmentChanges } from './department-changes.model.js';
import type { Department } from './department.model.js';

/** What a change of a department makes untrue. */
export function touchedBy(before: Department, changes: DepartmentChanges): string[] {
  const { id, parentId } = before;
  const tags = [showing.department(id)];
  if (changes.parentId !== undefined) {
    const parents = [parentId, changes.parentId].map((parent) => showing.children(parent ?? ''));
    tags.push(showing.path(id), showing.counts, ...parents);
  }
  if (changes.deptManagerUserIdList ?? changes.forceUpdateFields) {
    // Who manages is told with the people too.
    const managers = [...before.deptManagerUserIdList, ...(changes.deptManagerUserIdList ?? [])];
    tags.push(showing.members(id), ...managers.map(showing.employee));
  }
  return tags;
}
