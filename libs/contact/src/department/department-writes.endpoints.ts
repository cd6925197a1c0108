import type { DepartmentId } from '#contract';
import { type Refusals, endpoint } from '#dingtalk';
import type { DepartmentChanges } from './department-changes.model.js';
import { NO_SUCH_DEPARTMENT } from './department.endpoints.js';
import type { NewDepartment } from './new-department.model.js';
import type { SceneConfigInput } from './scene-config.model.js';

const rejected = (field: string | undefined, message: string) => ({ failure: 'REJECTED', field, message }) as const;

const permission = 'qyapi_manage_addresslist';

/** Document: address-book-update-department, its table of error codes. */
const FIELD_REFUSALS: Refusals = {
  '60001': rejected('name', 'DingTalk refuses the name: 1 to 64 characters without hyphen and comma.'),
  '60009': rejected('name', 'DingTalk refuses the name: it holds characters that are not allowed.'),
  '60021': rejected('name', 'A department of that name is there already.'),
  '60022': rejected('name', 'DingTalk refuses the name: it holds sensitive words.'),
  '60004': rejected('parentId', 'There is no such department to put it under.'),
  '60010': rejected('parentId', 'A department cannot be put under itself or under one of its own.'),
  '60002': rejected('parentId', 'The departments would be nested too deep.'),
  '60109': rejected(undefined, 'DingTalk refuses the list of those who see the department.'),
  '600109': rejected(undefined, 'DingTalk refuses the list of those who see the department.'),
  '40011': rejected('order', 'DingTalk refuses the order.'),
  '40031': rejected(undefined, 'DingTalk does not know all userIds, or a manager is not in the department.'),
  '40093': rejected('orgDeptOwner', 'The owner of the group chat must be in the department.'),
  '60510': rejected(undefined, 'DingTalk could not set who sees the department.'),
};

/** Reads are real arrays at DingTalk, writes are comma strings. An empty list says nothing and is left out. */
const comma = (words: readonly string[] | undefined): string | undefined => words?.join(',') || undefined;

const sceneOf = (config: SceneConfigInput | undefined) =>
  config && {
    active: config.active,
    profile: config.profile,
    search: config.search,
    node_list: config.nodeList,
    chatbox_subtitle: config.chatboxSubtitle,
  };

/** An empty list does not clear at DingTalk: the field's name in `force_update_fields` does. */
const clearsManagers = (changes: Pick<DepartmentChanges, 'forceUpdateFields' | 'deptManagerUserIdList'>): boolean =>
  changes.forceUpdateFields !== undefined || changes.deptManagerUserIdList?.length === 0;

/** Fields of a department as DingTalk takes them; what is undefined is left out. */
const written = (changes: DepartmentChanges) => ({
  parent_id: changes.parentId === undefined ? undefined : Number(changes.parentId),
  outer_dept: changes.outerDept,
  hide_dept: changes.hideDept,
  create_dept_group: changes.createDeptGroup,
  order: changes.order,
  name: changes.name,
  source_identifier: changes.sourceIdentifier,
  dept_permits: comma(changes.deptPermits),
  user_permits: comma(changes.userPermits),
  outer_permit_users: comma(changes.outerPermitUsers),
  outer_permit_depts: comma(changes.outerPermitDepts),
  outer_dept_only_self: changes.outerDeptOnlySelf,
  extension: changes.extension,
  language: changes.language,
  auto_add_user: changes.autoAddUser,
  dept_manager_userid_list: comma(changes.deptManagerUserIdList),
  group_contain_sub_dept: changes.groupContainSubDept,
  group_contain_outer_dept: changes.groupContainOuterDept,
  group_contain_hidden_dept: changes.groupContainHiddenDept,
  org_dept_owner: changes.orgDeptOwner,
  brief: changes.brief,
  telephone: changes.telephone,
  auto_approve_apply: changes.autoApproveApply,
  force_update_fields: clearsManagers(changes) ? 'dept_manager_userid_list' : undefined,
  hide_scene_config: sceneOf(changes.hideSceneConfig),
  outer_scene_config: sceneOf(changes.outerSceneConfig),
  emp_apply_join_dept: changes.empApplyJoinDept,
  code: changes.code,
});

/** Document: seed 003, dingtalk.oapi.v2.department.update. DingTalk answers nothing but that it is done. */
export const updateDepartment = endpoint({
  name: 'department.update',
  api: 'oapi',
  route: 'POST /topapi/v2/department/update',
  bearer: 'app',
  permission,
  effect: 'write',
  refusals: {
    ...FIELD_REFUSALS,
    '60003': NO_SUCH_DEPARTMENT,
    '40009': rejected('id', 'DingTalk does not take this department id.'),
    '60018': rejected('id', 'The root department cannot be changed.'),
  },
  write: ({ id, changes }: { id: DepartmentId; changes: DepartmentChanges }) => ({
    body: { dept_id: Number(id), ...written(changes) },
  }),
  read: () => undefined,
});

const NO_PARENT = rejected('parentId', 'There is no such department to put it under.');

/** Document of topapi/v2/department/create. */
export const createDepartment = endpoint({
  name: 'department.create',
  api: 'oapi',
  route: 'POST /topapi/v2/department/create',
  bearer: 'app',
  permission,
  effect: 'write',
  refusals: { ...FIELD_REFUSALS, '60003': NO_PARENT, '40009': NO_PARENT },
  write: ({ department }: { department: NewDepartment }) => ({ body: written(department) }),
  read: (answer): DepartmentId => answer.must('id', 'dept_id'),
});

/** Document of topapi/v2/department/delete. */
export const deleteDepartment = endpoint({
  name: 'department.delete',
  api: 'oapi',
  route: 'POST /topapi/v2/department/delete',
  bearer: 'app',
  permission,
  effect: 'write',
  refusals: {
    '60003': NO_SUCH_DEPARTMENT,
    '40009': NO_SUCH_DEPARTMENT,
    '60005': rejected('id', 'A department with members cannot be deleted.'),
    '60006': rejected('id', 'A department with departments below it cannot be deleted.'),
    '60007': rejected('id', 'The root department cannot be deleted.'),
  },
  write: ({ id }: { id: DepartmentId }) => ({ body: { dept_id: Number(id) } }),
  read: () => undefined,
});
