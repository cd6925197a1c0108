import type { DepartmentId, UnionId, UserId } from '#contract';
import { UNKNOWN_AUTH_CODE, endpoint } from '#dingtalk';
import { NO_SUCH_DEPARTMENT } from '../department/department.endpoints.js';
import type { Slice } from '../paging.js';
import { showing } from '../showing.js';
import type { ListedEmployee } from './employee.model.js';
import { readEmployee, readMember } from './employee.reading.js';

export const NO_SUCH_EMPLOYEE = {
  failure: 'NOT_FOUND',
  message: 'There is no such employee in the organisation.',
} as const;

const refusals = { '60121': NO_SUCH_EMPLOYEE, '33012': NO_SUCH_EMPLOYEE };

export interface Membership {
  readonly userId: UserId;
  readonly external: boolean;
}

/** Document: query-a-user-by-the-union-id. An external contact is told from a member by `contact_type`. */
export const getMembership = endpoint({
  name: 'employee.membership',
  api: 'oapi',
  route: 'POST /topapi/user/getbyunionid',
  bearer: 'app',
  permission: 'qyapi_get_member',
  effect: 'read',
  refusals,
  write: ({ unionId }: { unionId: UnionId }) => ({ body: { unionid: unionId } }),
  read: (answer): Membership => ({
    userId: answer.must('text', 'userid'),
    external: answer.whole('contact_type') === 1,
  }),
  shows: ({ userId }, { unionId }) => [showing.employee(userId), showing.person(unionId)],
});

const UNKNOWN_CODE = { failure: 'UNAUTHENTICATED', message: UNKNOWN_AUTH_CODE } as const;

/** Document of topapi/v2/user/getuserinfo. For the code that a page inside DingTalk was given. */
export const identifyInApp = endpoint({
  name: 'employee.identify-in-app',
  api: 'oapi',
  route: 'POST /topapi/v2/user/getuserinfo',
  bearer: 'app',
  effect: 'read',
  refusals: { '40078': UNKNOWN_CODE, '40102': UNKNOWN_CODE, '42008': UNKNOWN_CODE },
  write: ({ authCode }: { authCode: string }) => ({ body: { code: authCode } }),
  read: (answer): { unionId: UnionId } => ({ unionId: answer.must('text', 'unionid') }),
});

/** Document: query-user-details. */
export const getEmployee = endpoint({
  name: 'employee.get',
  api: 'oapi',
  route: 'POST /topapi/v2/user/get',
  bearer: 'app',
  permission: 'qyapi_get_member',
  effect: 'read',
  refusals,
  write: ({ userId }: { userId: UserId }) => ({ body: { userid: userId } }),
  read: readEmployee,
  shows: ({ userId }) => [showing.employee(userId)],
});

interface MembersInput {
  readonly deptId: DepartmentId;
  readonly start: number;
  readonly size: number;
}

/** Document: queries-the-complete-information-of-a-department-user. Those right in the department, a page of them. */
export const listMembers = endpoint({
  name: 'employee.members',
  api: 'oapi',
  route: 'POST /topapi/v2/user/list',
  bearer: 'app',
  permission: 'qyapi_get_department_member',
  effect: 'read',
  refusals: { '60003': NO_SUCH_DEPARTMENT, '40009': NO_SUCH_DEPARTMENT },
  write: ({ deptId, start, size }: MembersInput) => ({ body: { dept_id: Number(deptId), cursor: start, size } }),
  read: (answer, { deptId }): Slice<ListedEmployee> => ({
    items: (answer.parts('list') ?? []).map((member) => readMember(member, deptId)),
    next: answer.flag('has_more') ? Number(answer.must('id', 'next_cursor')) : null,
  }),
  shows: ({ items }, { deptId }) => [showing.members(deptId), ...items.map(({ userId }) => showing.employee(userId))],
});

interface SearchInput {
  readonly query: string;
  readonly start: number;
  readonly size: number;
}

/** Document: address-book-search-user-id. Its `offset` counts pages, and it tells userIds only. */
export const searchUserIds = endpoint({
  name: 'employee.search',
  api: 'v1',
  route: 'POST /v1.0/contact/users/search',
  bearer: 'app',
  permission: 'qyapi_addresslist_search',
  effect: 'read',
  refusals: {
    'parameter.error': { failure: 'REJECTED', field: 'query', message: 'DingTalk does not search for this.' },
  },
  write: ({ query, start, size }: SearchInput) => ({ body: { queryWord: query, offset: start / size, size } }),
  read: (answer, { start, size }): Slice<UserId> => ({
    items: answer.texts('list'),
    next: answer.flag('hasMore') ? start + size : null,
  }),
  shows: () => [showing.searches],
});
