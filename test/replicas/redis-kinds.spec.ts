import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { bearer } from '../harness/client.js';
import { Fleet, type Replica } from '../harness/fleet.js';
import { Program, freePort, shell } from '../harness/processes.js';
import { RedisServer } from '../harness/redis.js';
import { KEY } from '../harness/world.js';

/** Sooner than the next beat, which would show that news were missed. */
const NEWS_MS = 500;
const CERTIFICATE = 'test/certificates/trusted.pem';
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startRedis(...options: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...options);
  stops.push(() => server.stop());
  return server;
}

async function gatewayAt(url: string, environment: Record<string, string> = {}): Promise<Fleet> {
  const shared = { REDIS_URL: url, STATE_SECRET: 'a-secret-of-the-test', ...environment };
  const fleet = await Fleet.start({ replicas: 1, environment: shared });
  stops.push(() => fleet.stop());
  return fleet;
}

/** Signs in and asks who that is: by then a session and tokens were kept. */
async function signsIn(fleet: Fleet): Promise<number> {
  const [{ client }] = fleet.replicas as [Replica];
  const answer = await client.rest('POST', '/session', {}, { authCode: fleet.authCode('lisi') });
  if (answer.status !== 201) return answer.status;
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return (await client.rest('GET', '/v1/users/me', { cookie, 'x-csrf': '1' })).status;
}

const saidBy = ({ replicas: [replica] }: Fleet): string => `${replica?.program.stdout}${replica?.program.stderr}`;

describe('Redis', () => {
  it('with a password', async () => {
    const { port } = await startRedis('--requirepass', 'p@ss/word');
    expect(await signsIn(await gatewayAt(`redis://:p%40ss%2Fword@127.0.0.1:${port}`))).toBe(200);
  });

  it('with a wrong password is away; the log says so, without the password', async () => {
    const { port } = await startRedis('--requirepass', 'right-password');
    const fleet = await gatewayAt(`redis://:wrong-password@127.0.0.1:${port}`);
    expect(await signsIn(fleet)).toBe(503);
    expect(saidBy(fleet)).toMatch(/"reason":"(?:WRONGPASS|NOAUTH)".*Redis is away/);
    expect(saidBy(fleet)).not.toMatch(/wrong-password|redis:\/\//);
  });

  it('with a user and a database of its own', async () => {
    const server = await startRedis();
    await server.say('acl', 'setuser', 'gateway', 'on', '>secret-of-it', '~*', '&*', '+@all');
    const fleet = await gatewayAt(`redis://gateway:secret-of-it@127.0.0.1:${server.port}/3`);
    expect(await signsIn(fleet)).toBe(200);
  });

  it('over TLS, which is checked', async () => {
    const port = String(await freePort());
    const keys = ['--tls-cert-file', CERTIFICATE, '--tls-key-file', 'test/certificates/trusted.key.pem'];
    const absolute = keys.map((word) => (word.startsWith('--') ? word : join(process.cwd(), word)));
    await startRedis(
      '--tls-port',
      port,
      ...absolute,
      '--tls-auth-clients',
      'no',
      '--tls-ca-cert-file',
      join(process.cwd(), CERTIFICATE),
    );
    const url = `rediss://localhost:${port}`;
    expect(await signsIn(await gatewayAt(url, { NODE_EXTRA_CA_CERTS: CERTIFICATE }))).toBe(200);
    expect(await signsIn(await gatewayAt(url))).toBe(503);
  });

  it('as a cluster', async () => {
    const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
    const nodes = await Promise.all([1, 2, 3].map(() => startRedis(...options)));
    const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const made = await shell(`redis-cli --cluster create ${hosts.join(' ')} --cluster-yes`);
    expect(made.stdout).toContain('All 16384 slots covered');
    const isReady = async () =>
      (await Promise.all(nodes.map((node) => node.say('cluster', 'info')))).every((info) =>
        String(info).includes('cluster_state:ok'),
      );
    while (!(await isReady())) await pause(100);
    const fleet = await gatewayAt(`redis+cluster://${hosts[0]},${hosts[1]}`, { CACHE_TTL_S: '30' });
    expect(await signsIn(fleet)).toBe(200);
    const [{ client }, other] = [fleet.replicas[0] as Replica, await fleet.add()];
    // One replica hears of what the other has changed: in a moment, since the nodes of a cluster pass it on after they have answered.
    const path = `/v1/departments/${[...fleet.sandbox.desk.world.departments.keys()][1]}`;
    await other.client.rest('GET', path, bearer(KEY));
    expect((await client.rest('PATCH', path, bearer(KEY), { name: '改名' })).status).toBe(200);
    const named = async () => (await other.client.rest('GET', path, bearer(KEY))).body.department.name;
    const endMs = Date.now() + NEWS_MS;
    while ((await named()) !== '改名' && Date.now() < endMs) await pause(10);
    expect(await named()).toBe('改名');
  });

  it('that sentinels watch: when the master hangs, another takes its place', async () => {
    const master = await startRedis();
    const replica = await startRedis('--replicaof', '127.0.0.1', String(master.port));
    while (!String(await replica.say('info', 'replication')).includes('master_link_status:up')) await pause(50);
    const folder = mkdtempSync(join(tmpdir(), 'sentinel-'));
    stops.push(async () => rmSync(folder, { recursive: true }));
    const port = await freePort();
    const told = [`port ${port}`, `sentinel monitor main 127.0.0.1 ${master.port} 1`];
    told.push('sentinel down-after-milliseconds main 500', 'sentinel failover-timeout main 2000', `dir ${folder}`);
    writeFileSync(join(folder, 'sentinel.conf'), told.join('\n'));
    const sentinel = new Program('/usr/bin/redis-server', [join(folder, 'sentinel.conf'), '--sentinel']);
    stops.push(() => sentinel.stop('SIGKILL'));
    await sentinel.says('+monitor master main');
    await pause(1500);
    const fleet = await gatewayAt(`redis+sentinel://127.0.0.1:${port}/main`);
    expect(await signsIn(fleet)).toBe(200);
    // A server that hangs still takes connections: the kernel does.
    master.freeze();
    const endMs = performance.now() + 30_000;
    while ((await signsIn(fleet)) !== 200) {
      expect(performance.now()).toBeLessThan(endMs);
      await pause(200);
    }
    expect(String(await replica.say('info', 'replication'))).toContain('role:master');
  }, 60_000);
});
