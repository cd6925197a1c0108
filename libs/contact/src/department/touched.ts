import type { DepartmentId } from '#contract';
import type { Reads } from '#dingtalk';
import { showing } from '../showing.js';
import type { DepartmentChanges } from './department-changes.model.js';
import { getDepartment } from './department.endpoints.js';
import type { Department } from './department.model.js';

/**
 * What is remembered of the number of people in these departments: it stands with each of them and with all above.
 * Where the way up is not remembered, that of every department is meant.
 */
export function countsAt(reads: Reads, ids: readonly (DepartmentId | null)[]): string[] {
  const tags = new Set<string>();
  for (let id of ids) {
    while (id !== null && !tags.has(showing.department(id))) {
      tags.add(showing.department(id));
      const department: Department | undefined = reads.remembered(getDepartment, { id });
      if (!department) return [showing.counts];
      id = department.parentId;
    }
  }
  return [...tags];
}

/** What a change of a department makes untrue. */
export function touchedBy(before: Department, changes: DepartmentChanges, reads: Reads): string[] {
  const { id, parentId } = before;
  const tags = [showing.department(id)];
  if (changes.parentId !== undefined) {
    const parents = [parentId, changes.parentId];
    tags.push(
      showing.path(id),
      ...parents.map((parent) => showing.children(parent ?? '')),
      ...countsAt(reads, parents),
    );
  }
  if (changes.deptManagerUserIdList ?? changes.forceUpdateFields) {
    // Who manages is told with the people too.
    const managers = [...before.deptManagerUserIdList, ...(changes.deptManagerUserIdList ?? [])];
    tags.push(showing.members(id), ...managers.map(showing.employee));
  }
  return tags;
}
