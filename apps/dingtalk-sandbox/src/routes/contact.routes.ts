import type { Call, Desk, Handler, Reply, Route } from '../call.js';
import { v1Error, v1Ok } from '../replies.js';
import type { Person } from '../world/world.js';

const profile = ({ nick, avatarUrl, mobile, openId, unionId, email }: Person): object => ({
  nick,
  ...(avatarUrl && { avatarUrl }),
  mobile,
  openId,
  unionId,
  ...(email && { email }),
  stateCode: '86',
  visitor: false,
});

const getUser: Handler = (_, { world }, params, own) => {
  const person = world.byUnionId(params['unionId'] === 'me' ? own : params['unionId']);
  return person ? v1Ok(profile(person)) : v1Error(404, 'invalidParameter.user.notFound', '用户不存在');
};

const isWords = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((word) => typeof word === 'string' && word !== '');

const FIELDS: ReadonlySet<string> = new Set(['mobile', 'status']);

function setVisibility({ fields = {} }: Call, { world }: Desk): Reply {
  const { toCorpIds, optUserId, fields: visible = [], ...unknown } = fields;
  const isRight =
    isWords(toCorpIds) &&
    toCorpIds.length > 0 &&
    toCorpIds.every((corpId) => corpId.startsWith('ding')) &&
    world.byUserId(optUserId)?.external === undefined &&
    world.byUserId(optUserId) !== undefined &&
    Array.isArray(visible) &&
    visible.every((field) => FIELDS.has(field as string)) &&
    Object.keys(unknown).length === 0;
  return isRight ? v1Ok({ result: true }) : v1Error(400, 'invalid.param', 'Invalid parameter');
}

/** By name, in pages that `offset` counts; it tells userIds only. */
function searchUsers({ fields = {} }: Call, { world }: Desk): Reply {
  const { queryWord, offset, size, fullMatchField } = fields;
  const isRight =
    typeof queryWord === 'string' && queryWord !== '' && Number.isInteger(offset) && Number.isInteger(size);
  if (!isRight || Number(offset) < 0 || Number(size) < 1) return v1Error(400, 'parameter.error', '参数错误');
  const found = world
    .employees()
    .filter(({ name }) => (fullMatchField === 1 ? name === queryWord : name.includes(queryWord)))
    .map(({ userid }) => userid);
  const [begin, end] = [Number(offset) * Number(size), (Number(offset) + 1) * Number(size)];
  return v1Ok({ hasMore: found.length > end, totalCount: found.length, list: found.slice(begin, end) });
}

/** The contact APIs of the new generation. */
export const CONTACT_ROUTES: readonly Route[] = [
  {
    dialect: 'v1',
    method: 'GET',
    path: '/v1.0/contact/users/{unionId}',
    token: 'user',
    scope: 'Contact.User.Read',
    handle: getUser,
  },
  {
    dialect: 'v1',
    method: 'PUT',
    path: '/v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg',
    token: 'app',
    scope: 'Contact.OrgAccount.VisiblityInOtherOrg',
    handle: setVisibility,
  },
  {
    dialect: 'v1',
    method: 'POST',
    path: '/v1.0/contact/users/search',
    token: 'app',
    scope: 'qyapi_addresslist_search',
    handle: searchUsers,
  },
];
