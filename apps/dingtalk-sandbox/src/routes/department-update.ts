import type { Reply } from '../call.js';
import { oapiError, oapiOk } from '../replies.js';
import { type DepartmentRecord, ROOT, type World } from '../world/world.js';

type Fields = Readonly<Record<string, unknown>>;

const FLAGS = [
  ...['outer_dept', 'hide_dept', 'create_dept_group', 'outer_dept_only_self', 'auto_add_user', 'auto_approve_apply'],
  ...['group_contain_sub_dept', 'group_contain_outer_dept', 'group_contain_hidden_dept', 'emp_apply_join_dept'],
];
const TEXTS = ['name', 'source_identifier', 'language', 'org_dept_owner', 'brief', 'telephone', 'code'];
const LISTS = ['dept_permits', 'user_permits', 'outer_permit_users', 'outer_permit_depts', 'dept_manager_userid_list'];
const NUMERIC_LISTS = new Set(['dept_permits', 'outer_permit_depts']);
const OBJECTS = ['extension', 'hide_scene_config', 'outer_scene_config'];
const KNOWN = new Set([
  ...[...FLAGS, ...TEXTS, ...LISTS, ...OBJECTS],
  ...['dept_id', 'parent_id', 'order', 'force_update_fields', 'access_token'],
]);

const MAX_NAME = 64;
const MAX_LENGTHS: readonly [string, number][] = [
  ['brief', 255],
  ['telephone', 50],
  ['code', 30],
];
const MAX_VISIBLE = 50;

const isFlag = (value: unknown): boolean => ['true', 'false'].includes(String(value)) && typeof value !== 'object';
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first field whose form is not what DingTalk takes: a list must be a comma string, nothing may be null. */
function misshapen(fields: Fields): string | undefined {
  return Object.entries(fields).find(([name, value]) => {
    if (!KNOWN.has(name) || value === null) return true;
    if (FLAGS.includes(name)) return !isFlag(value);
    if (OBJECTS.includes(name)) return !isObject(value);
    if (name === 'order' || name === 'parent_id') return !Number.isInteger(Number(value));
    return name !== 'dept_id' && typeof value !== 'string';
  })?.[0];
}

const textOf = (fields: Fields, name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');

const words = (fields: Fields, name: string): string[] => textOf(fields, name).split(',').filter(Boolean);

type Rule = (world: World, department: DepartmentRecord, fields: Fields) => Reply | undefined;

const nameRule: Rule = (world, department, { name, parent_id }) => {
  if (name === undefined) return undefined;
  const text = textOf({ name }, 'name');
  if ([...text].length < 1 || [...text].length > MAX_NAME || /[-,，]/.test(text)) {
    return oapiError(60001, '部门名称不合法,长度限制为1~64个字符,不允许包含字符"-"","以及","');
  }
  const parent = Number(parent_id ?? department.parent_id);
  const twin = world.below(parent).some((other) => other.name === text && other.dept_id !== department.dept_id);
  return twin ? oapiError(60021, '该父部门下已存在同名部门') : undefined;
};

const parentRule: Rule = (world, department, { parent_id }) => {
  if (parent_id === undefined) return undefined;
  const parent = Number(parent_id);
  if (!world.departments.has(parent)) return oapiError(60004, '父部门不存在');
  return world.pathOf(parent).includes(department.dept_id) ? oapiError(60010, '部门形成循环') : undefined;
};

const managerRule: Rule = (world, department, fields) => {
  const isEmptyList = fields['dept_manager_userid_list'] === '';
  const members = new Set(world.members(department.dept_id).map(({ userid }) => userid));
  const stranger = words(fields, 'dept_manager_userid_list').find((userid) => !members.has(userid));
  return isEmptyList || stranger !== undefined ? oapiError(40031, `不存在的userId:[${stranger ?? ''}]`) : undefined;
};

const ownerRule: Rule = (world, department, { org_dept_owner: owner }) => {
  if (owner === undefined) return undefined;
  const isMember = world.members(department.dept_id).some(({ userid }) => userid === owner);
  return isMember ? undefined : oapiError(40093, '不合法的群主userId');
};

const visibleRule: Rule = (_, __, fields) => {
  const hidden = words(fields, 'dept_permits').length + words(fields, 'user_permits').length;
  const outer = words(fields, 'outer_permit_depts').length + words(fields, 'outer_permit_users').length;
  return hidden > MAX_VISIBLE || outer > MAX_VISIBLE ? oapiError(60109, '不合法的可见列表') : undefined;
};

const lengthRule: Rule = (_, __, fields) => {
  const isTooLong = MAX_LENGTHS.some(([name, max]) => [...textOf(fields, name)].length > max);
  if (isTooLong) return oapiError(400002, '参数错误');
  const forced = words(fields, 'force_update_fields');
  return forced.some((name) => name !== 'dept_manager_userid_list') ? oapiError(400002, '参数错误') : undefined;
};

const RULES: readonly Rule[] = [parentRule, nameRule, managerRule, ownerRule, visibleRule, lengthRule];

/** What is wrong with the fields of a department, of one that is there or is to be. */
export function refusalOf(world: World, department: DepartmentRecord, fields: Fields): Reply | undefined {
  const bad = misshapen(fields);
  if (bad !== undefined) return oapiError(40035, `不合法的参数:${bad}`);
  return RULES.map((rule) => rule(world, department, fields)).find((reply) => reply !== undefined);
}

/** `topapi/v2/department/update` as the documents and the field know it. It answers nothing but that it is done. */
export function updateDepartment(world: World, id: number, fields: Fields): Reply {
  if (!Number.isSafeInteger(id) || id < 0) return oapiError(40009, '不合法的部门id');
  if (id === ROOT) return oapiError(60018, '不允许更新根部门');
  const department = world.departments.get(id);
  if (!department) return oapiError(60003, '部门不存在');
  const refused = refusalOf(world, department, fields);
  if (refused) return refused;
  apply(department, fields);
  return oapiOk();
}

/** How each field's form on the wire becomes what is kept. */
function kept(name: string, before: unknown, value: unknown): unknown {
  if (FLAGS.includes(name)) return String(value) === 'true';
  if (name === 'order' || name === 'parent_id') return Number(value);
  if (name.endsWith('_scene_config')) return { ...(before as object), ...(value as object) };
  if (!LISTS.includes(name)) return value;
  const list = String(value).split(',').filter(Boolean);
  return NUMERIC_LISTS.has(name) ? list.map(Number) : list;
}

const NOT_KEPT = new Set(['dept_id', 'language', 'force_update_fields', 'access_token']);

export function apply(department: DepartmentRecord, fields: Fields): void {
  for (const [name, value] of Object.entries(fields)) {
    if (!NOT_KEPT.has(name)) department[name] = kept(name, department[name], value);
  }
  if (words(fields, 'force_update_fields').length > 0) department['dept_manager_userid_list'] = [];
}
