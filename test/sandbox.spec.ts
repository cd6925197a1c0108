import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SANDBOX_APP, Sandbox } from '../apps/dingtalk-sandbox/src/sandbox.js';

const { clientId, clientSecret, corpId } = SANDBOX_APP;
const sandbox = new Sandbox({ people: 300 });
const DEPARTMENT = 9007199254740991;

beforeAll(() => sandbox.start());
afterAll(() => sandbox.stop());
afterEach(() => sandbox.reset());

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    redirect: 'manual',
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
}

const app = () => sandbox.desk.tokens.app().token;
const user = () => sandbox.desk.tokens.user('k93LmWqxRtpb7Slisi').accessToken;
const v1 = (token: string) => ({ 'x-acs-dingtalk-access-token': token });
const oapi = (path: string, body: unknown, token = app()) => call('POST', `${path}?access_token=${token}`, body);
const update = (fields: object) => oapi('/topapi/v2/department/update', { dept_id: DEPARTMENT, ...fields });
const PUT = '/v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg';

describe('the sandbox hands out tokens as DingTalk does', () => {
  it('the app’s by three calls, each with its own names', async () => {
    const one = await call('POST', '/v1.0/oauth2/accessToken', { appKey: clientId, appSecret: clientSecret });
    const two = await call('POST', `/v1.0/oauth2/${corpId}/token`, {
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: 'client_credentials',
    });
    const three = await call('GET', `/gettoken?appkey=${clientId}&appsecret=${clientSecret}`);
    expect(one.body).toEqual({ accessToken: app(), expireIn: 7200 });
    expect(two.body).toEqual({ access_token: app(), expires_in: 7200 });
    expect(three.body).toEqual({ errcode: 0, errmsg: 'ok', access_token: app(), expires_in: 7200 });
  });

  it.each([
    ['POST', '/v1.0/oauth2/accessToken', { appKey: 'x', appSecret: 'y' }, 400, { code: 'invalidClientIdOrSecret' }],
    ['POST', '/v1.0/oauth2/dingother/token', {}, 500, { code: 'unknownError' }],
    ['POST', `/v1.0/oauth2/${corpId}/token`, {}, 400, { code: 'unsupported.grant.type' }],
    ['POST', `/v1.0/oauth2/${corpId}/token`, { grant_type: 'client_credentials' }, 400, { code: 'invalid.client' }],
    ['GET', '/gettoken?appkey=x&appsecret=y', undefined, 200, { errcode: 40096 }],
    ['GET', '/gettoken', undefined, 200, { errcode: 40035 }],
    ['POST', '/v1.0/oauth2/userAccessToken', { clientId, clientSecret, code: 'x' }, 400, {}],
  ])('and refuses %s %s %j as %i %j', async (...[method, path, body, status, refusal]) => {
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject(refusal);
  });

  it('a person’s for a code, once; and for a refresh token, once', async () => {
    const grant = (more: object) => call('POST', '/v1.0/oauth2/userAccessToken', { clientId, clientSecret, ...more });
    const code = sandbox.desk.tokens.authCode('k93LmWqxRtpb7Slisi');
    const first = await grant({ grantType: 'authorization_code', code });
    expect(first.body).toMatchObject({ expireIn: 7200, corpId });
    expect((await grant({ grantType: 'authorization_code', code })).status).toBe(400);
    const { refreshToken } = first.body;
    expect((await grant({ grantType: 'refresh_token', refreshToken })).status).toBe(200);
    expect((await grant({ grantType: 'refresh_token', refreshToken })).status).toBe(400);
  });
});

describe('the sandbox is as strict as DingTalk', () => {
  it.each<[string, () => ReturnType<typeof call>, number, object]>([
    ['a call without the header', () => call('PUT', PUT, {}), 400, { code: 'AuthenticationFailed.MissingParameter' }],
    [
      'a token in the query of the new generation',
      () => call('PUT', `${PUT}?access_token=${app()}`, {}),
      400,
      { code: 'AuthenticationFailed.MissingParameter' },
    ],
    ['a token that is none', () => call('PUT', PUT, {}, v1('x')), 400, { code: 'InvalidAuthentication' }],
    [
      'a body that is no JSON',
      () => call('PUT', PUT, 'a=1', { ...v1(app()), 'content-type': 'text/plain' }),
      400,
      { code: 'Missingbody' },
    ],
    [
      'the app’s token for a person',
      () => call('GET', '/v1.0/contact/users/me', undefined, v1(app())),
      403,
      {
        code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied',
        accessdenieddetail: { requiredScopes: ['Contact.User.Read'] },
      },
    ],
    [
      'a person’s token for the app',
      () => call('PUT', PUT, {}, v1(user())),
      403,
      { code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied' },
    ],
    [
      'an unknown person',
      () => call('GET', '/v1.0/contact/users/nobody', undefined, v1(user())),
      404,
      { code: 'invalidParameter.user.notFound' },
    ],
    ['an unknown path of the new generation', () => call('GET', '/v1.0/nowhere'), 404, { code: 'error.notFound' }],
    [
      'a visibility for nobody',
      () => call('PUT', PUT, { toCorpIds: [], optUserId: 'lisi' }, v1(app())),
      400,
      { code: 'invalid.param' },
    ],
    [
      'a visibility by nobody',
      () => call('PUT', PUT, { toCorpIds: ['ding1'], optUserId: 'x' }, v1(app())),
      400,
      { code: 'invalid.param' },
    ],
    [
      'an old call without a token',
      () => call('POST', '/topapi/v2/department/get', { dept_id: 1 }),
      200,
      { errcode: 88, sub_code: '40000' },
    ],
    [
      'an old call with a token in the header',
      () => call('POST', '/topapi/v2/department/get', { dept_id: 1 }, v1(app())),
      200,
      { errcode: 88, sub_code: '40000' },
    ],
    [
      'an old call with a wrong token',
      () => oapi('/topapi/v2/department/get', { dept_id: 1 }, 'x'),
      200,
      { errcode: 88, sub_code: '40014', errmsg: 'ding talk error[subcode=40014,submsg=不合法的access_token]' },
    ],
    [
      'an old call with a person’s token',
      () => oapi('/topapi/v2/department/get', { dept_id: 1 }, user()),
      200,
      { errcode: 88, sub_code: '40014' },
    ],
    ['an unknown old path', () => oapi('/topapi/v2/nowhere', {}), 200, { errcode: 22 }],
    ['a path of no generation', () => call('GET', '/nowhere'), 200, { errcode: 404 }],
    ['the root', () => oapi('/topapi/v2/department/update', { dept_id: 1, name: 'x' }), 200, { errcode: 60018 }],
    [
      'an unknown department',
      () => oapi('/topapi/v2/department/update', { dept_id: 5, name: 'x' }),
      200,
      { errcode: 60003 },
    ],
    [
      'one of its own negative nodes',
      () => oapi('/topapi/v2/department/update', { dept_id: -7, name: 'x' }),
      200,
      { errcode: 40009 },
    ],
    ['a name of 65 characters', () => update({ name: '字'.repeat(65) }), 200, { errcode: 60001 }],
    ['a name with a comma', () => update({ name: 'a，b' }), 200, { errcode: 60001 }],
    ['a name that a sibling has', () => update({ name: '财务部' }), 200, { errcode: 60021 }],
    ['an unknown parent', () => update({ parent_id: 5 }), 200, { errcode: 60004 }],
    ['a parent that is itself', () => update({ parent_id: DEPARTMENT }), 200, { errcode: 60010 }],
    ['a list that is no comma string', () => update({ user_permits: ['1'] }), 200, { errcode: 40035 }],
    ['null', () => update({ brief: null }), 200, { errcode: 40035 }],
    ['an unknown field', () => update({ title: 'x' }), 200, { errcode: 40035 }],
    ['a manager from elsewhere', () => update({ dept_manager_userid_list: 'lisi' }), 200, { errcode: 40031 }],
    ['an empty list of managers', () => update({ dept_manager_userid_list: '' }), 200, { errcode: 40031 }],
    ['an owner from elsewhere', () => update({ org_dept_owner: 'lisi' }), 200, { errcode: 40093 }],
    ['51 who may see it', () => update({ user_permits: Array(51).fill('1').join() }), 200, { errcode: 60109 }],
    ['an unknown employee', () => oapi('/topapi/v2/user/get', { userid: 'x' }), 200, { errcode: 60121 }],
    [
      'a stranger',
      () => oapi('/topapi/user/getbyunionid', { unionid: 'strangerPq8Xw2NvRiEiE' }),
      200,
      { errcode: 60121 },
    ],
  ])('with %s', async (_, make, status, refusal) => {
    const answer = await make();
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject(refusal);
  });

  it('and understands what DingTalk’s own SDK for Java sends: strings for everything, or a form', async () => {
    expect((await update({ hide_dept: 'true', order: '7' })).body).toMatchObject({ errcode: 0, errmsg: 'ok' });
    const form = new URLSearchParams({ access_token: app(), dept_id: String(DEPARTMENT), name: '海外部' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await call('POST', '/topapi/v2/department/update', form.toString(), headers);
    expect(answer.body).toMatchObject({ errcode: 0 });
    const { result } = (await oapi('/topapi/v2/department/get', { dept_id: DEPARTMENT })).body;
    expect(result).toMatchObject({ name: '海外部', order: 7, hide_dept: true });
  });
});

describe('the sandbox’s directory', () => {
  const get = async (path: string, body: object) => (await oapi(path, body)).body;

  it('tells members by pages of at most 100, with a cursor while there are more', async () => {
    for (const person of sandbox.desk.world.employees()) person.departments = [DEPARTMENT];
    const page = (more: object) => get('/topapi/v2/user/list', { dept_id: DEPARTMENT, cursor: 0, size: 100, ...more });
    const first = (await page({})).result;
    expect([first.has_more, first.next_cursor, first.list.length]).toEqual([true, 100, 100]);
    const last = (await page({ cursor: 250 })).result;
    expect([last.has_more, 'next_cursor' in last, last.list.length]).toEqual([false, false, 50]);
    for (const bad of [{ size: 101 }, { size: 0 }, { cursor: -1 }, { cursor: 100_001 }, { size: undefined }]) {
      expect(await page(bad)).toMatchObject({ errcode: 40035 });
    }
    expect(first.list[0]).not.toHaveProperty('manager_userid');
  });

  it('keeps what lies outside the contact scope to itself, where DingTalk does', async () => {
    const scope = { departments: [DEPARTMENT], people: ['lisi'] };
    expect((await call('PUT', '/__sandbox/out-of-scope', scope)).body).toEqual(scope);
    expect(await get('/topapi/v2/department/get', { dept_id: DEPARTMENT })).toMatchObject({ errcode: 50004 });
    expect(await get('/topapi/v2/department/listsub', { dept_id: DEPARTMENT })).toMatchObject({ errcode: 50004 });
    const members = { dept_id: DEPARTMENT, cursor: 0, size: 1 };
    expect(await get('/topapi/v2/user/list', members)).toMatchObject({ errcode: 50004 });
    expect(await get('/topapi/v2/user/get', { userid: 'lisi' })).toMatchObject({ errcode: 50002 });
    const path = await get('/topapi/v2/department/listparentbydept', { dept_id: DEPARTMENT });
    expect(path.result).toEqual({ parent_id_list: [DEPARTMENT, 1] });
    for (const wrong of [{ departments: ['1'] }, { people: [1] }]) {
      expect((await call('PUT', '/__sandbox/out-of-scope', wrong)).status).toBe(400);
    }
  });

  it.each([
    ['a list of ids', { dept_id_list: [1] }, 40035],
    ['null', { title: null }, 40035],
    ['an unknown field', { nickname: 'x' }, 40035],
    ['a text for an extension', { extension: '{}' }, 40035],
    ['no department', { dept_id_list: undefined }, 40035],
    ['a department that is not there', { dept_id_list: '77' }, 60003],
    ['a number that is none', { mobile: '12' }, 60103],
    ['a number that is taken', { mobile: '13800002468' }, 60104],
    ['a userid that is taken', { userid: 'lisi' }, 60102],
    ['a mail address that is taken', { email: 'k93lmwqxrtpb7slisi@example.com' }, 60106],
    ['a manager who is not there', { manager_userid: 'nobody' }, 40031],
    ['a number whose owner is asked first', { mobile: '19900000000' }, 40103],
  ])('refuses an employee with %s', async (_, fields, errcode) => {
    const employee = { name: '新人', mobile: '18800001111', dept_id_list: '1', ...fields };
    expect(await get('/topapi/v2/user/create', employee)).toMatchObject({ errcode });
  });

  it('searches by name in pages that are counted', async () => {
    const search = (more: object) =>
      call('POST', '/v1.0/contact/users/search', { queryWord: '李', offset: 0, size: 2, ...more }, v1(app()));
    const { body } = await search({});
    expect(body).toMatchObject({ hasMore: true, list: [expect.any(String), expect.any(String)] });
    const last = await search({ offset: Math.ceil(body.totalCount / 2) - 1 });
    expect(last.body.hasMore).toBe(false);
    expect((await search({ queryWord: '李四', fullMatchField: 1 })).body.list).toContain('lisi');
    for (const bad of [{ queryWord: '' }, { offset: -1 }, { size: 0 }, { size: '2' }]) {
      expect(await search(bad)).toMatchObject({ status: 400, body: { code: 'parameter.error' } });
    }
  });
});

describe('the sandbox’s company', () => {
  it('has 300 people in nested departments, the same at every start', async () => {
    const { body } = await call('GET', '/__sandbox/world');
    expect(
      body.people.filter((one: { userId?: string; external?: boolean }) => one.userId && !one.external),
    ).toHaveLength(300);
    expect(body.departments.length).toBeGreaterThan(40);
    const below = await oapi('/topapi/v2/department/listsub', { dept_id: 1 });
    expect(below.body.result[0]).toMatchObject({ name: '研发中心', parent_id: 1 });
    const deep = await oapi('/topapi/v2/department/listsub', { dept_id: below.body.result[0].dept_id });
    expect(deep.body.result.length).toBeGreaterThan(2);
    expect(new Sandbox({ people: 300 }).desk.world.people).toEqual(sandbox.desk.world.people);
  });
});

describe('the sandbox’s control API', () => {
  it('tells the calls received and forgets them', async () => {
    await update({ order: 1 });
    const { calls } = (await call('GET', '/__sandbox/calls?path=/topapi/v2/department/update')).body;
    expect(calls).toMatchObject([{ method: 'POST', body: `{"dept_id":${DEPARTMENT},"order":1}`, status: 200 }]);
    await call('DELETE', '/__sandbox/calls');
    expect((await call('GET', '/__sandbox/calls')).body).toEqual({ calls: [] });
  });

  it('switches a fault on for so many calls, and off', async () => {
    const fault = { kind: 'busy', route: 'POST /topapi/v2/department/update', times: 1 };
    await call('POST', '/__sandbox/faults', fault);
    expect((await update({ order: 1 })).body).toMatchObject({ errcode: -1 });
    expect((await update({ order: 1 })).body).toMatchObject({ errcode: 0 });
    await call('POST', '/__sandbox/faults', { ...fault, times: undefined });
    await call('DELETE', '/__sandbox/faults');
    expect((await update({ order: 1 })).body).toMatchObject({ errcode: 0 });
  });

  it.each([
    ['POST', '/__sandbox/faults', { kind: 'earthquake', route: '*' }],
    ['POST', '/__sandbox/faults', { kind: 'busy', route: 'everywhere' }],
    ['PUT', '/__sandbox/settings', { tokenRefusal: 'no' }],
    ['POST', '/__sandbox/tokens/revoke', { kind: 'some' }],
    ['GET', '/__sandbox/auth-code?userId=nobody', undefined],
  ])('refuses %s %s %j with a reason', async (method, path, body) => {
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status: 400, body: { message: expect.any(String) } });
  });

  it('revokes tokens', async () => {
    const token = app();
    expect((await call('POST', '/__sandbox/tokens/revoke', { kind: 'app' })).body.revoked).toBeGreaterThan(0);
    expect((await oapi('/topapi/v2/department/get', { dept_id: 1 }, token)).body).toMatchObject({ sub_code: '40014' });
  });
});

describe('the sandbox’s sign-in page', () => {
  const query = (more: object = {}) =>
    `?${new URLSearchParams({ client_id: clientId, response_type: 'code', scope: 'openid', redirect_uri: 'http://localhost/x', ...more })}`;

  it('goes back with the code by both of its names and the state, or with an error', async () => {
    const yes = await call('GET', `/oauth2/choose${query({ state: 's&1', who: 'k93LmWqxRtpb7Slisi' })}`);
    const back = new URL(yes.headers.get('location') ?? '').searchParams;
    expect(back.get('state')).toBe('s&1');
    expect(back.get('authCode')).toBe(back.get('code'));
    expect(sandbox.desk.tokens.useAuthCode(back.get('authCode'), 'login')).toBe('k93LmWqxRtpb7Slisi');
    const no = await call('GET', `/oauth2/choose${query({ who: '' })}`);
    expect(no.headers.get('location')).toContain('error=access_denied');
  });

  it.each([{ client_id: 'x' }, { response_type: 'token' }, { scope: 'all' }, { redirect_uri: 'javascript:alert(1)' }])(
    'refuses %j',
    async (more) => {
      expect((await call('GET', `/oauth2/auth${query(more)}`)).status).toBe(400);
    },
  );

  it('escapes what it is given', async () => {
    const { body } = await call('GET', `/oauth2/auth${query({ find: '"><script>x</script>' })}`);
    expect(body).not.toContain('<script>x');
  });
});
