import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TestWorld } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const HTML = { accept: 'text/html,application/xhtml+xml' };
const LI_SI = 'k93LmWqxRtpb7Slisi';

const get = (path: string, headers: Record<string, string> = {}) => world.client.raw(path, { headers });

/** Begins a sign-in as a browser does: the state that DingTalk's page is given, and the cookie that the browser holds. */
async function begin(returnTo = '/people', held = '') {
  const answer = await get(`/session/login?returnTo=${encodeURIComponent(returnTo)}`, { cookie: held });
  const page = new URL(answer.headers.get('location') ?? '');
  const cookie = answer.headers.getSetCookie()[0] ?? '';
  return { answer, page, state: page.searchParams.get('state') ?? '', cookie: cookie.split(';')[0] ?? '' };
}

const callback = (query: Record<string, string>, cookie = '') =>
  get(`/session/callback?${new URLSearchParams(query)}`, { ...HTML, cookie });

const cookiesOf = (answer: { headers: Headers }): string[] => answer.headers.getSetCookie();
const sessionOf = (answer: { headers: Headers }): string | undefined =>
  cookiesOf(answer).find((cookie) => cookie.startsWith('session=') && !cookie.startsWith('session=;'));

describe('the way to DingTalk’s page', () => {
  it('has every parameter of its document, spaces as %20', async () => {
    const { answer, page, state } = await begin();
    expect(answer.status).toBe(302);
    expect(page.origin).toBe(world.sandbox.url);
    expect(page.pathname).toBe('/oauth2/auth');
    expect(Object.fromEntries(page.searchParams)).toEqual({
      redirect_uri: 'http://localhost:3000/session/callback',
      response_type: 'code',
      client_id: 'dingsandboxclientid01',
      scope: 'openid corpid',
      state,
      prompt: 'consent',
      corpId: 'dingsandbox8f3a51c2',
    });
    expect(page.search).toContain('scope=openid%20corpid');
    expect(state).toMatch(/^[\w-]{43}$/);
  });

  it('is bound to the browser by a short cookie that the way back carries, and keeps nothing on the server', async () => {
    const { answer } = await begin();
    expect(cookiesOf(answer)).toEqual([
      expect.stringMatching(/^sign-in=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    expect(world.sandbox.journal.all()).toEqual([]);
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/%2F/evil.example', '/.//evil.example'])(
    'does not begin with returnTo=%s',
    async (returnTo) => {
      const answer = await get(`/session/login?returnTo=${encodeURIComponent(returnTo)}`);
      expect(answer.body).toMatchObject({ status: 400, code: 'BAD_INPUT', errors: [{ field: 'returnTo' }] });
      expect(answer.headers.get('location')).toBeNull();
      const page = await get(`/session/login?returnTo=${encodeURIComponent(returnTo)}`, HTML);
      expect(page.status).toBe(400);
      expect(page.text).toContain('<h1>链接有误 · This link is not right</h1>');
    },
  );

  it.each(['returnTo=/a&returnTo=//evil.example', 'returnto=/a', 'next=/a'])(
    'does not begin with ?%s',
    async (query) => {
      expect((await get(`/session/login?${query}`)).body).toMatchObject({ code: 'BAD_INPUT' });
    },
  );
});

describe('the way back', () => {
  it.each(['authCode', 'code'])('with %s opens a new session and moves on by a page of our own', async (name) => {
    const { state, cookie } = await begin('/people?page=2&x="><script>');
    const answer = await callback({ state, [name]: world.authCode('lisi') }, cookie);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(
      '<meta http-equiv="refresh" content="0;url=/people?page=2&amp;x=%22%3E%3Cscript%3E">',
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(cookiesOf(answer)).toEqual([
      expect.stringMatching(/^sign-in=; Max-Age=0; /),
      expect.stringMatching(/^session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    const session = { cookie: sessionOf(answer)?.split(';')[0] ?? '', 'x-csrf': '1' };
    expect((await world.client.rest('GET', '/session', session)).body.session.unionId).toBe(LI_SI);
  });

  it('leads each of several tabs to where it was, in any order', async () => {
    const first = await begin('/first');
    const second = await begin('/second', first.cookie);
    const one = await callback({ state: first.state, authCode: world.authCode('lisi') }, second.cookie);
    expect(one.text).toContain('content="0;url=/first"');
    const left = cookiesOf(one)[0]?.split(';')[0] ?? '';
    expect(left).toContain(second.state);
    expect(left).not.toContain(first.state);
    const other = await callback({ state: second.state, authCode: world.authCode('lisi') }, left);
    expect(other.text).toContain('content="0;url=/second"');
    expect(cookiesOf(other)[0]).toMatch(/^sign-in=; Max-Age=0/);
  });

  it('is kept for the newest few tabs, and never in a cookie that a browser would not take', async () => {
    let held = '';
    const begun = [];
    for (let count = 0; count < 6; count += 1) {
      const sign = await begin(`/${'x'.repeat(count < 3 ? 10 : 1000)}${count}`, held);
      expect(sign.cookie.length).toBeLessThan(4000);
      held = sign.cookie;
      begun.push(sign.state);
    }
    expect(begun.filter((state) => held.includes(state))).toEqual(begun.slice(-2));
  });

  it('leads nowhere else, though the cookie be tampered with', async () => {
    const { state } = await begin();
    const cookie = `sign-in=${state}.${Buffer.from('//evil.example').toString('base64url')}`;
    const answer = await callback({ state, authCode: world.authCode('lisi') }, cookie);
    expect(answer.text).toContain('content="0;url=/"');
    expect(answer.text).not.toContain('evil');
  });

  it('never takes over a session id that the browser brought along', async () => {
    const { state, cookie } = await begin();
    const planted = 'session=planted-by-somebody-who-waits-for-it';
    const answer = await callback({ state, authCode: world.authCode('lisi') }, `${cookie}; ${planted}`);
    expect(sessionOf(answer)).not.toContain('planted');
    expect((await world.client.rest('GET', '/session', { cookie: planted, 'x-csrf': '1' })).status).toBe(401);
  });

  it.each([
    ['a forged state', ({ cookie }: Begun) => [{ state: 'A'.repeat(43) }, cookie]],
    ['no state', ({ cookie }: Begun) => [{}, cookie]],
    ['the state of another browser', ({ state }: Begun) => [{ state }, '']],
    [
      'the state of one sign-in and the cookie of another',
      ({ state }: Begun, other: Begun) => [{ state }, other.cookie],
    ],
    ['an empty state and an empty cookie', () => [{ state: '' }, 'sign-in=.']],
    ['a state of letters that take more bytes', ({ cookie }: Begun) => [{ state: 'é'.repeat(43) }, cookie]],
    ['an empty state and no cookie', () => [{ state: '' }, '']],
    ['a cookie that is no state', () => [{ state: 'x' }, 'sign-in=x.Lw']],
  ] as [string, (begun: Begun, other: Begun) => [Record<string, string>, string]][])(
    'with %s is refused on a plain page, with 0 calls at DingTalk',
    async (_, forge) => {
      const [query, cookie] = forge(await begin(), await begin());
      world.sandbox.journal.clear();
      const answer = await callback({ authCode: world.authCode('lisi'), ...query }, cookie);
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('or was not begun in this browser');
      expect(cookiesOf(answer)).toEqual([]);
      expect(world.sandbox.journal.all()).toEqual([]);
    },
  );

  it('with a state that was used is refused, also where the cookie was kept and the code is new', async () => {
    const { state, cookie } = await begin();
    const both = await Promise.all([1, 2].map(() => callback({ state, authCode: world.authCode('lisi') }, cookie)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    world.sandbox.journal.clear();
    const replayed = await callback({ state, authCode: world.authCode('lisi') }, cookie);
    expect(replayed.status).toBe(403);
    expect(replayed.text).toContain('finished before');
    expect(sessionOf(replayed)).toBeUndefined();
    expect(world.sandbox.journal.all()).toEqual([]);
  });

  it.each([
    ['a stranger', 'strangerPq8Xw2NvRiEiE'],
    ['an external contact', 'ext-wang'],
  ])('of %s ends on a refusal page, without a session', async (_, who) => {
    const { state, cookie } = await begin();
    const answer = await callback({ state, authCode: world.authCode(who) }, cookie);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.text).toContain('无法完成登录 · This sign-in cannot be completed');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(sessionOf(answer)).toBeUndefined();
    // That DingTalk knows no record of them must not be what keeps them out.
    expect(world.calls('/topapi/v2/user/get')).toEqual([]);
  });

  it('of a person of another organisation ends on a refusal page, without a session', async () => {
    const { state, cookie } = await begin();
    const body = { accessToken: 'a-token-of-elsewhere', refreshToken: 'r', expireIn: 7200, corpId: 'dingelsewhere' };
    world.sandbox.levers.add({ kind: 'answer', route: 'POST /v1.0/oauth2/userAccessToken', body, times: 1 });
    const answer = await callback({ state, authCode: 'x' }, cookie);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('not for the organisation that the gateway serves');
    expect(sessionOf(answer)).toBeUndefined();
  });

  it.each([
    ['an error', { error: 'access_denied' }],
    ['an error beside a code', { error: 'access_denied', authCode: 'x' }],
    ['no code at all', {}],
    ['an empty code', { code: '' }],
    ['a code that is too long', { code: 'x'.repeat(513) }],
  ])('with %s ends on a page that says so, with 0 calls at DingTalk', async (_, query) => {
    const { state, cookie } = await begin();
    const answer = await callback({ state, ...query }, cookie);
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('refused or cancelled');
    expect(answer.text).toContain('href="login?returnTo=%2Fpeople"');
    expect(world.sandbox.journal.all()).toEqual([]);
  });

  it('while DingTalk cannot be reached ends on a page, and does not use the state up', async () => {
    const { state, cookie } = await begin();
    world.sandbox.levers.add({ kind: 'reset', route: 'POST /v1.0/oauth2/userAccessToken', times: 1 });
    const authCode = world.authCode('lisi');
    const answer = await callback({ state, authCode }, cookie);
    expect(answer.status).toBe(502);
    expect(answer.text).toContain('DingTalk cannot be reached or is busy.');
    expect((await callback({ state, authCode }, cookie)).status).toBe(200);
  });

  it('has cookies with the prefix of hosts where browsers see https', async () => {
    await world.restartGateway({ PUBLIC_URL: 'https://contact.example.com' });
    const { answer, page, state, cookie } = await begin();
    expect(page.searchParams.get('redirect_uri')).toBe('https://contact.example.com/session/callback');
    expect(cookiesOf(answer)[0]).toMatch(/^__Host-Http-sign-in=.*; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const back = await callback({ state, authCode: world.authCode('lisi') }, cookie);
    expect(cookiesOf(back)[1]).toMatch(/^__Host-Http-session=.*; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    await world.restartGateway();
  });
});

type Begun = Awaited<ReturnType<typeof begin>>;

describe('a sign-in from inside DingTalk', () => {
  const signIn = (who: string) => world.client.signIn(world.authCode(who, 'in-app'), 'in-app');

  it('is asked of DingTalk as its document says', async () => {
    await signIn('lisi');
    const [call] = world.calls('/topapi/v2/user/getuserinfo');
    expect(call).toMatchObject({ method: 'POST', query: { access_token: expect.any(String) } });
    expect(Object.keys(JSON.parse(call?.body ?? ''))).toEqual(['code']);
    expect(world.calls('/v1.0/oauth2/userAccessToken')).toEqual([]);
  });

  it('shows the own profile as the organisation has it', async () => {
    const person = await signIn('lisi');
    const own = {
      unionId: LI_SI,
      openId: null,
      nick: '李四',
      avatarUrl: `https://static.example.com/${LI_SI}.png`,
      mobile: '13800002468',
      email: 'k93lmwqxrtpb7slisi@example.com',
      stateCode: '86',
      loginEmail: null,
      visitor: null,
    };
    expect((await world.client.rest('GET', '/v1/users/me', person)).body).toEqual({ user: own });
    expect((await world.client.rest('GET', `/v1/users/${LI_SI}`, person)).body).toEqual({ user: own });
    const { body } = await world.client.graphql(person, `{ me { ${Object.keys(own).join(' ')} } }`);
    expect(body).toEqual({ data: { me: own } });
  });

  it('shows nobody else’s profile, and says why', async () => {
    const person = await signIn('lisi');
    world.sandbox.journal.clear();
    const rest = await world.client.rest('GET', '/v1/users/z21HjQliSzpw0Yzhangsan', person);
    expect(rest.body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(rest.body.detail).toMatch(/sign in through DingTalk’s page/);
    const { body } = await world.client.graphql(person, '{ user(unionId: "z21HjQliSzpw0Yzhangsan") { nick } }');
    expect(body.errors[0].extensions.code).toBe('FORBIDDEN');
    expect(world.sandbox.journal.all()).toEqual([]);
  });

  it('gives an administrator the rights of one', async () => {
    const admin = await signIn('102530009661373952');
    expect((await world.client.rest('GET', '/v1/departments/1', admin)).status).toBe(200);
    expect((await world.client.rest('GET', '/v1/departments/1', await signIn('lisi'))).status).toBe(403);
  });

  it.each([
    ['made up', async () => 'made-up', 401],
    ['used', async () => used('in-app'), 401],
    ['of the sign-in page', async () => world.authCode('lisi'), 401],
    ['of an external contact', async () => world.authCode('ext-wang', 'in-app'), 403],
    ['of a stranger', async () => world.authCode('strangerPq8Xw2NvRiEiE', 'in-app'), 401],
  ])('with a code that is %s is refused', async (_, code, status) => {
    const answer = await world.client.rest('POST', '/session', {}, { authCode: await code(), via: 'in-app' });
    expect(answer.status).toBe(status);
    expect(cookiesOf(answer)).toEqual([]);
  });

  it.each([40078, 40102, 42008])('refused with DingTalk’s %i is a bad code', async (errcode) => {
    const body = { errcode, errmsg: 'x' };
    world.sandbox.levers.add({ kind: 'answer', route: 'POST /topapi/v2/user/getuserinfo', body, times: 1 });
    const answer = await world.client.rest('POST', '/session', {}, { authCode: 'x', via: 'in-app' });
    expect(answer.body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  async function used(via: 'in-app'): Promise<string> {
    const code = world.authCode('lisi', via);
    await world.client.signIn(code, via);
    return code;
  }
});
