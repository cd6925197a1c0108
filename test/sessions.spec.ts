import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TestWorld } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

async function rest(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const answer = await world.client.rest(method, path, headers, body);
  return { status: answer.status, code: answer.body?.code };
}

describe('a session', () => {
  it('tells who it is of and what they may do', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    const { status, body } = await world.client.rest('GET', '/session', person);
    expect(status).toBe(200);
    expect(body.session).toEqual({
      userId: 'lisi',
      unionId: 'k93LmWqxRtpb7Slisi',
      name: '李四',
      corpId: 'dingsandbox8f3a51c2',
      scopes: ['user:read', 'user:read:mobile', 'user:read:email'],
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('of an administrator may read departments', async () => {
    const admin = await world.client.signIn(world.authCode('102530009661373952'));
    const person = await world.client.signIn(world.authCode('lisi'));
    expect(await rest('GET', '/v1/departments/1', admin)).toMatchObject({ status: 200 });
    expect(await rest('GET', '/v1/departments/1', person)).toMatchObject({ status: 403 });
  });

  it.each([
    ['a stranger', 'strangerPq8Xw2NvRiEiE'],
    ['an external contact', 'ext-wang'],
  ])('is refused to %s', async (_, who) => {
    const answer = await world.client.rest('POST', '/session', {}, { authCode: world.authCode(who) });
    expect(answer.body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('is refused for a code that is made up or used', async () => {
    const authCode = world.authCode('lisi');
    await world.client.signIn(authCode);
    for (const code of [authCode, 'made-up']) {
      const answer = await world.client.rest('POST', '/session', {}, { authCode: code });
      expect(answer.body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    }
  });

  it.each([{}, { authCode: '' }, { authCode: 5 }, { authCode: 'x', via: 'fax' }, { authCode: 'x', more: 1 }])(
    'is refused for the body %j',
    async (body) => {
      expect(await rest('POST', '/session', {}, body)).toMatchObject({ status: 400, code: 'BAD_INPUT' });
      expect(world.sandbox.journal.all()).toEqual([]);
    },
  );

  it('has a cookie that scripts and other sites do not get', async () => {
    const answer = await world.client.rest('POST', '/session', {}, { authCode: world.authCode('lisi') });
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  it('has the prefixed, secure cookie where browsers see https', async () => {
    const secure = await TestWorld.start({ PUBLIC_URL: 'https://contact.example.com' });
    const answer = await secure.client.rest('POST', '/session', {}, { authCode: secure.authCode('lisi') });
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-Http-session=[\w-]{43}; .*HttpOnly; SameSite=Strict; Secure$/);
    await secure.stop();
  });

  it('ends by idleness', async () => {
    const short = await TestWorld.start({ SESSION_IDLE_S: '1' });
    const person = await short.client.signIn(short.authCode('lisi'));
    expect((await short.client.rest('GET', '/session', person)).status).toBe(200);
    await new Promise((wait) => setTimeout(wait, 1200));
    expect((await short.client.rest('GET', '/session', person)).status).toBe(401);
    await short.stop();
  });

  it('ends at its longest however much it is used', async () => {
    const short = await TestWorld.start({ SESSION_MAX_S: '1' });
    const person = await short.client.signIn(short.authCode('lisi'));
    for (let count = 0; count < 4; count += 1) {
      await new Promise((wait) => setTimeout(wait, 300));
      await short.client.rest('GET', '/session', person);
    }
    expect((await short.client.rest('GET', '/session', person)).status).toBe(401);
    await short.stop();
  });

  it('lets a person authorise visibility in their own name only', async () => {
    const own = await TestWorld.start({ PERSON_SCOPES: 'user:read org-account:write' });
    const person = await own.client.signIn(own.authCode('lisi'));
    const put = (body: object) => own.client.rest('PUT', '/v1/org-accounts/visibility', person, body);
    expect((await put({ toCorpIds: ['ding1'] })).status).toBe(200);
    expect((await put({ toCorpIds: ['ding1'], optUserId: 'lisi' })).status).toBe(200);
    expect((await put({ toCorpIds: ['ding1'], optUserId: '102530009661373952' })).body).toMatchObject({
      code: 'FORBIDDEN',
    });
    const sent = own
      .calls('/v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg')
      .map(({ body }) => JSON.parse(body).optUserId);
    expect(sent).toEqual(['lisi', 'lisi']);
    await own.stop();
  });
});
