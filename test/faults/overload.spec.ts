import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { hashKey } from '#access';
import { SANDBOX_APP, Sandbox } from '../../apps/dingtalk-sandbox/src/sandbox.js';
import { bearer } from '../harness/client.js';
import { Ledger } from '../harness/ledger.js';
import { codeOf } from '../harness/operations.js';
import { Program, freePort } from '../harness/processes.js';
import { KEY, TestWorld } from '../harness/world.js';

const ledger = new Ledger('faults');
const app = bearer(KEY);
const pause = (ms: number) => new Promise((wait) => setTimeout(wait, ms));

async function until(isSo: () => Promise<boolean>, withinMs = 3000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it never came to be');
    await pause(20);
  }
}

describe('P4 a gateway whose event loop', () => {
  const sandbox = new Sandbox({ people: 30 });
  const apps = join(tmpdir(), `overload-apps-${process.pid}.json`);
  let gateway: Program | undefined;
  afterAll(async () => {
    await gateway?.stop('SIGKILL');
    await sandbox.stop();
    rmSync(apps, { force: true });
  });

  it('stands still turns away what has piled up, quickly, is not ready, stays alive and is well again by itself', async () => {
    await sandbox.start();
    writeFileSync(apps, JSON.stringify([{ id: 'a', keyHash: hashKey(KEY), scopes: ['department:read'] }]));
    const PORT = String(await freePort());
    gateway = Program.node(['dist/apps/gateway/src/main.js'], {
      ...{ PORT, INTERNAL_APPS_FILE: apps, DINGTALK_API_URL: sandbox.url, DINGTALK_OAPI_URL: sandbox.url },
      ...{ DINGTALK_CLIENT_ID: SANDBOX_APP.clientId, DINGTALK_CLIENT_SECRET: SANDBOX_APP.clientSecret },
      DINGTALK_CORP_ID: SANDBOX_APP.corpId,
    });
    await gateway.says('listening');
    const url = `http://localhost:${PORT}`;
    const read = () => fetch(`${url}/v1/departments/1`, { headers: app });
    expect((await read()).status).toBe(200);

    process.kill(gateway.pid ?? 0, 'SIGSTOP');
    const [piledUp, ready, live] = [
      Array.from({ length: 30 }, read),
      fetch(`${url}/health/ready`),
      fetch(`${url}/health/live`),
    ];
    await pause(2000);
    process.kill(gateway.pid ?? 0, 'SIGCONT');
    const resumedMs = performance.now();
    const answers = await ledger.holds(() => Promise.all(piledUp));
    expect(performance.now() - resumedMs).toBeLessThan(1500);
    const shed = answers.filter(({ status }) => status === 503);
    expect(shed.length).toBeGreaterThan(0);
    for (const answer of shed) {
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(((await answer.json()) as { code: string }).code).toBe('OVERLOADED');
    }
    expect([(await ready).status, (await live).status]).toEqual([503, 200]);
    await until(async () => (await read()).status === 200, 1500);
    await until(async () => (await fetch(`${url}/health/ready`)).status === 200);
  });
});

describe('a gateway', () => {
  let world: TestWorld | undefined;
  let hog: NodeJS.Timeout | undefined;
  afterEach(async () => {
    clearInterval(hog);
    await world?.stop();
    world = undefined;
  });

  it('that has more to do than it can turns requests away until it has not', async () => {
    world = await TestWorld.start({ OVERLOAD_LAG_MS: '50' });
    const { client } = world;
    const read = () => client.rest('GET', '/v1/departments/1', app);
    const graphql = () => client.graphql(app, '{ departments { id } }');
    await until(async () => (await read()).status === 200);
    hog = setInterval(() => {
      const endMs = performance.now() + 250;
      while (performance.now() < endMs);
    }, 10);
    await until(async () => (await read()).status === 503);
    world.sandbox.journal.clear();
    const answers = await ledger.holds(async () => [await read(), await graphql(), await client.raw('/docs')]);
    expect(answers.map(codeOf)).toEqual(Array(3).fill('OVERLOADED'));
    expect(answers[0]?.headers.get('retry-after')).toBe('1');
    expect((await client.raw('/health/live')).status).toBe(200);
    expect((await client.raw('/health/ready')).status).toBe(503);
    expect(world.calls()).toEqual([]);
    clearInterval(hog);
    await until(async () => (await read()).status === 200);
  });

  it('in which too many wait for the same API turns the next away at once, and nobody else', async () => {
    world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: '60000' });
    const { client, sandbox } = world;
    sandbox.levers.add({ kind: 'hang', route: 'POST /topapi/v2/user/get' });
    const leave = new AbortController();
    const waiting = Array.from({ length: 1100 }, (_, at) =>
      fetch(`${client.url}/v1/employees/e${at}`, { headers: app, signal: leave.signal }).catch(() => undefined),
    );
    let others = 0;
    const next = () => client.rest('GET', `/v1/employees/n${(others += 1)}`, app);
    await until(async () => sandbox.quota.told()['POST /topapi/v2/user/get']?.calls === 100);
    await until(async () => {
      const given = await Promise.race([next(), pause(200)]);
      return given !== undefined;
    }, 10_000);
    const startMs = performance.now();
    const refused = await ledger.holds(next);
    expect(codeOf(refused)).toBe('OVERLOADED');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(performance.now() - startMs).toBeLessThan(1000);
    expect((await client.rest('GET', '/v1/departments/1', app)).status).toBe(200);
    leave.abort();
    await Promise.all(waiting);
    sandbox.levers.clear();
    await until(async () => (await next()).status === 404);
  });
});
