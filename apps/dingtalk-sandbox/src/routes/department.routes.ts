import type { Handler, Route } from '../call.js';
import { oapiError, oapiOk } from '../replies.js';
import type { DepartmentRecord, World } from '../world/world.js';
import { updateDepartment } from './department-update.js';

/** Numbers may come as strings, as DingTalk's own Java SDK sends them. */
const idOf = (value: unknown): number => (value === undefined || value === '' ? NaN : Number(value));

function shown(world: World, department: DepartmentRecord): object {
  const { extension, ...fields } = department;
  return {
    ...fields,
    ...(extension !== undefined && { extention: JSON.stringify(extension) }),
    dept_manager_userid_list: department['dept_manager_userid_list'] ?? [],
    user_permits: department['user_permits'] ?? [],
    dept_permits: department['dept_permits'] ?? [],
    outer_permit_users: department['outer_permit_users'] ?? [],
    outer_permit_depts: department['outer_permit_depts'] ?? [],
    member_count: world.countBelow(department.dept_id),
    owning_member_count: world.members(department.dept_id).length,
  };
}

const get: Handler = ({ fields = {} }, { world }) => {
  const department = world.departments.get(idOf(fields['dept_id']));
  return department ? oapiOk(shown(world, department)) : oapiError(60003, '部门不存在');
};

const listSub: Handler = ({ fields = {} }, { world }) => {
  const id = idOf(fields['dept_id'] ?? 1);
  if (!world.departments.has(id)) return oapiError(60003, '部门不存在');
  return oapiOk(
    world.below(id).map(({ dept_id, name, parent_id, create_dept_group, auto_add_user }) => ({
      dept_id,
      name,
      parent_id,
      create_dept_group,
      auto_add_user,
    })),
  );
};

const update: Handler = ({ fields = {} }, { world }) => updateDepartment(world, idOf(fields['dept_id']), fields);

const post = (name: string, scope: string, handle: Handler): Route => ({
  dialect: 'oapi',
  method: 'POST',
  path: `/topapi/v2/department/${name}`,
  token: 'app',
  scope,
  handle,
});

export const DEPARTMENT_ROUTES: readonly Route[] = [
  post('get', 'qyapi_get_department_list', get),
  post('listsub', 'qyapi_get_department_list', listSub),
  post('update', 'qyapi_manage_addresslist', update),
];
