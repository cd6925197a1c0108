import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer } from '../harness/client.js';
import { Ledger } from '../harness/ledger.js';
import { codeOf } from '../harness/operations.js';
import { KEY, TestWorld } from '../harness/world.js';

const TIMEOUT_MS = 1000;
const ID = '9007199254740991';
const GET = '/topapi/v2/department/get';

const ledger = new Ledger('faults');
let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: String(TIMEOUT_MS) });
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const app = bearer(KEY);
const pause = (ms: number) => new Promise((wait) => setTimeout(wait, ms));

async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 5000;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error('it never came to be');
    await pause(10);
  }
}

/** Asks, and goes away after so long. */
async function leave(afterMs: number, path: string, init: RequestInit): Promise<void> {
  const left = fetch(`${world.client.url}${path}`, { ...init, signal: AbortSignal.timeout(afterMs) });
  await expect(left).rejects.toThrow();
}

const graphql = (query: string): RequestInit => ({
  method: 'POST',
  headers: { ...app, 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
});

describe('the deadline of a request', () => {
  it('is one for all that is done in it, the tries included', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 300, route: '*' });
    const startMs = performance.now();
    const query = `{ department(id: "${ID}") { parent { parent { parent { parent { name } } } } } }`;
    const { body } = await ledger.holds(() => world.client.graphql(app, query));
    const tookMs = performance.now() - startMs;
    expect(JSON.stringify(body.errors ?? [])).toMatch(/^\[\]$|DINGTALK_TIMEOUT/);
    expect(tookMs).toBeLessThan(TIMEOUT_MS * 1.1 + 200);
  });

  it('is kept to the tenth by reads that are never answered, through both doors', async () => {
    world.sandbox.levers.add({ kind: 'hang', route: `POST ${GET}` });
    for (const ask of [
      () => world.client.rest('GET', `/v1/departments/${ID}`, app),
      () => world.client.graphql(app, `{ department(id: "${ID}") { name } }`),
    ]) {
      const startMs = performance.now();
      expect(codeOf(await ledger.holds(ask))).toBe('DINGTALK_TIMEOUT');
      const tookMs = performance.now() - startMs;
      expect(tookMs).toBeGreaterThan(TIMEOUT_MS * 0.9);
      expect(tookMs).toBeLessThan(TIMEOUT_MS * 1.1 + 200);
    }
    await until(() => world.calls(GET).every(({ gone }) => gone));
  });
});

describe('a caller who goes away', () => {
  it.each([
    ['REST', `/v1/departments/${ID}`, { headers: app }],
    ['GraphQL', '/graphql', graphql(`{ department(id: "${ID}") { name } }`)],
  ])('takes a read along that nobody else waits for (%s)', async (_, path, init) => {
    world.sandbox.levers.add({ kind: 'hang', route: `POST ${GET}` });
    await ledger.holds(() => leave(150, path, init));
    await until(() => world.calls(GET)[0]?.gone === true);
    world.sandbox.levers.clear();
    expect((await world.client.rest('GET', `/v1/departments/${ID}`, app)).status).toBe(200);
  });

  it('takes nothing along that somebody else waits for', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 500, route: `POST ${GET}` });
    const left = leave(150, `/v1/departments/${ID}`, { headers: app });
    await until(() => world.calls(GET).length === 1);
    const stays = world.client.rest('GET', `/v1/departments/${ID}`, app);
    await ledger.holds(() => left);
    expect((await stays).status).toBe(200);
    expect(world.calls(GET)).toHaveLength(1);
  });

  it.each([
    [
      'REST',
      `/v1/departments/${ID}`,
      {
        method: 'PATCH',
        headers: { ...app, 'content-type': 'application/json' },
        body: JSON.stringify({ brief: '走了' }),
      },
    ],
    [
      'GraphQL',
      '/graphql',
      graphql(`mutation { updateDepartment(id: "${ID}", changes: { brief: "走了" }) { department { id } } }`),
    ],
  ])('does not stop a change that is under way (%s)', async (_, path, init) => {
    world.sandbox.levers.add({ kind: 'latency', ms: 200, route: `POST ${GET}` });
    await ledger.holds(() => leave(100, path, init));
    const changed = () => world.sandbox.desk.world.departments.get(Number(ID))?.['brief'] === '走了';
    await until(changed);
    expect(world.calls('/topapi/v2/department/update')).toHaveLength(1);
  });
});
