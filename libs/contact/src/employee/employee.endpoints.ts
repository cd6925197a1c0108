import type { UnionId, UserId } from '#contract';
import { endpoint } from '#dingtalk';

const NO_SUCH_EMPLOYEE = { failure: 'NOT_FOUND', message: 'There is no such employee in the organisation.' } as const;

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
});

export interface EmployeeRecord {
  readonly userId: UserId;
  readonly name: string;
  readonly admin: boolean;
}

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
  read: (answer): EmployeeRecord => ({
    userId: answer.must('text', 'userid'),
    name: answer.must('text', 'name'),
    admin: answer.flag('admin') ?? false,
  }),
});
