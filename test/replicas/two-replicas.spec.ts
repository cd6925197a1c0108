import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bearer } from '../harness/client.js';
import { Fleet, type Replica } from '../harness/fleet.js';
import { Hammer } from '../harness/hammer.js';
import { RedisServer } from '../harness/redis.js';
import { KEY } from '../harness/world.js';

const app = bearer(KEY);
const department = { path: '/v1/departments/1', headers: app };

let redis: RedisServer;
let fleet: Fleet;
let one: Replica;
let other: Replica;

const start = async (environment: Record<string, string> = {}, sandbox = {}) => {
  const shared = { REDIS_URL: redis.url, STATE_SECRET: 'a-secret-of-the-test', ...environment };
  fleet = await Fleet.start({ ...sandbox, environment: shared });
  [one, other] = fleet.replicas as [Replica, Replica];
};

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());
beforeEach(() => redis.say('flushall'));

describe('two replicas', () => {
  beforeAll(() => start({ CACHE_TTL_S: '30' }));
  afterAll(() => fleet.stop());
  beforeEach(() => fleet.sandbox.reset());

  it('fetch one token for a thousand callers who come at once', async () => {
    const ask = async ({ client }: Replica) => (await client.rest('GET', '/v1/departments/1', app)).status;
    const statuses = await Promise.all(Array.from({ length: 1000 }, (_, at) => ask(at % 2 ? one : other)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(fleet.tokenFetches()).toBe(1);
  });

  it('let a person in at one, know them at the other, and sign them out everywhere', async () => {
    const person = await one.client.signIn(fleet.authCode('lisi'));
    const me = async ({ client }: Replica, headers = person) =>
      (await client.rest('GET', '/v1/users/me', headers)).status;
    expect([await me(other), await me(one)]).toEqual([200, 200]);
    await other.client.rest('DELETE', '/session', person);
    expect([await me(one), await me(other)]).toEqual([401, 401]);
    const again = [await one.client.signIn(fleet.authCode('lisi')), await other.client.signIn(fleet.authCode('lisi'))];
    expect((await one.client.rest('DELETE', '/v1/sessions?userId=lisi', app)).status).toBe(204);
    for (const headers of again) expect([await me(one, headers), await me(other, headers)]).toEqual([401, 401]);
  });

  it('refresh a person’s token once: the refresh token is good for one of them only', async () => {
    const person = await one.client.signIn(fleet.authCode('lisi'));
    fleet.sandbox.desk.tokens.revoke('user');
    fleet.sandbox.journal.clear();
    const asks = Array.from({ length: 40 }, (_, at) =>
      (at % 2 ? one : other).client.rest('GET', '/v1/users/me', person),
    );
    expect(new Set((await Promise.all(asks)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(fleet.sandbox.journal.all('/v1.0/oauth2/userAccessToken')).toHaveLength(1);
  });

  it('see at once what was changed through the other', async () => {
    const id = [...fleet.sandbox.desk.world.departments.keys()][1];
    const path = `/v1/departments/${id}`;
    const nameAt = async ({ client }: Replica) => (await client.rest('GET', path, app)).body.department.name;
    for (const [at, [changes, sees]] of [[one, other] as const, [other, one] as const].entries()) {
      await nameAt(sees);
      const name = `改名 ${at}`;
      expect((await changes.client.rest('PATCH', path, app, { name })).status).toBe(200);
      expect(await nameAt(sees)).toBe(name);
    }
  });
});

describe('two replicas under load', () => {
  beforeAll(() => start());
  afterAll(() => fleet.stop());

  it('renew a token that DingTalk has revoked once, and no call fails', async () => {
    const hammer = new Hammer({ urls: [one.url, other.url], callers: 40, next: () => department });
    await pause(1000);
    for (let round = 1; round <= 3; round += 1) {
      fleet.sandbox.desk.tokens.revoke('app');
      await pause(1000);
      expect(fleet.tokenFetches()).toBe(round + 1);
    }
    const results = await hammer.end();
    expect(hammer.failed).toEqual({});
    expect(results.length).toBeGreaterThan(200);
  });
});

describe('two replicas with a rate for each caller', () => {
  beforeAll(() => start({ CALLER_RATE: '1:20', CACHE_TTL_S: '30' }));
  afterAll(() => fleet.stop());

  it('count what a caller asks at both', async () => {
    const asks = Array.from({ length: 60 }, (_, at) => (at % 2 ? one : other).client.rest('GET', department.path, app));
    const answers = await Promise.all(asks);
    const allowed = answers.filter(({ status }) => status === 200).length;
    expect(allowed).toBeGreaterThanOrEqual(20);
    expect(allowed).toBeLessThanOrEqual(25);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(60 - allowed);
  });
});
