import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Balancer } from '../harness/balancer.js';
import { bearer } from '../harness/client.js';
import { Fleet, type Replica } from '../harness/fleet.js';
import { Hammer, type Request } from '../harness/hammer.js';
import { RedisServer } from '../harness/redis.js';
import { KEY } from '../harness/world.js';

const app = bearer(KEY);
const UPDATE = '/topapi/v2/department/update';

let redis: RedisServer;
let fleet: Fleet;
let balancer: Balancer;
let person: Record<string, string>;
let departmentId: number;
const writes: string[] = [];
const arrived = new Set<{ readonly body: string }>();

beforeEach(async () => {
  redis = await RedisServer.start();
  const environment = { REDIS_URL: redis.url, STATE_SECRET: 'a-secret-of-the-test', DRAIN_S: '2' };
  fleet = await Fleet.start({ environment });
  // DingTalk takes its time, so that there is always something under way.
  for (const route of [`POST ${UPDATE}`, 'POST /topapi/v2/department/get', 'GET /v1.0/contact/users/{unionId}']) {
    fleet.sandbox.levers.add({ kind: 'latency', route, ms: 30 });
  }
  balancer = await Balancer.start(fleet.replicas as [Replica, Replica]);
  departmentId = [...fleet.sandbox.desk.world.departments.keys()][1] ?? 0;
  person = await (fleet.replicas[0] as Replica).client.signIn(fleet.authCode('lisi'));
  writes.length = 0;
  arrived.clear();
  await pause(1000);
});
afterEach(async () => {
  await balancer.stop();
  await fleet.stop();
  await redis.stop();
});

/** Reads of apps and of a person, by REST and by GraphQL, and now and then a write with a name of its own. */
function next(index: number): Request {
  if (index % 10 === 0) {
    const name = `第${index}次`;
    writes.push(name);
    harvest();
    return { method: 'PATCH', path: `/v1/departments/${departmentId}`, headers: app, body: { name } };
  }
  if (index % 5 === 0) return { path: '/v1/users/me', headers: person };
  if (index % 3 === 0)
    return { method: 'POST', path: '/graphql', headers: app, body: { query: '{ department(id: "1") { name } }' } };
  return { path: '/v1/departments/1', headers: app };
}

/** How often each write came to the sandbox, whose journal keeps the last calls only. */
function arrivals(): Map<string, number> {
  expect(writes.length).toBeGreaterThan(10);
  const counts = new Map(writes.map((name) => [name, 0]));
  for (const { body } of harvest()) {
    const { name } = JSON.parse(body) as { name: string };
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function harvest(): ReadonlySet<{ readonly body: string }> {
  for (const entry of fleet.sandbox.journal.all(UPDATE)) arrived.add(entry);
  return arrived;
}

const hammer = () => new Hammer({ urls: [balancer.url], callers: 12, next });

describe('behind a balancer, under load', () => {
  it('no request is lost when a replica is told to end, which ends it with 0', async () => {
    const load = hammer();
    await pause(1000);
    const startMs = performance.now();
    const { code, stdout } = await (fleet.replicas[0] as Replica).program.stop('SIGTERM');
    expect(code).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(6000);
    await pause(1000);
    const results = await load.end();
    expect(load.failed).toEqual({});
    expect(results.length).toBeGreaterThan(100);
    expect([...arrivals().values()].every((count) => count === 1)).toBe(true);
    expect(stdout).toContain('"signal":"SIGTERM"');
  });

  it('no request is lost in five restarts, one replica after the other', async () => {
    const load = hammer();
    for (let round = 0; round < 5; round += 1) {
      const replica = fleet.replicas[round % 2] as Replica;
      expect((await replica.program.stop('SIGTERM')).code).toBe(0);
      await fleet.replace(replica);
      // As whoever rolls out waits until the new one is ready, and the balancer knows it.
      await pause(1500);
    }
    await load.end();
    expect(load.failed).toEqual({});
    expect([...arrivals().values()].every((count) => count === 1)).toBe(true);
  }, 90_000);

  it('no read is lost when a replica is killed, and a write is made once, or its caller is told nothing', async () => {
    const load = hammer();
    await pause(1500);
    await (fleet.replicas[0] as Replica).program.stop('SIGKILL');
    await pause(1500);
    const results = await load.end();
    const lost = results.filter(({ status }) => status < 200 || status >= 400);
    // What was under way there and is no read is not sent again by the balancer, which breaks off or answers 502.
    expect(lost.filter(({ method }) => method === 'GET')).toEqual([]);
    expect(lost.filter(({ status }) => status !== 502 && status !== 0)).toEqual([]);
    expect(lost.length).toBeLessThanOrEqual(12);
    expect(Math.max(...arrivals().values())).toBe(1);
  });
});

describe('a process that is told to end', () => {
  it('says that it is not ready, takes what still comes, and ends at once when it is told again', async () => {
    const { client, program, port } = fleet.replicas[0] as Replica;
    const held = fetch(`http://127.0.0.1:${port}/health/live`, { keepalive: true });
    await held;
    const ended = program.stop('SIGTERM');
    await pause(300);
    expect((await client.rest('GET', '/health/ready', {})).text).toBe('unready');
    const answer = await client.rest('GET', '/v1/departments/1', app);
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    const startMs = performance.now();
    void program.stop('SIGTERM');
    expect((await ended).code).toBe(143);
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  it('finishes a change whose caller has gone', async () => {
    const { program, port } = fleet.replicas[0] as Replica;
    fleet.sandbox.levers.clear();
    fleet.sandbox.levers.add({ kind: 'latency', route: `POST ${UPDATE}`, ms: 3000 });
    const gone = new AbortController();
    const asked = fetch(`http://127.0.0.1:${port}/v1/departments/${departmentId}`, {
      ...{ method: 'PATCH', signal: gone.signal, body: JSON.stringify({ name: '改名' }) },
      headers: { ...app, 'content-type': 'application/json' },
    }).catch(() => 'gone');
    while (fleet.sandbox.journal.all(UPDATE).length === 0) await pause(20);
    gone.abort();
    expect(await asked).toBe('gone');
    const { code, stdout } = await program.stop('SIGTERM');
    expect(code).toBe(0);
    expect(stdout).toMatch(/"operation":"department.update".*"msg":"dingtalk call"/);
    expect(stdout).not.toMatch(/UND_ERR|cut off/);
  });
});
