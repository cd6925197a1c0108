import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Answer, bearer } from '../harness/client.js';
import { later } from '../harness/clock.js';
import { Ledger } from '../harness/ledger.js';
import { codeOf } from '../harness/operations.js';
import { KEY, TestWorld, keyOf } from '../harness/world.js';

const QPS = 20;
const TIMEOUT_MS = 3000;
const GET = 'POST /topapi/v2/user/get';

const ledger = new Ledger('faults');
let world: TestWorld;
let person: Record<string, string>;

beforeAll(async () => {
  world = await TestWorld.start({ DINGTALK_QPS: String(QPS), DINGTALK_TIMEOUT_MS: String(TIMEOUT_MS) });
  person = await world.client.signIn(world.authCode('102530009661373952'));
  world.reset();
});
afterAll(() => world.stop());
afterEach(() => {
  jest.restoreAllMocks();
  world.reset();
});

const app = bearer(KEY);
const other = bearer(keyOf('employee:read'));
const ids = () =>
  world.sandbox.desk.world
    .employees()
    .map(({ userid }) => userid ?? '')
    .filter((id) => /^\w+$/.test(id));

interface Timed {
  readonly answer: Answer;
  readonly ms: number;
}

async function timed(work: () => Promise<Answer>): Promise<Timed> {
  const startMs = performance.now();
  return { answer: await work(), ms: performance.now() - startMs };
}

/** Reads so many employees at once, no two of them the same. */
const readMany = (count: number, headers: Record<string, string>, from = 0): Promise<Timed>[] =>
  ids()
    .slice(from, from + count)
    .map((id) => timed(() => world.client.rest('GET', `/v1/employees/${id}`, headers)));

const rate = () => world.sandbox.quota.told()[GET] ?? { calls: 0, refused: 0, most: 0 };
const statuses = (answers: readonly Timed[]) => [...new Set(answers.map(({ answer }) => answer.status))];

describe('calls that come faster than DingTalk allows', () => {
  it('are sent at its pace: none is refused there, none fails here', async () => {
    world.sandbox.levers.settings.qps = QPS;
    const answers = await ledger.holds(() => Promise.all(readMany(50, app)), 50);
    expect(statuses(answers)).toEqual([200]);
    expect(rate()).toEqual({ calls: 50, refused: 0, most: QPS });
    const lastMs = Math.max(...answers.map(({ ms }) => ms));
    expect(lastMs).toBeGreaterThan(2000);
    expect(lastMs).toBeLessThan(TIMEOUT_MS);
  });

  it('keep to it from one second to the next, whatever the length of answers', async () => {
    world.sandbox.levers.settings.qps = QPS;
    for (let round = 0; round < 3; round += 1) {
      world.sandbox.levers.add({ kind: 'latency', ms: round * 90, route: GET, times: 15 });
      const answers = await ledger.holds(() => Promise.all(readMany(15, app, round * 15)), 15);
      expect(statuses(answers)).toEqual([200]);
    }
    expect(rate()).toMatchObject({ calls: 45, refused: 0 });
    expect(rate().most).toBeLessThanOrEqual(QPS);
  });

  it('and cannot be sent in time are refused at once, with the time to come back at', async () => {
    const many = Array.from({ length: 4 }, (_, at) => `n${at}`);
    const calls = many.flatMap((name) =>
      ids().map((id) => timed(() => world.client.rest('GET', `/v1/employees/${id}-${name}`, app))),
    );
    const answers = await ledger.holds(() => Promise.all(calls), calls.length);
    const refused = answers.filter(({ answer }) => answer.status === 503);
    const tookS = Math.max(...answers.map(({ ms }) => ms)) / 1000;
    expect(calls.length - refused.length).toBeLessThanOrEqual(QPS * (tookS + 1));
    expect(refused.length).toBeGreaterThan(calls.length / 2);
    for (const { answer } of refused) {
      expect([codeOf(answer), answer.body.retryable]).toEqual(['DINGTALK_THROTTLED', true]);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    // But for the few of whom it is found out when others have come before them.
    expect(refused.filter(({ ms }) => ms < TIMEOUT_MS / 2).length).toBeGreaterThan(refused.length * 0.8);
    // All others are answered: nobody is there with these ids. For the last of them time may just run out.
    const others = answers.filter(({ answer }) => answer.status !== 503);
    const late = others.filter(({ answer }) => answer.status === 504);
    expect(late.length).toBeLessThanOrEqual(QPS);
    for (const { ms } of late) expect(ms).toBeGreaterThan(TIMEOUT_MS * 0.9);
    expect(statuses(others.filter((other) => !late.includes(other)))).toEqual([404]);
  });

  it('of one caller do not keep away those of another', async () => {
    const many = readMany(50, app);
    await new Promise((wait) => setTimeout(wait, 200));
    const few = await ledger.holds(() => Promise.all(readMany(5, other, 50)), 5);
    expect(statuses(few)).toEqual([200]);
    expect(Math.max(...few.map(({ ms }) => ms))).toBeLessThan(1500);
    await Promise.all(many);
  });

  it('of programs let those of people go first', async () => {
    const many = readMany(55, app);
    await new Promise((wait) => setTimeout(wait, 200));
    const { answer, ms } = await ledger.holds(() =>
      timed(() => world.client.rest('GET', '/v1/employees/lisi', person)),
    );
    expect(answer.status).toBe(200);
    expect(ms).toBeLessThan(1300);
    await Promise.all(many);
  });

  it('and are for the same thing as one that is under way are one', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 500, route: GET });
    const same = Array.from({ length: 200 }, () => timed(() => world.client.rest('GET', '/v1/employees/lisi', app)));
    const answers = await ledger.holds(() => Promise.all(same), 200);
    expect([statuses(answers), rate().calls]).toEqual([[200], 1]);
  });
});

const read = () => timed(() => world.client.rest('GET', '/v1/employees/lisi', app));
const update = () => timed(() => world.client.rest('PATCH', '/v1/departments/9007199254740991', app, { brief: '新' }));

describe('a refusal by DingTalk for calls that come too often', () => {
  it.each([
    ['90018 with the end of the penalty', { kind: 'throttle', ms: 2000 }, 1000],
    ['429 with Retry-After', { kind: 'answer', status: 429, body: '', headers: { 'retry-after': '1' } }, 990],
    ['90002 without any time', { kind: 'answer', body: { errcode: 90002, errmsg: 'x' } }, 990],
  ] as const)('(%s) is waited for where there is time, and the call is made', async (_, fault, leastMs) => {
    world.sandbox.levers.add({ ...fault, route: GET, times: 1 });
    const { answer, ms } = await ledger.holds(read);
    expect(answer.status).toBe(200);
    expect(ms).toBeGreaterThan(leastMs);
    expect(rate().calls).toBe(2);
  });

  it('of a write is waited for too: it was not made, and is made once', async () => {
    world.sandbox.levers.add({ kind: 'throttle', route: 'POST /topapi/v2/department/update', times: 1 });
    const { answer } = await ledger.holds(update);
    expect([answer.status, answer.body.department.brief]).toEqual([200, '新']);
    expect(world.calls('/topapi/v2/department/update')).toHaveLength(2);
  });

  it('that lasts is asked about ever more seldom, one call at a time', async () => {
    world.sandbox.levers.add({ kind: 'answer', body: { errcode: 90002, errmsg: 'x' }, route: GET });
    const endMs = performance.now() + 4000;
    const codes = new Set<string>();
    await ledger.holds(async () => {
      while (performance.now() < endMs) {
        const answers = await Promise.all(readMany(5, app));
        for (const { answer } of answers) codes.add(codeOf(answer));
      }
    });
    expect([...codes]).toEqual(['DINGTALK_THROTTLED']);
    // The five of the beginning, and one after each pause of 1, 2 and 4 seconds.
    expect(rate().calls).toBeLessThanOrEqual(5 + 3);
  });

  it('of the whole minute is not asked about within it', async () => {
    const body = { code: 'Forbidden.AccessDenied.QpmLimitForAppkeyAndApi', message: 'x' };
    const route = 'GET /v1.0/contact/users/{unionId}';
    world.sandbox.levers.add({ kind: 'answer', status: 403, body, route, times: 1 });
    const me = () => timed(() => world.client.rest('GET', '/v1/users/me', person));
    const [first, second] = await ledger.holds(async () => [await me(), await me()]);
    for (const { answer } of [first, second] as Timed[]) {
      expect(codeOf(answer)).toBe('DINGTALK_THROTTLED');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(55);
    }
    expect(world.calls('/v1.0/contact/users/me')).toHaveLength(1);
  });

  it('for the month’s calls being spent is not asked about again at once', async () => {
    world.sandbox.levers.add({ kind: 'answer', body: { errcode: 90020, errmsg: 'x' }, route: GET });
    const spent = await ledger.holds(async () => [await read(), await read(), await read()]);
    expect(spent.map(({ answer }) => codeOf(answer))).toEqual(Array(3).fill('DINGTALK_QUOTA_SPENT'));
    expect(rate().calls).toBe(1);
    world.sandbox.levers.clear();
    later(0.1);
    expect((await read()).answer.status).toBe(200);
  });
});
