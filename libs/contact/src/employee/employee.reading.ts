import type { DepartmentId } from '#contract';
import type { Reading } from '#dingtalk';
import type { UnionEmployee } from './employee-parts.model.js';
import { type Employee, type ListedEmployee, NOT_IN_LISTS } from './employee.model.js';

const UNTOLD: ReadonlySet<string> = new Set(NOT_IN_LISTS);

const union = (part: Reading): UnionEmployee => ({ userId: part.text('userid'), corpId: part.text('corp_id') });

const unionExt = (part: Reading | null): Employee['unionEmpExt'] =>
  part && { ...union(part), unionEmpMapList: part.parts('union_emp_map_list')?.map(union) ?? null };

type ListsOfDepartments = Pick<Employee, 'deptOrderList' | 'deptPositionList' | 'leaderInDept' | 'roleList'>;

const lists = (answer: Reading): ListsOfDepartments => ({
  deptOrderList:
    answer
      .parts('dept_order_list')
      ?.map((part) => ({ deptId: part.must('id', 'dept_id'), order: part.rank('order') })) ?? null,
  deptPositionList:
    answer.parts('dept_position_list')?.map((part) => ({
      deptId: part.must('id', 'dept_id'),
      title: part.text('title'),
      workPlace: part.text('work_place'),
      isMain: part.flag('is_main'),
    })) ?? null,
  leaderInDept:
    answer
      .parts('leader_in_dept')
      ?.map((part) => ({ deptId: part.must('id', 'dept_id'), leader: part.flag('leader') })) ?? null,
  roleList:
    answer.parts('role_list')?.map((part) => ({
      id: part.must('text', 'id'),
      name: part.text('name'),
      groupName: part.text('group_name'),
    })) ?? null,
});

/** Document: query-user-details, its table of the answer. */
export const readEmployee = (answer: Reading): Employee => ({
  userId: answer.must('text', 'userid'),
  unionId: answer.text('unionid'),
  name: answer.must('text', 'name'),
  avatar: answer.text('avatar'),
  stateCode: answer.text('state_code'),
  managerUserId: answer.text('manager_userid') || null,
  mobile: answer.text('mobile'),
  hideMobile: answer.flag('hide_mobile'),
  telephone: answer.text('telephone'),
  jobNumber: answer.text('job_number'),
  title: answer.text('title'),
  email: answer.text('email'),
  workPlace: answer.text('work_place'),
  remark: answer.text('remark'),
  exclusiveAccount: answer.flag('exclusive_account'),
  exclusiveAccountType: answer.text('exclusive_account_type'),
  loginId: answer.text('login_id'),
  orgEmail: answer.text('org_email'),
  orgEmailType: answer.text('org_email_type'),
  deptIdList: answer.ids('dept_id_list'),
  ...lists(answer),
  extension: answer.json('extension'),
  extensionI18n: answer.json('extension_i18n'),
  hiredDate: answer.whole('hired_date'),
  active: answer.flag('active'),
  realAuthed: answer.flag('real_authed'),
  senior: answer.flag('senior'),
  admin: answer.flag('admin'),
  boss: answer.flag('boss'),
  unionEmpExt: unionExt(answer.part('union_emp_ext')),
});

/**
 * A member as the list of a department tells them. Rank and place it tells of this department alone: of who is in no
 * other, that is all there is.
 */
export function readMember(answer: Reading, deptId: DepartmentId): ListedEmployee {
  const employee = readEmployee(answer);
  if (employee.deptIdList.length === 1 && employee.deptIdList[0] === deptId) {
    employee.leaderInDept ??= [{ deptId, leader: answer.flag('leader') }];
    employee.deptOrderList ??= [{ deptId, order: answer.rank('dept_order') }];
  }
  const told = Object.entries(employee).filter(([field, value]) => value !== null || !UNTOLD.has(field));
  return Object.fromEntries(told) as unknown as ListedEmployee;
}
