import type { DepartmentId } from '#contract';
import { type Reading, type Refusals, endpoint } from '#dingtalk';
import { showing } from '../showing.js';
import type { Department, ListedDepartment } from './department.model.js';
import type { SceneConfig } from './scene-config.model.js';

export const NO_SUCH_DEPARTMENT = { failure: 'NOT_FOUND', message: 'There is no such department.' } as const;

const refusals: Refusals = { '60003': NO_SUCH_DEPARTMENT, '40009': NO_SUCH_DEPARTMENT };

const permission = 'qyapi_get_department_list';

const flagsOf = (part: Reading | null): SceneConfig | null =>
  part && {
    active: part.flag('active'),
    profile: part.flag('profile'),
    search: part.flag('search'),
    nodeList: part.flag('node_list'),
    chatboxSubtitle: part.flag('chatbox_subtitle'),
  };

// The document's table says corpId and deptId, its example corp_id and dept_id.
const unionOf = (part: Reading | null): Department['unionDeptExt'] =>
  part && {
    corpId: part.text('corp_id') ?? part.text('corpId'),
    deptId: part.id('dept_id') ?? part.id('deptId'),
  };

/** The root has none, which may be told as 0. */
const parentOf = (answer: Reading): DepartmentId | null => {
  const id = answer.id('parent_id');
  return id === '0' ? null : id;
};

/** Document: query-department-details0-v2. */
export const getDepartment = endpoint({
  name: 'department.get',
  api: 'oapi',
  route: 'POST /topapi/v2/department/get',
  bearer: 'app',
  permission,
  effect: 'read',
  refusals,
  write: ({ id }: { id: DepartmentId }) => ({ body: { dept_id: Number(id) } }),
  read: (answer): Department => ({
    id: answer.must('id', 'dept_id'),
    name: answer.must('text', 'name'),
    parentId: parentOf(answer),
    sourceIdentifier: answer.text('source_identifier'),
    createDeptGroup: answer.flag('create_dept_group'),
    autoAddUser: answer.flag('auto_add_user'),
    autoApproveApply: answer.flag('auto_approve_apply'),
    tags: answer.text('tags'),
    fromUnionOrg: answer.flag('from_union_org'),
    order: answer.rank('order'),
    deptGroupChatId: answer.text('dept_group_chat_id'),
    groupContainSubDept: answer.flag('group_contain_sub_dept'),
    orgDeptOwner: answer.text('org_dept_owner'),
    deptManagerUserIdList: answer.texts('dept_manager_userid_list'),
    outerDept: answer.flag('outer_dept'),
    outerDeptOnlySelf: answer.flag('outer_dept_only_self'),
    outerPermitDepts: answer.ids('outer_permit_depts'),
    outerPermitUsers: answer.texts('outer_permit_users'),
    hideDept: answer.flag('hide_dept'),
    userPermits: answer.texts('user_permits'),
    deptPermits: answer.ids('dept_permits'),
    code: answer.text('code'),
    brief: answer.text('brief'),
    telephone: answer.text('telephone'),
    // DingTalk spells it so here, and `extension` on the way in.
    extension: answer.json('extention'),
    memberCount: answer.count('member_count'),
    owningMemberCount: answer.count('owning_member_count'),
    unionDeptExt: unionOf(answer.part('union_dept_ext')),
    hideSceneConfig: flagsOf(answer.part('hide_scene_config')),
    outerSceneConfig: flagsOf(answer.part('outer_scene_config')),
  }),
  shows: ({ id }) => [showing.department(id), showing.counts],
});

/** Without what DingTalk does not tell: that is not the same as having none. */
const told = <Fields extends object>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Partial<Fields>;

const listed = (answer: Reading): ListedDepartment => ({
  id: answer.must('id', 'dept_id'),
  name: answer.must('text', 'name'),
  parentId: parentOf(answer),
  createDeptGroup: answer.flag('create_dept_group'),
  autoAddUser: answer.flag('auto_add_user'),
  ...told({
    sourceIdentifier: answer.text('source_identifier'),
    tags: answer.text('tags'),
    fromUnionOrg: answer.flag('from_union_org'),
    extension: answer.json('ext'),
  }),
});

/** Document: user-management-acquires-the-list-departments. One level down, a few fields of each. */
export const listChildren = endpoint({
  name: 'department.children',
  api: 'oapi',
  route: 'POST /topapi/v2/department/listsub',
  bearer: 'app',
  permission,
  effect: 'read',
  refusals,
  write: ({ id }: { id: DepartmentId }) => ({ body: { dept_id: Number(id) } }),
  read: (answer): ListedDepartment[] => answer.items().map(listed),
  shows: (children, { id }) => [showing.children(id), ...children.map((child) => showing.department(child.id))],
});

/** Document of topapi/v2/department/listparentbydept: the department itself, then up to the root. */
export const listPath = endpoint({
  name: 'department.path',
  api: 'oapi',
  route: 'POST /topapi/v2/department/listparentbydept',
  bearer: 'app',
  permission,
  effect: 'read',
  refusals,
  write: ({ id }: { id: DepartmentId }) => ({ body: { dept_id: Number(id) } }),
  read: (answer): DepartmentId[] => answer.ids('parent_id_list'),
  shows: (ids, { id }) => [id, ...ids].map(showing.path),
});
