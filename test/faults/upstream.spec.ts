import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../apps/dingtalk-sandbox/src/levers.js';
import { Ledger } from '../harness/ledger.js';
import { OPERATIONS, type Operation, codeOf, signIn } from '../harness/operations.js';
import { TestWorld } from '../harness/world.js';

const TIMEOUT_MS = 600;
const WHILE_MS = 1000;

const ledger = new Ledger('faults');
let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: String(TIMEOUT_MS) });
  await signIn(world);
  // The first of each loads what it takes, and may take longer for that than a call may last here.
  await Promise.all(Object.values<Operation>(OPERATIONS).map((operation) => operation.rest(world)));
  world.reset();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

/** How an operation ends: where a single fault is met, and where it lasts. */
interface Ends {
  readonly once: string;
  readonly always: string;
}

interface Case {
  readonly fault: Omit<Fault, 'route'>;
  readonly read: Ends;
  /** Of a write whose outcome nothing can tell; where it can be read back, it is the plain failure or success instead. */
  readonly write: Ends;
}

const same = (code: string): Ends => ({ once: code, always: code });
const onceOk = (code: string): Ends => ({ once: 'ok', always: code });
const LOST = same('OUTCOME_UNKNOWN');
const PERMISSION = 'Forbidden.AccessDenied.AccessTokenPermissionDenied';
const redirect = { kind: 'answer', status: 302, body: '', headers: { location: 'http://127.0.0.2:9/steal' } } as const;
const error500 = { kind: 'answer', status: 500, body: { code: 'unknownError', message: 'x', errcode: 15 } } as const;

/** What stands after DINGTALK_ is left out. */
const CASES: Readonly<Record<string, Case>> = {
  'U2 a reset before any answer': { fault: { kind: 'reset' }, read: onceOk('UNAVAILABLE'), write: LOST },
  'U3 a reset within the answer': { fault: { kind: 'cut' }, read: onceOk('UNAVAILABLE'), write: LOST },
  'U4 an answer that begins too late': {
    fault: { kind: 'latency', ms: TIMEOUT_MS * 2 },
    read: same('TIMEOUT'),
    write: LOST,
  },
  'U5 an answer that drips': { fault: { kind: 'drip' }, read: same('TIMEOUT'), write: LOST },
  'U6 no answer': { fault: { kind: 'hang' }, read: same('TIMEOUT'), write: LOST },
  'U7 broken JSON': { fault: { kind: 'truncate' }, read: same('UNREADABLE'), write: LOST },
  'U8 HTML at 200': { fault: { kind: 'html' }, read: same('UNREADABLE'), write: LOST },
  'U9 HTML at 502': { fault: { kind: 'server-error' }, read: onceOk('UNREADABLE'), write: LOST },
  'U10 nothing at 200': { fault: { kind: 'empty' }, read: same('UNREADABLE'), write: LOST },
  'U11 an errcode at 200': {
    fault: { kind: 'answer', body: { errcode: 50004, errmsg: 'x' } },
    read: same('NOT_PERMITTED'),
    write: same('NOT_PERMITTED'),
  },
  'U11 a permission that is missing': {
    fault: { kind: 'answer', status: 403, body: { code: PERMISSION, errcode: 60011, errmsg: 'x' } },
    read: same('NOT_PERMITTED'),
    write: same('NOT_PERMITTED'),
  },
  'U12 a 429 with Retry-After': {
    fault: { kind: 'answer', status: 429, body: '', headers: { 'retry-after': '2' } },
    read: same('THROTTLED'),
    write: same('THROTTLED'),
  },
  'U13 a throttle of the API': { fault: { kind: 'throttle' }, read: same('THROTTLED'), write: same('THROTTLED') },
  'U14 a 500': { fault: error500, read: onceOk('UNAVAILABLE'), write: LOST },
  'U14 busy': { fault: { kind: 'busy' }, read: onceOk('UNAVAILABLE'), write: same('UNAVAILABLE') },
  'U20 a redirect to another host': { fault: redirect, read: same('UNREADABLE'), write: LOST },
  'U21 an answer of 300 MB': { fault: { kind: 'flood' }, read: same('UNREADABLE'), write: LOST },
  'U23 null': { fault: { kind: 'null' }, read: same('UNREADABLE'), write: LOST },
};

const full = (code: string): string => (/^(?:ok|OUTCOME_UNKNOWN)$/.test(code) ? code : `DINGTALK_${code}`);

/** What an operation may end with. A breaker that opens meanwhile says that DingTalk is not available. */
function endsOf({ read, write }: Case, { isWrite, canBeReadBack }: Operation, when: keyof Ends): string[] {
  const code = (isWrite ? write : read)[when];
  // The department is read back: an answer that was lost by being late came after the change was made.
  const found = code === 'OUTCOME_UNKNOWN' && canBeReadBack ? ['ok'] : [];
  const heldBack = when === 'always' ? ['DINGTALK_UNAVAILABLE'] : [];
  return [full(code), ...found, ...heldBack];
}

/** Waits for all of them, also where one fails: what goes on would meet the faults of the next test. */
async function all(works: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
}

const NAMES = Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[];
const DOORS = ['rest', 'graphql'] as const;

describe.each(Object.entries(CASES))('%s', (_, fault) => {
  it.each(DOORS)(
    'met once through %s ends each operation as it should, in time, and what follows is well',
    async (door) => {
      await all(
        NAMES.map((name) =>
          ledger.holds(async () => {
            const operation: Operation = OPERATIONS[name];
            const { route, isWrite } = operation;
            world.sandbox.levers.add({ ...fault.fault, route, times: 1 });
            const startMs = performance.now();
            const answer = await operation[door](world);
            expect([name, endsOf(fault, operation, 'once')]).toEqual([name, expect.arrayContaining([codeOf(answer)])]);
            expect(performance.now() - startMs).toBeLessThan(TIMEOUT_MS * 1.5 + 300);
            expect(answer.text).not.toMatch(/<html|nginx|127\.0\.0\.|localhost|at \w+ \(|errmsg/i);
            if (isWrite) expect(sentTo(route).length).toBe(1);
          }),
        ),
      );
    },
  );

  it('met for a while never brings the gateway down, nor sends a write twice, and all is well after it', async () => {
    await all(
      NAMES.map((name) =>
        ledger.holds(async () => {
          const operation: Operation = OPERATIONS[name];
          world.sandbox.levers.add({ ...fault.fault, route: operation.route });
          const endMs = performance.now() + WHILE_MS;
          for (let calls = 0; performance.now() < endMs; calls += 1) {
            const answer = await operation[DOORS[calls % 2] ?? 'rest'](world);
            expect([name, endsOf(fault, operation, 'always')]).toEqual([
              name,
              expect.arrayContaining([codeOf(answer)]),
            ]);
            if (operation.isWrite) expect(sentTo(operation.route).length).toBeLessThanOrEqual(calls + 1);
            await new Promise((wait) => setTimeout(wait, 20));
          }
        }),
      ),
    );
    world.sandbox.levers.clear();
    for (const name of NAMES) expect(await untilWell(OPERATIONS[name])).toBe('ok');
  });
});

/** The calls of a route that arrived. */
const sentTo = (route: string) => {
  const [method, path = ''] = route.split(' ');
  const form = new RegExp(`^${path.replace(/\{\w+\}/, '[^/]+')}$`);
  return world.sandbox.journal.all().filter((call) => call.method === method && form.test(call.path));
};

/** What an operation ends with once DingTalk is well: at the latest some seconds later. */
async function untilWell(operation: Operation): Promise<string> {
  const endMs = performance.now() + 5000;
  for (;;) {
    const code = codeOf(await operation.rest(world));
    if (code === 'ok' || performance.now() > endMs) return code;
    await new Promise((wait) => setTimeout(wait, 100));
  }
}
