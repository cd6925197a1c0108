import { randomUUID } from 'node:crypto';
import type { Handler, Reply } from '../call.js';
import { oapiError, oapiOk } from '../replies.js';
import type { Person, World } from '../world/world.js';

type Fields = Readonly<Record<string, unknown>>;

const MAX_LENGTHS: Readonly<Record<string, number>> = {
  name: 80,
  telephone: 50,
  job_number: 50,
  title: 200,
  email: 50,
  org_email: 100,
  work_place: 100,
  remark: 2000,
  login_email: 64,
  dept_id_list: 10_000,
  org_email_type: 20,
  manager_userid: 64,
  language: 10,
  force_update_fields: 100,
  userid: 64,
  mobile: 30,
  access_token: 200,
};
const FLAGS = ['hide_mobile', 'senior_mode'];
const OBJECTS = ['extension', 'extension_i18n'];
const LISTS = ['dept_order_list', 'dept_title_list', 'dept_position_list'];
const NUMBERS = ['hired_date', 'ext_attrs_update_mode'];

const textOf = (value: unknown, fallback = ''): string => (typeof value === 'string' ? value : fallback);

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const isFlag = (value: unknown): boolean => value === true || value === false || value === 'true' || value === 'false';

/** The first field whose form is not what DingTalk takes: lists of scalars are comma strings, nothing may be null. */
const misshapen = (fields: Fields): string | undefined =>
  Object.entries(fields).find(([name, value]) => {
    if (FLAGS.includes(name)) return !isFlag(value);
    if (OBJECTS.includes(name)) return !isObject(value);
    if (LISTS.includes(name)) return !Array.isArray(value) || !value.every(isObject);
    if (NUMBERS.includes(name)) return !Number.isInteger(Number(value));
    return typeof value !== 'string' || [...value].length > (MAX_LENGTHS[name] ?? 0);
  })?.[0];

const departmentsOf = ({ dept_id_list: ids }: Fields): number[] | undefined =>
  typeof ids === 'string' ? ids.split(',').map(Number) : undefined;

function refusalOf(world: World, fields: Fields, self?: Person): Reply | undefined {
  const bad = misshapen(fields);
  if (bad !== undefined) return oapiError(40035, `不合法的参数:${bad}`);
  const departments = departmentsOf(fields) ?? [];
  if (departments.some((id) => !world.departments.has(id))) return oapiError(60003, '部门不存在');
  const { manager_userid: manager, email } = fields;
  if (manager !== undefined && !world.byUserId(manager)) return oapiError(40031, `不存在的userId:[${textOf(manager)}]`);
  const isTaken = email !== undefined && world.employees().some((one) => one !== self && one.email === email);
  return isTaken ? oapiError(60106, '邮箱已存在') : undefined;
}

const OWN = ['userid', 'name', 'mobile', 'title', 'email', 'dept_id_list', 'manager_userid', 'hired_date'];
const UNTOLD = [
  'access_token',
  'language',
  'force_update_fields',
  'ext_attrs_update_mode',
  'login_email',
  'senior_mode',
];
/** Told of one person, and not by lists. */
const OF_RECORDS = ['dept_order_list', 'dept_position_list', 'extension_i18n', 'org_email_type'];

const pick = (fields: Fields, isWanted: (name: string) => boolean): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => isWanted(name)));

/** Puts what was set where it is told from. An extension is a text in answers. */
function set(person: Person, fields: Fields): Person {
  const { extension, ext_attrs_update_mode: mode } = fields;
  const before = JSON.parse(textOf(person.fields?.['extension'], '{}')) as object;
  const all = Number(mode) === 1 ? { ...before, ...(extension as object) } : extension;
  const told = pick(fields, (name) => ![...OWN, ...UNTOLD, ...OF_RECORDS, 'extension'].includes(name));
  return Object.assign(person, {
    ...(fields['name'] !== undefined && { name: fields['name'] }),
    ...(fields['title'] !== undefined && { title: fields['title'] }),
    ...(fields['email'] !== undefined && { email: fields['email'] }),
    ...(fields['hired_date'] !== undefined && { hired: Number(fields['hired_date']) }),
    ...(fields['manager_userid'] !== undefined && { manager: fields['manager_userid'] }),
    ...(fields['force_update_fields'] === 'manager_userid' && { manager: undefined }),
    departments: departmentsOf(fields) ?? person.departments,
    fields: { ...person.fields, ...told, ...(extension !== undefined && { extension: JSON.stringify(all) }) },
    record: { ...person.record, ...pick(fields, (name) => OF_RECORDS.includes(name)) },
  });
}

/** Numbers that begin so belong to people who have to accept first. */
const INVITED = /^199/;

export const createUser: Handler = ({ fields = {} }, { world }) => {
  if (!fields['name'] || !fields['mobile'] || !fields['dept_id_list']) return oapiError(40035, '缺少参数');
  const refused = refusalOf(world, fields);
  if (refused) return refused;
  const [name, mobile] = [textOf(fields['name']), textOf(fields['mobile'])];
  const userid = textOf(fields['userid'], `manager${randomUUID().slice(0, 8)}`);
  if (!/^(1\d{10}|\+\d{1,4}-\d{5,20})$/.test(mobile)) return oapiError(60103, '手机号码不合法');
  if (world.byUserId(userid)) return oapiError(60102, 'UserID在公司中已存在');
  if (world.employees().some((one) => one.mobile === mobile)) return oapiError(60104, '手机号码在公司中已存在');
  if (INVITED.test(mobile)) return oapiError(40103, '已向该用户发送邀请,等待用户同意');
  const unionId = `${randomUUID().replaceAll('-', '').slice(0, 18)}iEiE`;
  const account = { unionId, openId: randomUUID(), nick: name, name, mobile, userid };
  world.addPerson(set({ ...account, title: '', admin: false, hired: Date.now(), departments: [] }, fields));
  return oapiOk({ userid, unionId });
};

export const updateUser: Handler = ({ fields = {} }, { world }) => {
  const person = world.byUserId(fields['userid']);
  if (!person || person.external) return oapiError(60121, '找不到该用户');
  if (fields['mobile'] !== undefined) return oapiError(40022, '企业中的手机号码和登录钉钉的手机号码不一致');
  const refused = refusalOf(world, fields, person);
  if (refused) return refused;
  set(person, fields);
  return oapiOk();
};

export const deleteUser: Handler = ({ fields = {} }, { world }) => {
  const person = world.byUserId(fields['userid']);
  if (!person || person.external) return oapiError(60121, '找不到该用户');
  world.removePerson(person);
  return oapiOk();
};
