import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../apps/dingtalk-sandbox/src/levers.js';
import { type Answer, bearer } from './harness/client.js';
import { KEY, TestWorld } from './harness/world.js';

const TIMEOUT_MS = 700;
let world: TestWorld;
let person: Record<string, string>;

beforeAll(async () => {
  world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: String(TIMEOUT_MS) });
  person = await world.client.signIn(world.authCode('lisi'));
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const app = bearer(KEY);
const ID = '9007199254740991';

/** What went wrong, told alike by both doors. */
const told = ({ status, body }: Answer) =>
  body.errors?.[0]?.extensions
    ? { code: body.errors[0].extensions.code, dingtalkCode: body.errors[0].extensions.dingtalkCode }
    : { status, code: body.code, dingtalkCode: body.dingtalkCode };

/** Each operation, through each door. */
const OPERATIONS = {
  profile: {
    route: 'GET /v1.0/contact/users/{unionId}',
    isV1: true,
    isWrite: false,
    rest: () => world.client.rest('GET', '/v1/users/me', person),
    graphql: () => world.client.graphql(person, '{ me { nick } }'),
  },
  department: {
    route: 'POST /topapi/v2/department/get',
    isV1: false,
    isWrite: false,
    rest: () => world.client.rest('GET', `/v1/departments/${ID}`, app),
    graphql: () => world.client.graphql(app, `{ department(id: "${ID}") { name } }`),
  },
  update: {
    route: 'POST /topapi/v2/department/update',
    isV1: false,
    isWrite: true,
    rest: () => world.client.rest('PATCH', `/v1/departments/${ID}`, app, { name: '新名字' }),
    graphql: () =>
      world.client.graphql(
        app,
        `mutation { updateDepartment(id: "${ID}", changes: { name: "新名字" }) { department { name } } }`,
      ),
  },
  visibility: {
    route: 'PUT /v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg',
    isV1: true,
    isWrite: true,
    rest: () =>
      world.client.rest('PUT', '/v1/org-accounts/visibility', app, { toCorpIds: ['ding1'], optUserId: 'lisi' }),
    graphql: () =>
      world.client.graphql(
        app,
        'mutation { setOrgAccountVisibility(visibility: { toCorpIds: ["ding1"], optUserId: "lisi" }) { visibility { fields } } }',
      ),
  },
} as const;

type Name = keyof typeof OPERATIONS;

/** Meets the fault once at each door. */
async function meet(name: Name, fault: Omit<Fault, 'route'>) {
  const { route, rest, graphql } = OPERATIONS[name];
  world.sandbox.levers.add({ ...fault, route });
  const answers = { rest: await rest(), graphql: await graphql() };
  world.sandbox.levers.clear();
  return answers;
}

const HTTP_STATUS: Readonly<Record<string, number>> = {
  NOT_FOUND: 404,
  REJECTED: 422,
  DINGTALK_NOT_PERMITTED: 502,
  DINGTALK_UNREADABLE: 502,
  DINGTALK_UNAVAILABLE: 502,
  DINGTALK_THROTTLED: 503,
  DINGTALK_QUOTA_SPENT: 503,
  DINGTALK_TIMEOUT: 504,
  OUTCOME_UNKNOWN: 504,
  INTERNAL: 500,
};

const bare = (errcode: number, errmsg = 'x') => ({ kind: 'answer' as const, body: { errcode, errmsg } });
const wrapped = (sub: string, errmsg = `ding talk error[subcode=${sub},submsg=x]`) => ({
  kind: 'answer' as const,
  body: { errcode: 88, sub_code: sub, sub_msg: 'x', errmsg, request_id: 'abc' },
});
const v1 = (status: number, code: string, more = {}) => ({
  kind: 'answer' as const,
  status,
  body: { code, message: 'x', requestid: 'ABC-1', ...more },
});

describe('a refusal of DingTalk', () => {
  it.each<[Name, string, Omit<Fault, 'route'>, string]>([
    // Seed 004 and seed 000.
    ['profile', '404 invalidParameter.user.notFound', v1(404, 'invalidParameter.user.notFound'), 'NOT_FOUND'],
    ['visibility', '400 invalid.param', v1(400, 'invalid.param'), 'REJECTED'],
    ['visibility', '500 system.busy', v1(500, 'system.busy'), 'DINGTALK_UNAVAILABLE'],
    // Seed 003 and the document of department/update.
    ['update', '-1', bare(-1), 'DINGTALK_UNAVAILABLE'],
    ['update', '40009', bare(40009), 'REJECTED'],
    ['update', '60003', bare(60003), 'NOT_FOUND'],
    ['update', '60018', bare(60018), 'REJECTED'],
    ['update', '60001', bare(60001), 'REJECTED'],
    ['update', '60009', bare(60009), 'REJECTED'],
    ['update', '60021', bare(60021), 'REJECTED'],
    ['update', '60022', bare(60022), 'REJECTED'],
    ['update', '60002', bare(60002), 'REJECTED'],
    ['update', '60004', bare(60004), 'REJECTED'],
    ['update', '60010', bare(60010), 'REJECTED'],
    ['update', '60109', bare(60109), 'REJECTED'],
    ['update', '600109', bare(600109), 'REJECTED'],
    ['update', '40011', bare(40011), 'REJECTED'],
    ['update', '40031', bare(40031), 'REJECTED'],
    ['update', '40093', bare(40093), 'REJECTED'],
    ['update', '60510', bare(60510), 'REJECTED'],
    ['update', '43007', bare(43007), 'DINGTALK_NOT_PERMITTED'],
    ['update', 'a code that nobody documents', bare(987654), 'REJECTED'],
    ['update', '88 with a sub_code', wrapped('60011'), 'DINGTALK_NOT_PERMITTED'],
    [
      'update',
      '88 with the code in the text alone',
      bare(88, 'ding talk error[subcode=90018,submsg=x]'),
      'DINGTALK_THROTTLED',
    ],
    [
      'update',
      '15 isp.-1',
      { kind: 'answer', body: { errcode: 15, sub_code: 'isp.-1', errmsg: 'x' } },
      'DINGTALK_UNAVAILABLE',
    ],
    ['department', '50004', bare(50004), 'DINGTALK_NOT_PERMITTED'],
    ['department', '88/60020', wrapped('60020'), 'DINGTALK_NOT_PERMITTED'],
    ['department', '88/90018', wrapped('90018'), 'DINGTALK_THROTTLED'],
    ['department', '90002', bare(90002), 'DINGTALK_THROTTLED'],
    ['department', '90020', bare(90020), 'DINGTALK_QUOTA_SPENT'],
    ['department', '22', bare(22), 'INTERNAL'],
    ['department', 'an errcode that is a string', { kind: 'answer', body: { errcode: '60003' } }, 'NOT_FOUND'],
    ['profile', '403 QpsLimit', v1(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi'), 'DINGTALK_THROTTLED'],
    ['profile', '403 QpmLimit', v1(403, 'Forbidden.AccessDenied.QpmLimitForAppkeyAndApi'), 'DINGTALK_THROTTLED'],
    ['profile', '429 with HTML', { kind: 'answer', status: 429, body: '<html>' }, 'DINGTALK_THROTTLED'],
    ['profile', '403 ApiCountLimit', v1(403, 'Forbidden.AccessDenied.ApiCountLimitForOrg'), 'DINGTALK_QUOTA_SPENT'],
    [
      'profile',
      '403 permission',
      v1(403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied'),
      'DINGTALK_NOT_PERMITTED',
    ],
    ['profile', '403 whitelist', v1(403, 'Forbidden.AccessDenied.IpNotInWhiteList'), 'DINGTALK_NOT_PERMITTED'],
    ['profile', 'PascalCase', { kind: 'answer', status: 400, body: { Code: 'invalid.param' } }, 'REJECTED'],
    ['profile', 'an old refusal at 200', { kind: 'answer', body: { errcode: 404, errmsg: 'x' } }, 'INTERNAL'],
    ['profile', '401 without a code', { kind: 'answer', status: 401, body: { error: 'x' } }, 'DINGTALK_UNREADABLE'],
    ['department', 'an errcode that is null', { kind: 'answer', body: { errcode: null } }, 'DINGTALK_UNREADABLE'],
    ['department', 'an errcode that is empty', { kind: 'answer', body: { errcode: '' } }, 'DINGTALK_UNREADABLE'],
    ['update', 'an errcode that is null', { kind: 'answer', body: { errcode: null } }, 'OUTCOME_UNKNOWN'],
    ['visibility', 'a redirect', { kind: 'answer', status: 302, body: { x: 1 } }, 'OUTCOME_UNKNOWN'],
    ['profile', 'a ban', { kind: 'ban' }, 'DINGTALK_UNAVAILABLE'],
    ['department', 'a ban', { kind: 'ban' }, 'DINGTALK_UNAVAILABLE'],
  ])('of the %s, %s, is told as %4$s by both doors', async (name, _, fault, code) => {
    const { rest, graphql } = await meet(name, fault);
    expect(told(rest)).toMatchObject({ status: HTTP_STATUS[code], code });
    expect(told(graphql)).toMatchObject({ code });
    expect(graphql.status).toBe(200);
  });

  it('keeps DingTalk’s code and request id for its support', async () => {
    const { rest, graphql } = await meet('department', wrapped('60020'));
    expect(rest.body).toMatchObject({ dingtalkCode: '60020', dingtalkRequestId: 'abc' });
    expect(graphql.body.errors[0].extensions).toMatchObject({ dingtalkCode: '60020', dingtalkRequestId: 'abc' });
  });

  it('of a permission names it in the log alone, without the app key and the address of its text', async () => {
    const errmsg =
      'ding talk error[subcode=60011,submsg=应用尚未开通所需的权限：[qyapi_get_department_list]，点击链接申请并开通即可：' +
      'https://open-dev.dingtalk.com/appscope/apply?content=dingsandboxclientid01%23qyapi_get_department_list, ' +
      '{requiredScopes=[qyapi_get_department_list]}] request ip=10.1.2.3 appKey(dingsandboxclientid01)';
    const { rest } = await meet('department', wrapped('60011', errmsg));
    expect(rest.text).not.toMatch(/qyapi|appscope|10\.1\.2\.3|应用/);
    const logged = world.capture.logs.filter((line) => line.includes('qyapi_get_department_list'));
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join()).not.toMatch(/10\.1\.2\.3|appscope|dingsandboxclientid01/);
  });

  it('with a code that is none tells nothing of it', async () => {
    const odd = 'appKey(dingsandboxclientid01):10.1.2.3/https://open-dev.dingtalk.com';
    const { rest, graphql } = await meet('department', bare(88, `ding talk error[subcode=${odd},submsg=x]`));
    expect(told(rest)).toEqual({ status: 422, code: 'REJECTED', dingtalkCode: '88' });
    expect(rest.text + graphql.text).not.toMatch(/appKey|10\.1\.2\.3|open-dev/);
  });

  it.each([
    ['60020', 'whitelist'],
    ['50004', 'contact scope'],
    ['60011', 'permission needed: qyapi_get_department_list'],
  ])('%s tells the operator the right remedy: %s', async (code, remedy) => {
    world.capture.logs.length = 0;
    await meet('department', wrapped(code));
    expect(world.capture.logs.filter((line) => line.includes(remedy)).length).toBeGreaterThan(0);
    if (code !== '60011') expect(world.capture.logs.join()).not.toContain('permission needed');
  });

  it('says when to try again within a day, whatever DingTalk says', async () => {
    const headers = { 'retry-after': '1e30' };
    const { rest } = await meet('profile', { kind: 'answer', status: 429, body: '', headers });
    expect(rest.headers.get('retry-after')).toBe('86400');
  });

  it.each<[Name, string]>([
    ['department', 'throttle'],
    ['profile', 'throttle'],
    ['profile', 'ban'],
  ])('that passes by itself says when to try the %s again (%s)', async (name, kind) => {
    const { rest } = await meet(name, { kind: kind as Fault['kind'] });
    expect(Number(rest.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(rest.body.retryable).toBe(true);
  });
});

/** Answers that are lost or make no sense: [kind, code for a read, how it reads for a write]. */
const LOST: [Fault['kind'], string][] = [
  ['html', 'DINGTALK_UNREADABLE'],
  ['server-error', 'DINGTALK_UNREADABLE'],
  ['empty', 'DINGTALK_UNREADABLE'],
  ['null', 'DINGTALK_UNREADABLE'],
  ['truncate', 'DINGTALK_UNREADABLE'],
  ['reset', 'DINGTALK_UNAVAILABLE'],
  ['cut', 'DINGTALK_UNAVAILABLE'],
  ['hang', 'DINGTALK_TIMEOUT'],
  ['drip', 'DINGTALK_TIMEOUT'],
];

describe('an answer of DingTalk that is lost', () => {
  it.each(
    LOST.flatMap(([kind, code]) => (['profile', 'department'] as const).map((name) => [kind, name, code] as const)),
  )('(%s) fails the read of the %s as %s, in time, through both doors', async (kind, name, code) => {
    const startMs = performance.now();
    const { rest, graphql } = await meet(name, { kind });
    expect(told(rest)).toMatchObject({ status: HTTP_STATUS[code], code });
    expect(told(graphql)).toMatchObject({ code });
    expect(performance.now() - startMs).toBeLessThan(4 * TIMEOUT_MS);
  });

  it.each(LOST.map(([kind]) => kind))(
    '(%s) leaves the outcome of a visibility unknown, and it is sent once',
    async (kind) => {
      const { rest, graphql } = await meet('visibility', { kind });
      expect(told(rest)).toMatchObject({ status: 504, code: 'OUTCOME_UNKNOWN' });
      expect(told(graphql)).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      expect(world.calls('/v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg')).toHaveLength(2);
    },
  );

  it.each(['html', 'empty', 'null', 'truncate', 'reset', 'cut', 'hang'] as const)(
    '(%s) of an update that was made is settled by reading back: a plain success, sent once',
    async (kind) => {
      world.sandbox.levers.add({ kind, route: OPERATIONS.update.route, performed: true });
      const answer = await OPERATIONS.update.rest();
      expect(answer.status).toBe(200);
      expect(answer.body.department.name).toBe('新名字');
      expect(world.calls('/topapi/v2/department/update')).toHaveLength(1);
    },
  );

  it.each(['html', 'reset', 'cut', 'hang'] as const)(
    '(%s) of an update that cannot be settled leaves its outcome unknown, and it is sent once',
    async (kind) => {
      world.sandbox.levers.add({ kind, route: OPERATIONS.update.route });
      expect(told(await OPERATIONS.update.rest())).toMatchObject({ status: 504, code: 'OUTCOME_UNKNOWN' });
      expect(world.calls('/topapi/v2/department/update')).toHaveLength(1);
    },
  );

  it('of a change that cannot be read back leaves its outcome unknown', async () => {
    world.sandbox.levers.add({ kind: 'reset', route: OPERATIONS.update.route, performed: true });
    const answer = await world.client.rest('PATCH', `/v1/departments/${ID}`, app, { language: 'en_US' });
    expect(told(answer)).toMatchObject({ status: 504, code: 'OUTCOME_UNKNOWN' });
  });

  it('of a list that DingTalk keeps in another order is settled', async () => {
    const department = world.sandbox.desk.world.departments.get(Number(ID));
    if (department) department['user_permits'] = ['100', '200'];
    world.sandbox.levers.add({ kind: 'reset', route: OPERATIONS.update.route });
    const answer = await world.client.rest('PATCH', `/v1/departments/${ID}`, app, { userPermits: ['200', '100'] });
    expect(answer.status).toBe(200);
  });

  it.each(['busy', 'throttle'] as const)('but %s means that a write did not run', async (kind) => {
    const { rest } = await meet('update', { kind });
    expect(told(rest).code).toBe(kind === 'busy' ? 'DINGTALK_UNAVAILABLE' : 'DINGTALK_THROTTLED');
  });

  it('by a redirect is not followed: no token goes elsewhere', async () => {
    const location = `${world.sandbox.url}/elsewhere`;
    const { rest } = await meet('profile', { kind: 'answer', status: 302, body: '', headers: { location } });
    expect(told(rest)).toMatchObject({ status: 502, code: 'DINGTALK_UNREADABLE' });
    expect(world.calls('/elsewhere')).toEqual([]);
  });

  it('by being larger than 1 MiB is cut and refused', async () => {
    const result = { dept_id: 5, name: 'right but for its size', brief: 'x'.repeat(2 ** 21) };
    const { rest } = await meet('department', { kind: 'answer', body: { errcode: 0, result } });
    expect(told(rest)).toMatchObject({ status: 502, code: 'DINGTALK_UNREADABLE' });
  });
});

describe('a DingTalk that cannot be reached', () => {
  it('was sent nothing: reads and writes alike are plainly unavailable', async () => {
    const lone = await TestWorld.start({ DINGTALK_OAPI_URL: 'http://127.0.0.1:9', DINGTALK_TIMEOUT_MS: '2000' });
    const read = await lone.client.rest('GET', `/v1/departments/${ID}`, app);
    expect(told(read)).toMatchObject({ status: 502, code: 'DINGTALK_UNAVAILABLE' });
    expect(read.text).not.toContain('127.0.0.1');
    await lone.stop();
  });
});
