import type { UserId } from '#contract';
import { type Refusals, endpoint } from '#dingtalk';
import { type EmployeeChanges, ExtAttrsUpdateMode } from './employee-changes.model.js';
import { NO_SUCH_EMPLOYEE } from './employee.endpoints.js';
import type { EmployeeFields, NewEmployee } from './new-employee.model.js';

const rejected = (field: string | undefined, message: string) => ({ failure: 'REJECTED', field, message }) as const;

const permission = 'qyapi_manage_addresslist';

/** The person has been asked by DingTalk whether they want to join. */
export const INVITATION_SENT = '40103';

/** Documents: user-information-creation, user-information-update, server-api-error-codes-1. */
const FIELD_REFUSALS: Refusals = {
  '40031': rejected('managerUserId', 'DingTalk does not know this userId.'),
  '60003': rejected('deptIdList', 'One of the departments does not exist.'),
  '40009': rejected('deptIdList', 'DingTalk does not take one of the department ids.'),
  '60102': rejected('userId', 'An employee with this userId is there already.'),
  '60103': rejected('mobile', 'DingTalk does not take this mobile number.'),
  '40104': rejected('mobile', 'DingTalk does not take this mobile number.'),
  '60104': rejected('mobile', 'An employee with this mobile number is there already.'),
  '60107': rejected('mobile', 'Whoever signs in with this mobile number is an employee already.'),
  '40019': rejected('mobile', 'Whoever has this mobile number is in too many organisations already.'),
  '60105': rejected('email', 'DingTalk does not take this mail address.'),
  '60106': rejected('email', 'Another employee has this mail address.'),
  '60112': rejected('name', 'DingTalk refuses the name.'),
  '60119': rejected('title', 'DingTalk refuses the title.'),
  '60122': rejected(
    'extension',
    'DingTalk refuses the extension: its fields have to be set up in the admin console first.',
  ),
  '60123': rejected('jobNumber', 'DingTalk refuses the job number.'),
  [INVITATION_SENT]: rejected(undefined, 'DingTalk has sent an invitation that the person has yet to accept.'),
};

const written = (fields: EmployeeFields & Pick<EmployeeChanges, 'name' | 'deptIdList'>) => ({
  name: fields.name,
  hide_mobile: fields.hideMobile,
  telephone: fields.telephone,
  job_number: fields.jobNumber,
  title: fields.title,
  email: fields.email,
  org_email: fields.orgEmail,
  org_email_type: fields.orgEmailType,
  work_place: fields.workPlace,
  remark: fields.remark,
  // A list of scalars is a comma string at DingTalk, a list of objects a list.
  dept_id_list: fields.deptIdList?.join(','),
  dept_order_list: fields.deptOrderList?.map(({ deptId, order }) => ({ dept_id: Number(deptId), order })),
  dept_title_list: fields.deptTitleList?.map(({ deptId, title }) => ({ dept_id: Number(deptId), title })),
  dept_position_list: fields.deptPositionList?.map(({ deptId, title, workPlace, isMain }) => ({
    dept_id: Number(deptId),
    title,
    work_place: workPlace,
    is_main: isMain,
  })),
  extension: fields.extension,
  extension_i18n: fields.extensionI18n,
  senior_mode: fields.seniorMode,
  hired_date: fields.hiredDate,
  manager_userid: fields.managerUserId,
  login_email: fields.loginEmail,
});

/** Document: user-information-creation. DingTalk writes `unionId` here, and `unionid` everywhere else. */
export const createEmployee = endpoint({
  name: 'employee.create',
  api: 'oapi',
  route: 'POST /topapi/v2/user/create',
  bearer: 'app',
  permission,
  effect: 'write',
  refusals: FIELD_REFUSALS,
  write: ({ employee }: { employee: NewEmployee }) => ({
    body: { userid: employee.userId, mobile: employee.mobile, ...written(employee) },
  }),
  read: (answer) => ({
    userId: answer.must('text', 'userid'),
    unionId: answer.text('unionId') ?? answer.text('unionid'),
  }),
});

const MODES: Readonly<Record<ExtAttrsUpdateMode, number>> = {
  [ExtAttrsUpdateMode.OVERWRITE]: 0,
  [ExtAttrsUpdateMode.APPEND]: 1,
};

/** Document: user-information-update. DingTalk answers nothing but that it is done. */
export const updateEmployee = endpoint({
  name: 'employee.update',
  api: 'oapi',
  route: 'POST /topapi/v2/user/update',
  bearer: 'app',
  permission,
  effect: 'write',
  refusals: {
    ...FIELD_REFUSALS,
    '60121': NO_SUCH_EMPLOYEE,
    '33012': NO_SUCH_EMPLOYEE,
    '40022': rejected('mobile', 'DingTalk does not change the mobile number of an employee.'),
  },
  write: ({ userId, changes }: { userId: UserId; changes: EmployeeChanges }) => ({
    body: {
      userid: userId,
      ...written(changes),
      ext_attrs_update_mode: changes.extAttrsUpdateMode && MODES[changes.extAttrsUpdateMode],
      language: changes.language,
      force_update_fields: changes.forceUpdateFields && 'manager_userid',
    },
  }),
  read: () => undefined,
});

/** Document: delete-a-user. It takes the employee out of attendance and the roster of HR too. */
export const deleteEmployee = endpoint({
  name: 'employee.delete',
  api: 'oapi',
  route: 'POST /topapi/v2/user/delete',
  bearer: 'app',
  permission,
  effect: 'write',
  refusals: { '60121': NO_SUCH_EMPLOYEE, '33012': NO_SUCH_EMPLOYEE },
  write: ({ userId }: { userId: UserId }) => ({ body: { userid: userId } }),
  read: () => undefined,
});
