import type { DepartmentId, UnionId, UserId } from '#contract';

/** What answers show: the tags under which reads are remembered, and forgotten when one of these changes. */
export const showing = {
  department: (id: DepartmentId) => `department:${id}`,
  /** Which departments lie right below it. */
  children: (id: DepartmentId) => `children:${id}`,
  /** Who lies above it. */
  path: (id: DepartmentId) => `path:${id}`,
  /** How many people there are, in any department and below: who comes or goes changes it up to the root. */
  counts: 'counts',
  /** Who is right in the department, in which order. */
  members: (id: DepartmentId) => `members:${id}`,
  employee: (userId: UserId) => `employee:${userId}`,
  /** Whether a person belongs to the organisation, and as whom. */
  person: (unionId: UnionId) => `person:${unionId}`,
  searches: 'searches',
  /** What DingTalk tells of people with their own tokens. */
  profiles: 'profiles',
};
