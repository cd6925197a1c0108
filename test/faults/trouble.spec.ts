import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { bearer } from '../harness/client.js';
import { later } from '../harness/clock.js';
import { Ledger } from '../harness/ledger.js';
import { OPERATIONS, codeOf, person, signIn } from '../harness/operations.js';
import { KEY, TestWorld } from '../harness/world.js';

const TIMEOUT_MS = 4000;
const GET = 'POST /topapi/v2/user/get';

const ledger = new Ledger('faults');
let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: String(TIMEOUT_MS) });
  await signIn(world);
});
afterAll(() => world.stop());
afterEach(() => {
  jest.restoreAllMocks();
  world.reset();
});

const app = bearer(KEY);
const employee = (id = 'lisi') => world.client.rest('GET', `/v1/employees/${id}`, app);
const pause = (ms: number) => new Promise((wait) => setTimeout(wait, ms));
const callsOf = (route: string) => world.sandbox.quota.told()[route]?.calls ?? 0;

const error500 = { kind: 'answer', status: 500, body: { errcode: 15, errmsg: 'x' } } as const;

describe('an API of DingTalk that fails', () => {
  it('is asked once a second after a while, by no more than a fifth above what callers ask, and is well again by itself', async () => {
    world.sandbox.levers.add({ ...error500, route: GET });
    const endMs = performance.now() + 4000;
    let asked = 0;
    await ledger.holds(async () => {
      while (performance.now() < endMs) {
        asked += 1;
        expect(codeOf(await employee())).toBe('DINGTALK_UNAVAILABLE');
        await pause(10);
      }
    });
    expect(callsOf(GET)).toBeLessThan(asked * 1.2);
    const whenOpen = callsOf(GET);
    const pair = await Promise.all([employee('b1'), employee('b2')]);
    expect(pair.map(({ headers }) => headers.get('retry-after'))).toContain('1');
    await pause(1000);
    await Promise.all([employee('a1'), employee('a2'), employee('a3')]);
    expect(callsOf(GET) - whenOpen).toBeLessThanOrEqual(2);
    world.sandbox.levers.clear();
    await pause(1100);
    expect((await employee()).status).toBe(200);
    expect(await Promise.all([employee('a1'), employee()])).toMatchObject([{ status: 404 }, { status: 200 }]);
  });

  it('now and then is asked again within the budget, and callers see little of it', async () => {
    const wrong = new Set(Array.from({ length: 200 }, (_, at) => at).filter((at) => at % 20 === 7));
    let failed = 0;
    await ledger.holds(async () => {
      for (let at = 0; at < 200; at += 1) {
        if (wrong.has(at)) world.sandbox.levers.add({ kind: 'reset', route: GET, times: 1 });
        if ((await employee()).status !== 200) failed += 1;
      }
    }, wrong.size);
    expect(failed).toBe(0);
    expect(callsOf(GET)).toBe(200 + wrong.size);
  });

  it('takes no other API along', async () => {
    world.sandbox.levers.add({ ...error500, route: GET });
    await ledger.holds(async () => {
      for (let count = 0; count < 30; count += 1) await employee();
    });
    expect(await employee()).toMatchObject({ status: 502 });
    expect(codeOf(await OPERATIONS.directory.rest(world))).toBe('ok');
    expect(codeOf(await OPERATIONS.update.rest(world))).toBe('ok');
  });

  it('by not answering keeps nobody waiting but those who ask for it, who wait no longer than their deadline', async () => {
    world.sandbox.levers.add({ kind: 'hang', route: GET });
    const startMs = performance.now();
    const hanging = Array.from({ length: 300 }, (_, at) => employee(`e${at}`));
    await pause(300);
    const others = await ledger.holds(
      () =>
        Promise.all(
          Array.from({ length: 20 }, async () => {
            const sinceMs = performance.now();
            const codes = [await OPERATIONS.directory.rest(world), await OPERATIONS.profile.graphql(world)].map(codeOf);
            return { codes, ms: performance.now() - sinceMs };
          }),
        ),
      300,
    );
    expect(new Set(others.flatMap(({ codes }) => codes))).toEqual(new Set(['ok']));
    expect(Math.max(...others.map(({ ms }) => ms))).toBeLessThan(TIMEOUT_MS * 0.75);
    // So many at a time: the others wait for those.
    expect(callsOf(GET)).toBe(100);
    const codes = new Set((await Promise.all(hanging)).map(codeOf));
    expect([...codes].every((code) => /DINGTALK_(?:TIMEOUT|UNAVAILABLE)/.test(code))).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(TIMEOUT_MS * 2 + 3000);
    // The sandbox may yet read what was sent just before its time was up.
    await pause(500);
  });
});

describe('a ban of the address', () => {
  it.each(['rest', 'graphql'] as const)(
    'met through %s ends every call for its five minutes: none is sent',
    async (door) => {
      world.sandbox.levers.add({ kind: 'ban', route: OPERATIONS.profile.route, times: 1 });
      expect(codeOf(await ledger.holds(() => OPERATIONS.profile[door](world)))).toBe('DINGTALK_UNAVAILABLE');
      world.sandbox.journal.clear();
      for (const operation of Object.values(OPERATIONS)) {
        const answer = await operation.rest(world);
        expect(codeOf(answer)).toBe('DINGTALK_UNAVAILABLE');
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(290);
        expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(300);
      }
      expect(world.sandbox.journal.all()).toEqual([]);
      expect(await world.client.raw('/health/live')).toMatchObject({ status: 200 });
    },
  );

  it('is asked about by one call after that, and while it lasts by no more', async () => {
    world.sandbox.levers.add({ kind: 'ban', route: '*' });
    await employee();
    later(0.084);
    world.sandbox.journal.clear();
    const many = await ledger.holds(() => Promise.all(Array.from({ length: 20 }, (_, at) => employee(`e${at}`))));
    expect(new Set(many.map(codeOf))).toEqual(new Set(['DINGTALK_UNAVAILABLE']));
    expect(world.calls()).toHaveLength(1);
    world.sandbox.levers.clear();
    later(0.168);
    expect((await employee()).status).toBe(200);
    expect((await world.client.rest('GET', '/v1/users/me', person)).status).toBe(200);
  });
});
