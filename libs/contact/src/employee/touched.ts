import type { DepartmentId } from '#contract';
import type { Reads } from '#dingtalk';
import { countsAt } from '../department/touched.js';
import { showing } from '../showing.js';
import type { EmployeeChanges } from './employee-changes.model.js';
import type { Employee } from './employee.model.js';

/** What somebody's coming or going makes untrue: who is in these departments, and how many are in them and above. */
export const touchedIn = (departments: readonly DepartmentId[], reads: Reads): string[] => [
  showing.searches,
  ...departments.map(showing.members),
  ...countsAt(reads, departments),
];

/** What a change of an employee makes untrue. */
export function touchedBy({ userId, deptIdList }: Employee, changes: EmployeeChanges, reads: Reads): string[] {
  const moves = changes.deptIdList ? touchedIn([...deptIdList, ...changes.deptIdList], reads) : [];
  // Members are told in an order that follows from their names and places.
  return [showing.employee(userId), showing.searches, ...deptIdList.map(showing.members), ...moves];
}
