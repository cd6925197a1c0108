import type { DepartmentId } from '#contract';
import { type Reading, type Refusals, endpoint } from '#dingtalk';
import type { DepartmentChanges } from './department-changes.model.js';
import type { Department } from './department.model.js';
import type { SceneConfig, SceneConfigInput } from './scene-config.model.js';

const notFound = { failure: 'NOT_FOUND', message: 'There is no such department.' } as const;
const rejected = (field: string | undefined, message: string) => ({ failure: 'REJECTED', field, message }) as const;

const GET_REFUSALS: Refusals = { '60003': notFound, '40009': notFound };

/** Document: address-book-update-department, its table of error codes. */
const UPDATE_REFUSALS: Refusals = {
  '60003': notFound,
  '40009': rejected('id', 'DingTalk does not take this department id.'),
  '60018': rejected('id', 'The root department cannot be changed.'),
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
  permission: 'qyapi_get_department_list',
  effect: 'read',
  refusals: GET_REFUSALS,
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
    order: answer.whole('order'),
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
});

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
const clearsManagers = (changes: DepartmentChanges): boolean =>
  changes.forceUpdateFields !== undefined || changes.deptManagerUserIdList?.length === 0;

/** Document: seed 003, dingtalk.oapi.v2.department.update. DingTalk answers nothing but that it is done. */
export const updateDepartment = endpoint({
  name: 'department.update',
  api: 'oapi',
  route: 'POST /topapi/v2/department/update',
  bearer: 'app',
  permission: 'qyapi_manage_addresslist',
  effect: 'write',
  refusals: UPDATE_REFUSALS,
  write: ({ id, changes }: { id: DepartmentId; changes: DepartmentChanges }) => ({
    body: {
      dept_id: Number(id),
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
    },
  }),
  read: () => undefined,
});
