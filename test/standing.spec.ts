import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { KeyValueStore } from '#state';
import { bearer } from './harness/client.js';
import { later } from './harness/clock.js';
import { KEY, TestWorld, keyOf } from './harness/world.js';

type HeaderMap = Record<string, string>;

const USER_TOKEN = '/v1.0/oauth2/userAccessToken';
const ADMIN = '102530009661373952';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => {
  jest.restoreAllMocks();
  world.reset();
});

const call = async (method: string, path: string, headers: HeaderMap) => {
  const { status, body } = await world.client.rest(method, path, headers);
  return { status, code: body?.code, detail: body?.detail ?? '' };
};
const me = (person: HeaderMap) => call('GET', '/v1/users/me', person);
const department = (person: HeaderMap) => call('GET', '/v1/departments/1', person);
const session = (person: HeaderMap) => call('GET', '/session', person);

/** Ends the tokens of all people at DingTalk: the next call of each has to refresh. */
const endTokens = () => world.sandbox.desk.tokens.revoke('user');
const refreshes = (): string[] =>
  world.calls(USER_TOKEN).flatMap(({ body }) => (JSON.parse(body) as { refreshToken?: string }).refreshToken ?? []);

function personOf(userId: string) {
  const person = world.sandbox.desk.world.byUserId(userId);
  if (!person) throw new Error(`nobody is ${userId}`);
  return person;
}

/** The person leaves the organisation: their DingTalk account stays. */
const leave = (userId: string) => Object.assign(personOf(userId), { userid: undefined });

const GONE = /not an employee of the organisation any more/;

describe('membership and the administrator flag', () => {
  it('are asked for at each refresh of the person’s token, once for all callers', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    world.sandbox.journal.clear();
    endTokens();
    const answers = await Promise.all(Array.from({ length: 50 }, () => me(person)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(refreshes()).toHaveLength(1);
    expect(world.calls('/topapi/user/getbyunionid')).toHaveLength(1);
    expect(world.calls('/topapi/v2/user/get')).toHaveLength(1);
    await me(person);
    expect(world.calls('/topapi/v2/user/get')).toHaveLength(1);
  });

  it('lost end the session at that refresh: no profile is read with the new token', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    leave('lisi');
    expect((await me(person)).status).toBe(200);
    endTokens();
    world.sandbox.journal.clear();
    expect(await me(person)).toMatchObject({
      status: 401,
      code: 'UNAUTHENTICATED',
      detail: expect.stringMatching(GONE),
    });
    expect(world.calls('/v1.0/contact/users/me').map(({ status }) => status)).toEqual([400]);
    world.sandbox.journal.clear();
    expect((await session(person)).status).toBe(401);
    expect(world.sandbox.journal.all()).toEqual([]);
  });

  it('are asked for before the token ends, also where the person reads departments only', async () => {
    await world.restartGateway({ SESSION_IDLE_S: '86400', SESSION_MAX_S: '86400' });
    const admin = await world.client.signIn(world.authCode(ADMIN));
    expect((await department(admin)).status).toBe(200);
    later(1.9);
    expect((await department(admin)).status).toBe(200);
    expect(refreshes()).toHaveLength(0);
    later(1.95);
    world.sandbox.desk.tokens.app();
    Object.assign(personOf(ADMIN), { admin: false });
    expect(await department(admin)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(refreshes()).toHaveLength(1);
    expect((await session(admin)).status).toBe(200);
  });

  it('lost refuse a whole request of GraphQL, before any field', async () => {
    await world.restartGateway({ SESSION_IDLE_S: '86400', SESSION_MAX_S: '86400' });
    const admin = await world.client.signIn(world.authCode(ADMIN));
    later(1.95);
    leave(ADMIN);
    const query = '{ a: department(id: "1") { id } me { nick } }';
    const { status, body } = await world.client.graphql(admin, query);
    expect(status).toBe(401);
    expect(body).toMatchObject({ errors: [{ message: expect.stringMatching(GONE) }] });
    expect(body.data).toBeUndefined();
    expect(world.calls('/topapi/v2/department/get')).toEqual([]);
  });

  it('that cannot be asked for let nobody in, and end nothing: later they are', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    endTokens();
    world.sandbox.levers.add({ kind: 'reset', route: 'POST /topapi/user/getbyunionid', times: 3 });
    expect(await me(person)).toMatchObject({ status: 502, code: 'DINGTALK_UNAVAILABLE' });
    expect((await me(person)).status).toBe(200);
    expect(new Set(refreshes()).size).toBe(refreshes().length);
  });

  it('refused by DingTalk for a reason of its own do not end the session', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    endTokens();
    const body = { errcode: 99999, errmsg: 'x' };
    world.sandbox.levers.add({ kind: 'answer', route: 'POST /topapi/user/getbyunionid', body, times: 1 });
    expect((await me(person)).status).toBe(422);
    expect((await me(person)).status).toBe(200);
  });

  it('that cannot be asked for keep nobody from leaving', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    endTokens();
    world.sandbox.levers.add({ kind: 'server-error', route: '*' });
    expect((await call('DELETE', '/session', person)).status).toBe(204);
    expect((await session(person)).status).toBe(401);
  });

  it('are asked for every two hours, however long DingTalk lets a token live', async () => {
    const body = { accessToken: 'a'.repeat(32), refreshToken: 'b'.repeat(32), expireIn: 86_400 };
    await world.restartGateway({ SESSION_IDLE_S: '86400', SESSION_MAX_S: '86400' });
    const unionId = personOf(ADMIN).unionId;
    world.sandbox.levers.add({ kind: 'answer', route: `POST ${USER_TOKEN}`, body, times: 1 });
    world.sandbox.levers.add({
      kind: 'answer',
      route: 'GET /v1.0/contact/users/{unionId}',
      body: { unionId },
      times: 1,
    });
    const admin = await world.client.signIn('x');
    expect((await department(admin)).status).toBe(200);
    later(2.1);
    world.sandbox.desk.tokens.app();
    expect((await department(admin)).status).toBe(401);
  });

  it('cost one refresh, however often they cannot be asked for', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    endTokens();
    world.sandbox.levers.add({ kind: 'busy', route: 'POST /topapi/user/getbyunionid', times: 15 });
    for (let count = 0; count < 5; count += 1) expect((await me(person)).status).toBe(502);
    expect((await me(person)).status).toBe(200);
    expect(refreshes()).toHaveLength(1);
  });

  it('are not asked for whoever is refused anyhow', async () => {
    await world.restartGateway({ SESSION_IDLE_S: '86400', SESSION_MAX_S: '86400' });
    const person = await world.client.signIn(world.authCode('lisi'));
    later(2.1);
    world.sandbox.journal.clear();
    expect(await department(person)).toMatchObject({ status: 403 });
    expect(world.sandbox.journal.all()).toEqual([]);
  });

  it('of a session from inside DingTalk are asked for every two hours', async () => {
    await world.restartGateway({ SESSION_IDLE_S: '86400', SESSION_MAX_S: '86400' });
    const person = await world.client.signIn(world.authCode('lisi', 'in-app'), 'in-app');
    later(1.9);
    world.sandbox.journal.clear();
    expect((await session(person)).status).toBe(200);
    expect(world.calls()).toEqual([]);
    later(2.1);
    world.sandbox.desk.tokens.app();
    await Promise.all(Array.from({ length: 20 }, () => session(person)));
    expect(world.calls('/topapi/user/getbyunionid')).toHaveLength(1);
    later(4.3);
    world.sandbox.desk.tokens.app();
    leave('lisi');
    expect((await session(person)).detail).toMatch(GONE);
  });
});

describe('a person’s token', () => {
  it('whose refresh token is dead ends the session', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    endTokens();
    const body = { code: 'invalid.refresh', message: 'x' };
    world.sandbox.levers.add({ kind: 'answer', status: 400, body, route: `POST ${USER_TOKEN}`, times: 1 });
    expect(await me(person)).toMatchObject({
      status: 401,
      detail: expect.stringMatching(/sign-in at DingTalk has ended/),
    });
    world.sandbox.journal.clear();
    expect(await session(person)).toMatchObject({ status: 401, detail: expect.stringMatching(/session has ended/) });
    expect(world.sandbox.journal.all()).toEqual([]);
  });

  it('whose refresh hangs is asked for once for all who wait, and nobody waits to sign out', async () => {
    await world.restartGateway({ DINGTALK_TIMEOUT_MS: '500' });
    const person = await world.client.signIn(world.authCode('lisi'));
    endTokens();
    world.sandbox.levers.add({ kind: 'hang', route: `POST ${USER_TOKEN}` });
    const waiting = Promise.all(Array.from({ length: 20 }, () => me(person)));
    await new Promise((wait) => setTimeout(wait, 100));
    const startMs = performance.now();
    expect((await call('DELETE', '/session', person)).status).toBe(204);
    expect(performance.now() - startMs).toBeLessThan(300);
    // Whoever came after it had no session any more.
    const told = (await waiting).map(({ status }) => status).filter((status) => status !== 401);
    expect(new Set(told)).toEqual(new Set([504]));
    expect(refreshes()).toHaveLength(1);
    await world.restartGateway();
  });

  it('is gone from the store when the session is ended, by whomever, or never begins', async () => {
    const store = world.app.get(KeyValueStore, { strict: false });
    const kept = new Set<string>();
    const put = store.put.bind(store);
    jest.spyOn(store, 'put').mockImplementation((key, value, lifeMs) => (kept.add(key), put(key, value, lifeMs)));
    const tokens = async () => {
      const keys = [...kept].filter((key) => key.startsWith('user-'));
      expect(keys.length).toBeGreaterThan(0);
      return (await Promise.all(keys.map(async (key) => store.get(key)))).filter(Boolean).length;
    };
    const first = await world.client.signIn(world.authCode('lisi'));
    expect(await tokens()).toBe(2);
    await world.client.rest('DELETE', '/session', first);
    expect(await tokens()).toBe(0);
    await world.client.signIn(world.authCode('lisi'));
    await world.client.rest('DELETE', '/v1/sessions?userId=lisi', bearer(KEY));
    expect(await tokens()).toBe(0);
    await world.client.rest('POST', '/session', {}, { authCode: world.authCode('strangerPq8Xw2NvRiEiE') });
    expect(await tokens()).toBe(0);
  });

  it('is refreshed with a one-time token that is never sent twice, over many refreshes and sessions', async () => {
    const people = await Promise.all(['lisi', 'lisi', ADMIN].map((who) => world.client.signIn(world.authCode(who))));
    for (let round = 0; round < 4; round += 1) {
      endTokens();
      const answers = await Promise.all(people.flatMap((person) => Array.from({ length: 10 }, () => me(person))));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
    expect(refreshes()).toHaveLength(12);
    expect(new Set(refreshes()).size).toBe(12);
  });
});

describe('DELETE /v1/sessions', () => {
  const endAll = (query: string, headers: HeaderMap = bearer(keyOf('session:end'))) =>
    world.client.rest('DELETE', `/v1/sessions${query}`, headers);

  it('ends all sessions of that person and of nobody else, tokens included', async () => {
    const mine = await Promise.all([1, 2, 3].map(() => world.client.signIn(world.authCode('lisi'))));
    const inApp = await world.client.signIn(world.authCode('lisi', 'in-app'), 'in-app');
    const other = await world.client.signIn(world.authCode(ADMIN));
    expect((await endAll('?userId=lisi')).status).toBe(204);
    for (const person of [...mine, inApp]) expect((await session(person)).status).toBe(401);
    expect((await session(other)).status).toBe(200);
    expect((await session(await world.client.signIn(world.authCode('lisi')))).status).toBe(200);
  });

  it('of somebody who has none is done as well', async () => {
    expect((await endAll('?userId=nobody')).status).toBe(204);
  });

  it.each([
    '',
    '?userId=',
    '?userid=lisi',
    '?userId=lisi&more=1',
    '?userId=a&userId=b',
    '?userId=%00',
    '?userId=a%20b',
  ])('is refused for the query "%s"', async (query) => {
    expect((await endAll(query, bearer(KEY))).body).toMatchObject({ status: 400, code: 'BAD_INPUT' });
  });
});

describe('a session', () => {
  it('is one of a hundred at most: a further one ends the oldest', async () => {
    const first = await world.client.signIn(world.authCode('lisi'));
    const second = await world.client.signIn(world.authCode('lisi'));
    for (let count = 0; count < 99; count += 1) await world.client.signIn(world.authCode('lisi'));
    expect((await session(first)).status).toBe(401);
    expect((await session(second)).status).toBe(200);
  }, 20_000);
});
