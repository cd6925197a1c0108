import type { Handler, Route } from '../call.js';
import { oapiError, oapiOk } from '../replies.js';
import { listed, record } from './employee-record.js';
import { createUser, deleteUser, updateUser } from './employee-writes.js';

const NOT_FOUND = () => oapiError(60121, '找不到该用户');

const getByUnionId: Handler = ({ fields = {} }, { world }) => {
  const person = world.byUnionId(fields['unionid']);
  if (!person?.userid) return NOT_FOUND();
  return oapiOk({ contact_type: person.external ? 1 : 0, userid: person.userid });
};

const getUser: Handler = ({ fields = {} }, { world }) => {
  if (typeof fields['userid'] !== 'string' || !fields['userid']) return oapiError(33012, '无效的USERID');
  const person = world.byUserId(fields['userid']);
  if (!person || person.external) return NOT_FOUND();
  const isHidden = world.outOfScope.people.includes(fields['userid']);
  return isHidden ? oapiError(50002, '员工不在权限范围') : oapiOk(record(person, world));
};

const MAX_SIZE = 100;
const MAX_CURSOR = 100_000;

const isWithin = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

/** Those right in a department, by pages. */
const list: Handler = ({ fields = {} }, { world }) => {
  const [id, cursor, size] = [fields['dept_id'], fields['cursor'], fields['size']].map((value) => Number(value ?? NaN));
  if (id === undefined || !world.departments.has(id)) return oapiError(60003, '部门不存在');
  if (world.outOfScope.departments.includes(id)) return oapiError(50004, '部门不在权限范围内');
  if (!isWithin(cursor ?? NaN, 0, MAX_CURSOR) || !isWithin(size ?? NaN, 1, MAX_SIZE)) {
    return oapiError(40035, '不合法的参数');
  }
  const [begin, end] = [Number(cursor), Number(cursor) + Number(size)];
  const members = world.members(id);
  const has_more = members.length > end;
  const told = members.slice(begin, end).map((person) => listed(person, id, world));
  return oapiOk({ has_more, ...(has_more && { next_cursor: end }), list: told });
};

/** Who opened a page inside DingTalk. */
const getUserInfo: Handler = ({ fields = {} }, { world, tokens }) => {
  const unionId = tokens.useAuthCode(fields['code'], 'in-app');
  const person = world.byUnionId(unionId);
  if (!person?.userid) return oapiError(40078, '不存在的临时授权码');
  const { userid, unionId: unionid, name, admin } = person;
  const device = { device_id: `device-${userid}`, sys: admin, sys_level: admin ? 1 : 0 };
  return oapiOk({ userid, unionid, associated_unionid: unionid, name, ...device });
};

const post = (path: string, scope: string, handle: Handler): Route => ({
  ...{ dialect: 'oapi', method: 'POST', path, token: 'app', scope, handle },
});

/** The organisation's records of its people. */
export const EMPLOYEE_ROUTES: readonly Route[] = [
  { dialect: 'oapi', method: 'POST', path: '/topapi/v2/user/getuserinfo', token: 'app', handle: getUserInfo },
  post('/topapi/user/getbyunionid', 'qyapi_get_member', getByUnionId),
  post('/topapi/v2/user/get', 'qyapi_get_member', getUser),
  post('/topapi/v2/user/list', 'qyapi_get_department_member', list),
  post('/topapi/v2/user/create', 'qyapi_manage_addresslist', createUser),
  post('/topapi/v2/user/update', 'qyapi_manage_addresslist', updateUser),
  post('/topapi/v2/user/delete', 'qyapi_manage_addresslist', deleteUser),
];
