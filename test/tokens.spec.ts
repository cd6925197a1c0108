import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bearer } from './harness/client.js';
import { KEY, TestWorld } from './harness/world.js';

const TOKEN = '/v1.0/oauth2/accessToken';
const USER_TOKEN = '/v1.0/oauth2/userAccessToken';
const ID = '9007199254740991';
const app = bearer(KEY);

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
beforeEach(() => world.restartGateway());
afterEach(() => world.reset());

const read = () => world.client.rest('GET', `/v1/departments/${ID}`, app);
const many = <Result>(count: number, work: () => Promise<Result>) => Promise.all(Array.from({ length: count }, work));
const visibility = () =>
  world.client.rest('PUT', '/v1/org-accounts/visibility', app, { toCorpIds: ['ding1'], optUserId: 'lisi' });
const statuses = (answers: { status: number }[]) => [...new Set(answers.map(({ status }) => status))];

describe('the app’s token', () => {
  it('is fetched once for 300 concurrent cold callers', async () => {
    const answers = await many(300, read);
    expect(statuses(answers)).toEqual([200]);
    expect(world.calls(TOKEN)).toHaveLength(1);
  });

  it('goes to both generations', async () => {
    await read();
    await visibility();
    expect(world.calls(TOKEN)).toHaveLength(1);
  });

  it('is asked for by the documented call', async () => {
    await read();
    const [call] = world.calls(TOKEN);
    expect(call?.method).toBe('POST');
    expect(JSON.parse(call?.body ?? '')).toEqual({
      appKey: 'dingsandboxclientid01',
      appSecret: 'sandbox-client-secret-that-opens-nothing-real',
    });
  });

  it.each(['88/40014', '40014', '42001', '40001'] as const)(
    'revoked under load and refused as %s costs one renewal and no failed call',
    async (tokenRefusal) => {
      world.sandbox.levers.settings.tokenRefusal = tokenRefusal;
      await read();
      const first = many(30, read);
      world.sandbox.desk.tokens.revoke('app');
      const answers = [...(await first), ...(await many(30, read))];
      expect(statuses(answers)).toEqual([200]);
      expect(world.calls(TOKEN)).toHaveLength(2);
    },
  );

  it('revoked under load and refused as 400 InvalidAuthentication costs one renewal and no failed call', async () => {
    await visibility();
    const first = many(15, visibility);
    world.sandbox.desk.tokens.revoke('app');
    const answers = [...(await first), ...(await many(15, visibility))];
    expect(statuses(answers)).toEqual([200]);
    expect(world.calls(TOKEN)).toHaveLength(2);
  });

  it('that stays refused ends in one clear 502 with at most one re-send, and then in quiet', async () => {
    world.sandbox.levers.settings.refuseAllTokens = true;
    const answer = await read();
    expect(answer.body).toMatchObject({ status: 502, code: 'DINGTALK_TOKEN_REFUSED', retryable: false });
    expect(world.calls('/topapi/v2/department/get').length).toBeLessThanOrEqual(2);
    const before = world.sandbox.journal.all().length;
    expect(statuses(await many(50, read))).toEqual([502]);
    expect(world.sandbox.journal.all().length).toBe(before);
  });

  it('that is refused as each new one is renewed once, re-sent once, and then in quiet', async () => {
    const body = { errcode: 88, sub_code: '40014', errmsg: 'x' };
    world.sandbox.levers.add({ kind: 'answer', route: 'POST /topapi/v2/department/get', body });
    const rotate = setInterval(() => world.sandbox.desk.tokens.revoke('app'), 1);
    const answers = await many(20, read);
    clearInterval(rotate);
    expect(statuses(answers)).toEqual([502]);
    expect(world.calls('/topapi/v2/department/get').length).toBeLessThanOrEqual(40);
    expect(world.calls(TOKEN).length).toBeLessThanOrEqual(4);
  });

  it.each([0, -1, 'missing', '7200', 'nonsense', 1e12, null, 1.5])(
    'with an expireIn of %p is fetched once, never in a loop',
    async (expireIn) => {
      world.sandbox.levers.settings.expireIn = expireIn;
      for (let count = 0; count < 20; count += 1) expect((await read()).status).toBe(200);
      expect(world.calls(TOKEN)).toHaveLength(1);
    },
  );

  it('whose endpoint fails is asked for at widening intervals, not by every caller', async () => {
    world.sandbox.levers.add({ kind: 'server-error', route: `POST ${TOKEN}` });
    const answers = [...(await many(50, read)), ...(await many(50, read))];
    expect(statuses(answers)).toEqual([502]);
    expect(world.calls(TOKEN).length).toBeLessThanOrEqual(2);
    expect(world.calls()).toEqual([]);
  });

  it('is there again soon after its endpoint recovers', async () => {
    world.sandbox.levers.add({ kind: 'server-error', route: `POST ${TOKEN}`, times: 1 });
    expect((await read()).status).toBe(502);
    await new Promise((wait) => setTimeout(wait, 1100));
    expect((await read()).status).toBe(200);
  });

  it('asked for with a wrong secret makes one call, one clear 502 and no storm', async () => {
    await world.restartGateway({ DINGTALK_CLIENT_SECRET: 'not-the-secret' });
    const answers = [...(await many(50, read)), ...(await many(50, read))];
    expect(statuses(answers)).toEqual([502]);
    expect(answers[0]?.body).toMatchObject({ code: 'DINGTALK_TOKEN_REFUSED' });
    expect(world.calls(TOKEN)).toHaveLength(1);
  });

  it('that cannot be renewed means that a refused write did not run', async () => {
    await read();
    world.sandbox.desk.tokens.revoke('app');
    world.sandbox.levers.add({ kind: 'reset', route: `POST ${TOKEN}` });
    const answer = await world.client.rest('PATCH', `/v1/departments/${ID}`, app, { name: 'x' });
    expect(answer.body).toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
    const put = await visibility();
    expect(put.body).toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
    expect(world.capture.logs.some((line) => line.includes('no app token'))).toBe(true);
  });

  it('that is lost while a slow write runs fails that request alone: the gateway lives on', async () => {
    await world.restartGateway({ DINGTALK_TIMEOUT_MS: '600' });
    await read();
    const { levers, desk } = world.sandbox;
    levers.add({ kind: 'hang', route: 'POST /topapi/v2/department/update' });
    const update = world.client.rest('PATCH', `/v1/departments/${ID}`, app, { name: 'x' });
    await new Promise((wait) => setTimeout(wait, 200));
    desk.tokens.revoke('app');
    levers.add({ kind: 'server-error', route: `POST ${TOKEN}` });
    expect((await read()).status).toBe(502);
    expect((await update).body).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect((await world.client.raw('/health/live')).status).toBe(200);
  });

  it('refused for a reason that nobody documents is the operator’s affair, not the caller’s', async () => {
    const body = { code: 'some.new.code', message: 'x' };
    world.sandbox.levers.add({ kind: 'answer', status: 400, body, route: `POST ${TOKEN}` });
    expect((await read()).body).toMatchObject({ status: 502, code: 'DINGTALK_TOKEN_REFUSED' });
    expect(world.capture.logs.some((line) => line.includes('"level":"error"') && line.includes('some.new.code'))).toBe(
      true,
    );
  });

  it('makes the gateway ready, and its absence unready', async () => {
    expect(await world.client.raw('/health/ready')).toMatchObject({ status: 200, text: 'ready' });
    await world.restartGateway({ DINGTALK_CLIENT_SECRET: 'not-the-secret' });
    expect(await world.client.raw('/health/ready')).toMatchObject({ status: 503, text: 'unready' });
    expect(await world.client.raw('/health/live')).toMatchObject({ status: 200, text: 'live' });
  });
});

describe('a person’s token', () => {
  const me = (person: Record<string, string>) => world.client.rest('GET', '/v1/users/me', person);

  it('is got by the auth code and kept on the server: no answer holds it', async () => {
    await world.client.signIn(world.authCode('lisi'));
    const [call] = world.calls(USER_TOKEN);
    expect(JSON.parse(call?.body ?? '')).toMatchObject({ grantType: 'authorization_code' });
    expect(world.capture.leaks(world.sandbox.desk.tokens.secrets())).toEqual([]);
  });

  it('revoked is refreshed once for 50 concurrent calls, and the one-time refresh token is sent once', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    world.sandbox.desk.tokens.revoke('user');
    expect(statuses(await many(50, () => me(person)))).toEqual([200]);
    const refreshes = world.calls(USER_TOKEN).map(({ body }) => JSON.parse(body) as Record<string, string>);
    const sent = refreshes.flatMap(({ refreshToken }) => refreshToken ?? []);
    expect(sent).toHaveLength(1);
  });

  it('is refreshed again and again, each time with the newest refresh token', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    for (let count = 0; count < 3; count += 1) {
      world.sandbox.desk.tokens.revoke('user');
      expect((await me(person)).status).toBe(200);
    }
    const sent = world.calls(USER_TOKEN).flatMap(({ body }) => JSON.parse(body).refreshToken ?? []);
    expect(new Set(sent).size).toBe(3);
  });

  it('that cannot be refreshed any more asks for a new sign-in', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    world.sandbox.desk.tokens.revoke('user');
    const body = { code: 'invalid.refresh', message: 'x' };
    world.sandbox.levers.add({ kind: 'answer', status: 400, body, route: `POST ${USER_TOKEN}` });
    expect((await me(person)).body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it('whose refresh is answered by nonsense is tried again later, and the sign-in lives on', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    world.sandbox.desk.tokens.revoke('user');
    world.sandbox.levers.add({ kind: 'answer', status: 404, body: { x: 1 }, times: 1, route: `POST ${USER_TOKEN}` });
    expect((await me(person)).body).toMatchObject({ status: 502, code: 'DINGTALK_UNREADABLE' });
    expect((await me(person)).status).toBe(200);
  });

  it('is refreshed to its end even where its caller’s time is up', async () => {
    await world.restartGateway({ DINGTALK_TIMEOUT_MS: '400' });
    const person = await world.client.signIn(world.authCode('lisi'));
    world.sandbox.desk.tokens.revoke('user');
    // The refused call takes most of the time, so that the refresh ends after its caller's deadline.
    world.sandbox.levers.add({ kind: 'latency', ms: 250, times: 1, route: 'GET /v1.0/contact/users/{unionId}' });
    world.sandbox.levers.add({ kind: 'latency', ms: 250, times: 1, route: `POST ${USER_TOKEN}` });
    expect((await me(person)).body).toMatchObject({ status: 504, code: 'DINGTALK_TIMEOUT' });
    await new Promise((wait) => setTimeout(wait, 300));
    expect((await me(person)).status).toBe(200);
  });

  it('of one session never serves another', async () => {
    const [one, other] = [
      await world.client.signIn(world.authCode('lisi')),
      await world.client.signIn(world.authCode('102530009661373952')),
    ];
    expect((await me(one)).body.user.nick).toBe('李四');
    expect((await me(other)).body.user.nick).toBe('张三');
  });
});
