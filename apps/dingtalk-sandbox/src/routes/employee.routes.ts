import type { Handler, Route } from '../call.js';
import { oapiError, oapiOk } from '../replies.js';
import type { Person } from '../world/world.js';

const NOT_FOUND = () => oapiError(60121, '找不到该用户');

const record = (person: Person): object => ({
  userid: person.userid,
  unionid: person.unionId,
  name: person.name,
  ...(person.avatarUrl && { avatar: person.avatarUrl }),
  state_code: '86',
  mobile: person.mobile,
  hide_mobile: false,
  title: person.title,
  ...(person.email && { email: person.email }),
  dept_id_list: person.departments,
  dept_order_list: person.departments.map((dept_id) => ({ dept_id, order: 1 })),
  leader_in_dept: person.departments.map((dept_id) => ({ dept_id, leader: false })),
  hired_date: person.hired,
  active: true,
  real_authed: true,
  senior: false,
  admin: person.admin,
  boss: false,
  exclusive_account: false,
});

const getByUnionId: Handler = ({ fields = {} }, { world }) => {
  const person = world.byUnionId(fields['unionid']);
  if (!person?.userid) return NOT_FOUND();
  return oapiOk({ contact_type: person.external ? 1 : 0, userid: person.userid });
};

const getUser: Handler = ({ fields = {} }, { world }) => {
  if (typeof fields['userid'] !== 'string' || !fields['userid']) return oapiError(33012, '无效的USERID');
  const person = world.byUserId(fields['userid']);
  return person && !person.external ? oapiOk(record(person)) : NOT_FOUND();
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

/** The organisation's records of its people. */
export const EMPLOYEE_ROUTES: readonly Route[] = [
  { dialect: 'oapi', method: 'POST', path: '/topapi/v2/user/getuserinfo', token: 'app', handle: getUserInfo },
  {
    dialect: 'oapi',
    method: 'POST',
    path: '/topapi/user/getbyunionid',
    token: 'app',
    scope: 'qyapi_get_member',
    handle: getByUnionId,
  },
  {
    dialect: 'oapi',
    method: 'POST',
    path: '/topapi/v2/user/get',
    token: 'app',
    scope: 'qyapi_get_member',
    handle: getUser,
  },
];
