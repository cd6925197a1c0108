import { readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer } from '../harness/client.js';
import { Fleet, type Replica } from '../harness/fleet.js';
import { freePort } from '../harness/processes.js';
import { RedisServer } from '../harness/redis.js';
import { KEY } from '../harness/world.js';

const app = bearer(KEY);
const WORKERS = 2;

let redis: RedisServer;
let fleet: Fleet;
let gateway: Replica;
let admin: string;

const workers = (): number[] => {
  const pid = gateway.program.pid ?? 0;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.map(Number);
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** One request over a connection of its own, so that the workers take turns. */
const ask = async (path: string) =>
  (await fetch(gateway.url + path, { headers: { ...app, connection: 'close' } })).status;

const health = async () =>
  (await (await fetch(`${admin}/health`)).json()) as { ready: boolean; checks: Record<string, { reason: string }> };

const answering = async () => (await health()).checks['workers']?.reason;

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  const endMs = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error('it never came about');
    await pause(50);
  }
}

async function requests(): Promise<number> {
  const page = await (await fetch(`${admin}/metrics`)).text();
  return Number(
    /^gateway_requests_total\{[^}]*route="\/v1\/departments\/:id",status="200"[^}]*\} (\d+)$/m.exec(page)?.[1],
  );
}

beforeAll(async () => {
  redis = await RedisServer.start();
  const adminPort = await freePort();
  admin = `http://127.0.0.1:${adminPort}`;
  fleet = await Fleet.start({
    replicas: 1,
    environment: {
      ...{ WORKERS: String(WORKERS), REDIS_URL: redis.url, STATE_SECRET: 'a-secret-of-the-test' },
      ...{ ADMIN_PORT: String(adminPort), DRAIN_S: '1' },
    },
  });
  [gateway] = fleet.replicas as [Replica];
  await gateway.program.says('"workers run"');
});
afterAll(async () => {
  await redis.stop();
  await fleet.stop();
});

describe('several workers', () => {
  it('serve one port with one token, and sessions that all know', async () => {
    const statuses = await Promise.all(Array.from({ length: 40 }, () => ask('/v1/departments/1')));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(fleet.tokenFetches()).toBe(1);
    const person = await gateway.client.signIn(fleet.authCode('lisi'));
    const me = () => fetch(`${gateway.url}/v1/users/me`, { headers: { ...person, connection: 'close' } });
    const seen = await Promise.all(Array.from({ length: 10 }, me));
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('have one page of figures, which goes on counting where one of them is killed, and another takes its place', async () => {
    const before = await requests();
    for (let count = 0; count < 10; count += 1) await ask('/v1/departments/1');
    expect(await requests()).toBe(before + 10);
    const old = workers();
    expect(old).toHaveLength(WORKERS);
    process.kill(old[0] ?? 0, 'SIGKILL');
    await until(async () => workers().length === WORKERS && (await answering()) === '2 of 2 answer');
    expect(gateway.program.stdout).toContain('"a worker has ended"');
    expect(await ask('/v1/departments/1')).toBe(200);
    expect(await requests()).toBe(before + 11);
  });

  it('are ready together, and say what is not', async () => {
    expect(await health()).toMatchObject({ ready: true, checks: { redis: { reason: expect.any(String) } } });
    const [stopped = 0] = workers();
    process.kill(stopped, 'SIGSTOP');
    expect(await answering()).toBe('1 of 2 answer');
    process.kill(stopped, 'SIGCONT');
    await until(async () => (await answering()) === '2 of 2 answer');
  });

  it('end with the primary, after what runs is finished, whoever else is signalled', async () => {
    const all = workers();
    // As a supervisor does: the whole group.
    for (const pid of all) process.kill(pid, 'SIGTERM');
    expect(await ask('/v1/departments/1')).toBe(200);
    const { code } = await gateway.program.stop('SIGTERM');
    expect(code).toBe(0);
    expect(all.some(isAlive)).toBe(false);
  });

  it('are started again as long as the primary lives, also where all are killed at once', async () => {
    await fleet.replace(gateway);
    [gateway] = fleet.replicas as [Replica];
    await gateway.program.says('"workers run"');
    for (const pid of workers()) process.kill(pid, 'SIGKILL');
    await until(async () => workers().length === WORKERS && (await answering()) === '2 of 2 answer');
    expect(await ask('/v1/departments/1')).toBe(200);
  });

  it('end with a primary that is killed', async () => {
    const all = workers();
    await gateway.program.stop('SIGKILL');
    await until(() => !all.some(isAlive));
  });

  it('do not start where the first one cannot, which says why', async () => {
    const taken = new Promise<Server>((listening) => {
      const server = createServer().listen(gateway.port, '127.0.0.1', () => listening(server));
    });
    const server = await taken;
    const { code, stderr } = await fleet.attempt(gateway.port).ended;
    server.close();
    expect([code, stderr]).toEqual([1, `Port ${gateway.port} of 127.0.0.1 is taken: set PORT to a free one.\n`]);
  });
});
