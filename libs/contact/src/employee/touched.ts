import type { DepartmentId } from '#contract';
import { showing } from '../showing.js';
import type { EmployeeChanges } from './employee-changes.model.js';
import type { Employee } from './employee.model.js';

type Known = Pick<Employee, 'userId' | 'unionId'>;

/** What tells of a person: their record, their membership, lists that they are in, what a search finds. */
const ofPerson = ({ userId, unionId }: Known): string[] => [
  ...[showing.employee(userId), showing.searches, showing.profiles],
  ...(unionId === null ? [] : [showing.person(unionId)]),
];

/** What somebody's coming or going makes untrue: who is in these departments, and how many are in them and above. */
export const touchedByMove = (departments: readonly DepartmentId[], person?: Known): string[] => [
  ...(person ? ofPerson(person) : [showing.searches]),
  ...[showing.counts, ...departments.map(showing.members)],
];

/** What a change of an employee makes untrue. */
export function touchedBy(before: Employee, changes: EmployeeChanges): string[] {
  const moved = changes.deptIdList ? touchedByMove(changes.deptIdList) : [];
  // Members are told in an order that follows from their names and places.
  return [...ofPerson(before), ...before.deptIdList.map(showing.members), ...moved];
}
