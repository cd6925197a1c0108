import type { Handler, Reply, Route } from '../call.js';
import { oapiError, oapiOk } from '../replies.js';
import { type DepartmentRecord, ROOT, type World } from '../world/world.js';
import { apply, refusalOf, updateDepartment } from './department-update.js';

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

const outOfScope = (world: World, id: number): Reply | undefined =>
  world.outOfScope.departments.includes(id) ? oapiError(50004, '部门不在权限范围内') : undefined;

const get: Handler = ({ fields = {} }, { world }) => {
  const department = world.departments.get(idOf(fields['dept_id']));
  if (!department) return oapiError(60003, '部门不存在');
  return outOfScope(world, department.dept_id) ?? oapiOk(shown(world, department));
};

const listSub: Handler = ({ fields = {} }, { world }) => {
  const id = idOf(fields['dept_id'] ?? ROOT);
  if (!world.departments.has(id)) return oapiError(60003, '部门不存在');
  const told = world.below(id).map(({ dept_id, name, parent_id, create_dept_group, auto_add_user, ...more }) => ({
    ...{ dept_id, name, parent_id, create_dept_group, auto_add_user },
    ...(more['source_identifier'] !== undefined && { source_identifier: more['source_identifier'] }),
  }));
  return outOfScope(world, id) ?? oapiOk(told);
};

/** The contact scope does not matter here. */
const listParents: Handler = ({ fields = {} }, { world }) => {
  const id = idOf(fields['dept_id']);
  return world.departments.has(id) ? oapiOk({ parent_id_list: world.pathOf(id) }) : oapiError(60003, '部门不存在');
};

const create: Handler = ({ fields = {} }, { world }) => {
  const { name, parent_id } = fields;
  if (name === undefined || parent_id === undefined) return oapiError(40035, '不合法的参数');
  const department = { dept_id: NaN, parent_id: Number(parent_id), name: '', order: world.departments.size * 10 };
  const refused = refusalOf(world, department, fields);
  if (refused) return refused;
  const dept_id = world.newId();
  world.addDepartment({ ...department, dept_id });
  apply(world.departments.get(dept_id) ?? department, fields);
  return oapiOk({ dept_id });
};

const remove: Handler = ({ fields = {} }, { world }) => {
  const id = idOf(fields['dept_id']);
  if (!Number.isSafeInteger(id) || id < 0) return oapiError(40009, '不合法的部门id');
  if (id === ROOT) return oapiError(60007, '不允许删除根部门');
  if (!world.departments.has(id)) return oapiError(60003, '部门不存在');
  if (world.below(id).length > 0) return oapiError(60006, '不允许删除有子部门的部门');
  if (world.members(id).length > 0) return oapiError(60005, '不允许删除有成员的部门');
  world.departments.delete(id);
  return oapiOk();
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
  post('listparentbydept', 'qyapi_get_department_list', listParents),
  post('create', 'qyapi_manage_addresslist', create),
  post('update', 'qyapi_manage_addresslist', update),
  post('delete', 'qyapi_manage_addresslist', remove),
];
