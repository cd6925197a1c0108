import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer } from '../harness/client.js';
import { Fleet, type Replica } from '../harness/fleet.js';
import { Hammer, percentile } from '../harness/hammer.js';
import { RedisServer, SlowWay } from '../harness/redis.js';
import { KEY } from '../harness/world.js';

const app = bearer(KEY);
const SECRET = 'a-secret-of-the-test';
/** A command of Redis may take 100 ms; a machine that is shared takes some more. */
const MOST_ADDED_MS = 500;

let redis: RedisServer;
let way: SlowWay;
let fleet: Fleet;
let one: Replica;
let other: Replica;

const start = async (environment: Record<string, string> = {}, sandbox = {}) => {
  redis = await RedisServer.start();
  way = await SlowWay.to(redis.port);
  fleet = await Fleet.start({ ...sandbox, environment: { REDIS_URL: way.url, STATE_SECRET: SECRET, ...environment } });
  [one, other] = fleet.replicas as [Replica, Replica];
};
const stop = async () => {
  await fleet.stop();
  await way.stop();
  await redis.stop();
};

const me = async ({ client }: Replica, headers: Record<string, string>) => {
  const { status, body, headers: told } = await client.rest('GET', '/v1/users/me', headers);
  return { status, code: body?.code, retryAfter: told.get('retry-after') };
};
const AWAY = { status: 503, code: 'SESSION_STORE_UNAVAILABLE', retryAfter: '1' };

async function until(isSo: () => Promise<boolean>, withinMs = 8000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it never came to be so');
    await pause(50);
  }
}

const hammer = () =>
  new Hammer({ urls: [one.url, other.url], callers: 8, next: () => ({ path: '/v1/departments/1', headers: app }) });

describe('where Redis is away, apps are served, sessions wait, and all is well again when it is back', () => {
  const told: string[] = [];
  beforeAll(async () => {
    await start();
    // What is measured before is not to be that of processes that have just begun.
    const warmUp = hammer();
    await pause(3000);
    await warmUp.end();
  });
  afterAll(stop);
  afterAll(() => void process.stdout.write(`\n${told.join('\n')}\n`));

  const replicaOfNobody = () => redis.say('replicaof', '127.0.0.1', '1');
  it.each<[string, () => unknown, () => unknown, number]>([
    ['killed, and started empty', () => redis.kill(), () => redis.start(), 401],
    ['frozen', () => redis.freeze(), () => redis.thaw(), 200],
    ['slow', () => (way.delayMs = 200), () => (way.delayMs = 0), 200],
    ['read-only', replicaOfNobody, () => redis.say('replicaof', 'no', 'one'), 200],
    [
      'full',
      () => redis.say('config', 'set', 'maxmemory', '1'),
      () => redis.say('config', 'set', 'maxmemory', '0'),
      200,
    ],
  ])('%s', async (name, begin, end, after) => {
    const person = await one.client.signIn(fleet.authCode('lisi'));
    const before = hammer();
    await pause(1000);
    const usual = await before.end();
    const during = hammer();
    await pause(200);
    await begin();
    await pause(1000);
    expect([await me(one, person), await me(other, person)]).toEqual([AWAY, AWAY]);
    expect((await one.client.rest('GET', '/health/ready', {})).text).toBe('ready');
    const signIn = await one.client.rest('POST', '/session', {}, { authCode: fleet.authCode('lisi') });
    expect(signIn.body).toMatchObject({ status: 503, code: 'SESSION_STORE_UNAVAILABLE' });
    await end();
    await until(async () => (await me(one, person)).status === after && (await me(other, person)).status === after);
    const results = await during.end();
    const p99 = [usual, results].map((some) => percentile(some, 0.99));
    const [usualMs = NaN, awayMs = NaN] = p99;
    const failed = Object.values(during.failed).reduce((sum, count) => sum + count, 0);
    told.push(
      `Redis ${name}: ${results.length} calls of apps, ${failed} failed; p99 ${usualMs.toFixed(0)} ms before, ${awayMs.toFixed(0)} ms then`,
    );
    expect({ ...before.failed, ...during.failed }).toEqual({});
    expect(awayMs - usualMs).toBeLessThan(MOST_ADDED_MS);
    expect((await me(other, await one.client.signIn(fleet.authCode('lisi')))).status).toBe(200);
  });

  it('flushed, cut off for a moment, filled with garbage', async () => {
    const fetched = fleet.tokenFetches();
    const during = hammer();
    const person = await one.client.signIn(fleet.authCode('lisi'));
    await redis.say('flushall');
    expect((await me(other, person)).status).toBe(401);
    way.cut();
    await until(async () => (await me(one, person)).status === 401);
    const keys = await redis.keys();
    for (let round = 0; round < 20; round += 1) {
      for (const key of keys) await redis.say('set', key, 'garbage');
      await pause(20);
    }
    const again = await one.client.signIn(fleet.authCode('lisi'));
    for (const key of await redis.keys()) await redis.say('set', key, 'garbage');
    expect((await me(other, again)).status).toBe(401);
    expect((await me(other, await one.client.signIn(fleet.authCode('lisi')))).status).toBe(200);
    await during.end();
    expect(during.failed).toEqual({});
    expect(fleet.tokenFetches() - fetched).toBeLessThanOrEqual(1);
  });

  it('frozen while a person’s token is refreshed: the refresh token is good once, and is not lost', async () => {
    const person = await one.client.signIn(fleet.authCode('lisi'));
    fleet.sandbox.desk.tokens.revoke('user');
    fleet.sandbox.levers.add({ kind: 'latency', ms: 500, route: 'POST /v1.0/oauth2/userAccessToken', times: 1 });
    const asked = me(one, person);
    await pause(250);
    redis.freeze();
    expect(await asked).toEqual(AWAY);
    await pause(500);
    redis.thaw();
    await until(async () => (await me(one, person)).status !== 503);
    expect([(await me(one, person)).status, (await me(other, person)).status]).toEqual([200, 200]);
  });

  it('down at the start', async () => {
    await redis.kill();
    const third = await fleet.add();
    expect((await third.client.rest('GET', '/health/ready', {})).status).toBe(200);
    expect((await third.client.rest('GET', '/v1/departments/1', app)).status).toBe(200);
    expect(await me(third, { cookie: 'session=x', 'x-csrf': '1' })).toEqual(AWAY);
    await redis.start();
    await until(async () => (await me(third, { cookie: 'session=x', 'x-csrf': '1' })).status === 401);
    const person = await third.client.signIn(fleet.authCode('lisi'));
    await until(async () => (await me(one, person)).status === 200);
  });
});

describe('a replica that is killed while it fetches the token', () => {
  beforeAll(() => start({ DINGTALK_TIMEOUT_MS: '8000' }));
  afterAll(stop);

  it('leaves it to the next within three seconds', async () => {
    fleet.sandbox.levers.add({ kind: 'hang', route: 'POST /v1.0/oauth2/accessToken', times: 1 });
    const lost = one.client.rest('GET', '/v1/departments/1', app).catch(() => 'lost');
    await until(async () => fleet.tokenFetches() === 1);
    const startMs = performance.now();
    const asked = other.client.rest('GET', '/v1/departments/1', app);
    await one.program.stop('SIGKILL');
    expect((await asked).status).toBe(200);
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect([fleet.tokenFetches(), await lost]).toEqual([2, 'lost']);
  });
});

describe('the quota while Redis is away', () => {
  const QPS = 20;
  beforeAll(() => start({ DINGTALK_QPS: String(QPS) }, { people: 500 }));
  afterAll(stop);
  afterEach(() => fleet.sandbox.reset());

  it('is shared out: each replica takes its half; and is one again when Redis is back', async () => {
    const { people } = fleet.sandbox.desk.world;
    const ids = people.flatMap(({ userid, external }) => (userid && !external ? [userid] : []));
    const next = (index: number) => ({ path: `/v1/employees/${ids[index % ids.length]}`, headers: app });
    const load = new Hammer({ urls: [one.url, other.url], callers: 40, next });
    const rateOf = async (ms: number) => {
      fleet.sandbox.quota.clear();
      await pause(ms);
      return fleet.sandbox.quota.told()['POST /topapi/v2/user/get'] ?? { most: 0, calls: 0 };
    };
    await pause(2000);
    await redis.kill();
    await pause(1500);
    const away = await rateOf(4000);
    await redis.start();
    const back = await rateOf(6000);
    await load.end();
    for (const rate of [away, back]) {
      expect(rate.most).toBeLessThanOrEqual(QPS);
      expect(rate.most).toBeGreaterThan(QPS / 2);
    }
    expect(away.calls).toBeGreaterThan(4 * QPS * 0.6);
  });
});
