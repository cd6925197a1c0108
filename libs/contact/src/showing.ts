import type { DepartmentId, UserId } from '#contract';

/** What answers show: the tags under which reads are remembered, and forgotten when one of these changes. */
export const showing = {
  department: (id: DepartmentId) => `department:${id}`,
  /** Which departments lie right below it. */
  children: (id: DepartmentId) => `children:${id}`,
  /** Who lies above it. */
  path: (id: DepartmentId) => `path:${id}`,
  /** How many people there are in departments and below. */
  counts: 'counts',
  /** Who is right in the department, in which order. */
  members: (id: DepartmentId) => `members:${id}`,
  employee: (userId: UserId) => `employee:${userId}`,
  searches: 'searches',
  profiles: 'profiles',
};
