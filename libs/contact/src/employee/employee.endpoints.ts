import type { UnionId, UserId } from '#contract';
import { UNKNOWN_AUTH_CODE, endpoint } from '#dingtalk';

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

export interface EmployeeRecord {
  readonly userId: UserId;
  readonly name: string;
  readonly admin: boolean;
  readonly avatar: string | null;
  readonly mobile: string | null;
  readonly email: string | null;
  readonly stateCode: string | null;
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
    avatar: answer.text('avatar'),
    mobile: answer.text('mobile'),
    email: answer.text('email'),
    stateCode: answer.text('state_code'),
  }),
});
