import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { Metrics } from '#telemetry';
import { type Answer, bearer } from './harness/client.js';
import { Chance, type GeneratedRequest, OperationMaker, type Values } from './harness/generated-operations.js';
import { KEY, TestWorld, keyOf } from './harness/world.js';

const OPERATIONS = 2000;
/** The others are wrong, or out of the ordinary. */
const RUN_BY_PLAN_AT_LEAST = 1300;
/** At the first time an operation is new, at the second a plan is made of it, at the third it is run. */
const TIMES = 3;
const AT_ONCE = 8;
const SEED = 20_261_122;
const BIG = '9007199254740991';
const UNION_ID = 'z21HjQliSzpw0Yzhangsan';

type HeaderMap = Record<string, string>;

let planned: TestWorld;
let plain: TestWorld;
/** Who asks, at each of the two. */
const callers: [HeaderMap, HeaderMap][] = [];

beforeAll(async () => {
  planned = await TestWorld.start({ FAST_PATH: 'on', LOG_LEVEL: 'warn' });
  plain = await TestWorld.start({ FAST_PATH: 'off', LOG_LEVEL: 'warn' });
  const signIn = (who: string) =>
    Promise.all([planned, plain].map((world) => world.client.signIn(world.authCode(who)))) as Promise<
      [HeaderMap, HeaderMap]
    >;
  const app = (key: string): [HeaderMap, HeaderMap] => [bearer(key), bearer(key)];
  callers.push(await signIn('lisi'), await signIn('102530009661373952'), ...Array(18).fill(app(KEY)));
  callers.push(app(keyOf('department:read')), app(keyOf('department:read employee:read')), app('a-key-of-nobody'));
  callers.push([{}, {}]);
  for (const { client, sandbox } of [planned, plain]) {
    const { world } = sandbox.desk;
    world.outOfScope = { departments: [...world.departments.keys()].slice(2, 4), people: [] };
    const grant = { toCorpIds: ['ding1', 'ding2', 'ding3'], optUserId: 'lisi' };
    const answer = await client.rest('PUT', '/v1/org-accounts/visibility', bearer(KEY), grant);
    expect(answer.status).toBe(200);
  }
});
afterAll(async () => {
  await planned.stop();
  await plain.stop();
});

/** What clients give for arguments: what is there, what is not, and now and then what is no such thing. */
function values(): Values {
  const { people } = planned.sandbox.desk.world;
  const some = people.slice(0, 10);
  const departments = [
    '1',
    BIG,
    '404',
    '-1',
    '01',
    ...new Set(some.flatMap((person) => person.departments.map(String))),
  ];
  const odd = ['', '5', 9_007_199_254_740_993, 'x'.repeat(200), ' ', 'ding\n', 7, 1.5, true, null, ['a'], { a: 1 }];
  const most = <Item>(items: readonly Item[]) => [...Array.from({ length: 25 }, () => items).flat(), ...odd];
  return {
    id: most(departments),
    parentId: most(departments),
    userId: most([...some.map(({ userid }) => userid), 'nobody']),
    unionId: most([...some.map(({ unionId }) => unionId), UNION_ID, 'nobody', 'me', '../x']),
    query: most(['张', '李', 'zhang', '四', 'nobody of that name']),
    first: most([1, 2, 5, 20, 100, 3, 10, 0, -1, 101]),
    after: most([null, '10', 'MTA', 'not a cursor']),
    toCorpId: most(['ding1', 'ding2', 'ding9']),
  };
}

/** What differs from one time to the next is not compared: times, records of the trail, DingTalk's own request ids. */
const UNEQUAL = new Set(['date', 'ratelimit', 'ratelimit-policy', 'retry-after', 'content-length']);

function told({ status, headers, text }: Answer): string {
  const body = text
    .replace(/("dingtalkRequestId":")[^"]+/g, '$1…')
    .replace(/"(?:\d{4}-\d\d-\d\dT[\d:.]+Z|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})"/g, '"…"');
  const lines = [...headers].filter(([name]) => !UNEQUAL.has(name)).map((header) => header.join(': '));
  return [status, ...lines, body].join('\n');
}

const send = ({ client }: TestWorld, caller: HeaderMap, { body, headers }: GeneratedRequest, at: number) =>
  client.raw('/graphql', {
    method: 'POST',
    headers: { ...headers, ...caller, 'x-request-id': `request-${at}` },
    body,
  });

/** Where two fields fail at once and neither may be null, the first to fail is told: not always the same one. */
async function isTold(right: string, ask: () => Promise<string>): Promise<boolean> {
  if (!right.includes('"data":null')) return false;
  for (let time = 0; time < 5; time += 1) if ((await ask()) === right) return true;
  return false;
}

async function inTurns(count: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < count; at = next++) await work(at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function figure(world: TestWorld, series: string): Promise<number> {
  const { text } = await world.app.get(Metrics).page();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return Number(line?.split(' ')[1] ?? 0);
}

/** How operations end besides well. */
const CODES = [
  'BAD_INPUT',
  'DINGTALK_NOT_PERMITTED',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'NOT_FOUND',
  'UNAUTHENTICATED',
];

const RUN_BY_PLAN = 'gateway_graphql_operations_total{by="plan"}';

describe('with its fast path the gateway', () => {
  it('answers 2,000 generated operations as plain Apollo does, byte by byte, most of them by plan', async () => {
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    const chance = new Chance(SEED);
    const maker = new OperationMaker(schema, chance, values());
    const asked = Array.from({ length: OPERATIONS }, () => ({ request: maker.make(), caller: chance.pick(callers) }));
    const wrong: unknown[] = [];
    const seen = new Set<string>();
    await inTurns(OPERATIONS, async (at) => {
      const { request, caller } = asked[at] as (typeof asked)[number];
      const right = told(await send(plain, caller[1], request, at));
      for (const [, code] of right.matchAll(/"code":"([A-Z_]+)"/g)) seen.add(code ?? '');
      const ask = async () => told(await send(planned, caller[0], request, at));
      for (let time = 1; time <= TIMES; time += 1) {
        const answer = await ask();
        if (answer !== right && !(await isTold(right, ask))) wrong.push({ request, time, answer, right });
      }
    });
    expect(wrong.slice(0, 3)).toEqual([]);
    expect([...seen].sort()).toEqual(CODES);
    expect(await figure(planned, RUN_BY_PLAN)).toBeGreaterThan(RUN_BY_PLAN_AT_LEAST);
    expect(await figure(plain, RUN_BY_PLAN)).toBe(0);
  }, 240_000);
});
