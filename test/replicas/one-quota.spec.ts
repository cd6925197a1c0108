import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer } from '../harness/client.js';
import { Fleet } from '../harness/fleet.js';
import { Hammer } from '../harness/hammer.js';
import { RedisServer } from '../harness/redis.js';
import { KEY } from '../harness/world.js';

const app = bearer(KEY);
const QPS = 20;

let redis: RedisServer;
let fleet: Fleet;

beforeAll(async () => {
  redis = await RedisServer.start();
  const environment = { REDIS_URL: redis.url, STATE_SECRET: 'a-secret-of-the-test', DINGTALK_QPS: String(QPS) };
  fleet = await Fleet.start({ qps: QPS, people: 500, environment });
});
afterAll(async () => {
  await fleet.stop();
  await redis.stop();
});

describe('two replicas with one quota', () => {
  it('never have more than 20 calls arrive in any second, and use most of them, for 40 s', async () => {
    const { people } = fleet.sandbox.desk.world;
    const ids = people.flatMap(({ userid, external }) => (userid && !external ? [userid] : []));
    const next = (index: number) => ({ path: `/v1/employees/${ids[index % ids.length]}`, headers: app });
    const hammer = new Hammer({ urls: fleet.replicas.map(({ url }) => url), callers: 60, next });
    await pause(40_000);
    const results = await hammer.end();
    const rate = fleet.sandbox.quota.told()['POST /topapi/v2/user/get'];
    expect(rate).toMatchObject({ refused: 0 });
    expect(rate?.most).toBeLessThanOrEqual(QPS);
    expect(rate?.calls).toBeGreaterThan(40 * QPS * 0.7);
    expect(Object.keys(hammer.failed).filter((code) => code !== 'DINGTALK_THROTTLED')).toEqual([]);
    expect(results.filter(({ status }) => status === 200).length).toBeGreaterThan(40 * QPS * 0.7);
  }, 60_000);
});
