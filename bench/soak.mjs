// A long run of everything, to see whether anything grows: npm run soak [-- --requests 1000000]
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { percentile } from './load.mjs';
import { freePort, keyOf, startGateway, startSandbox } from './programs.mjs';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '1000000' } } });
const REQUESTS = Number(values.requests);
const AT_ONCE = 32;
const STEPS = 20;
/** Growth of the live heap from the second quarter to the last that is no leak; in a short run caches still fill up to their bounds. */
const MOST_GROWTH_BYTES = (REQUESTS < 200_000 ? 16 : 6) * 1024 * 1024;

/** Collects garbage when it is told to, so that what is measured is what is held. */
const COLLECTS = `data:text/javascript,
  import { setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => collect());`;

const sandbox = await startSandbox({ people: 300 });
const adminPort = await freePort();
const gateway = await startGateway(sandbox, {
  flags: ['--import', COLLECTS.replaceAll('\n', ' ')],
  scopes: ['employee:read', 'department:read', 'department:write'],
  ...{ ADMIN_PORT: String(adminPort), DINGTALK_QPS: '1000000', CACHE_TTL_S: '2', OVERLOAD_LAG_MS: '60000' },
  ...{ NODE_ENV: 'development', CALLER_RATE: '1000000:1000000' },
});
const pool = new Pool(gateway.url, { connections: AT_ONCE, pipelining: 1, headersTimeout: 60_000 });

async function figures() {
  process.kill(gateway.pid, 'SIGUSR2');
  await pause(300);
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const of = (name) => Number(new RegExp(`^${name} ([0-9.e+]+)$`, 'm').exec(text)?.[1] ?? NaN);
  return {
    heap: of('nodejs_heap_size_used_bytes'),
    rss: of('process_resident_memory_bytes'),
    resources: of('nodejs_active_resources_total'),
  };
}

const bearer = { authorization: `Bearer ${keyOf(0)}` };
const json = { 'content-type': 'application/json' };
const pick = (list, index) => list[(index * 7919) % list.length];

/** Each request of a kind of its own, with values that differ: reads, documents, changes, mistakes, people who come and go. */
const KINDS = [
  (index) => ({ path: `/v1/employees/${pick(sandbox.userIds, index)}`, headers: bearer }),
  (index) => ({ path: `/v1/departments/${pick(sandbox.departmentIds, index)}/members?limit=5`, headers: bearer }),
  (index) =>
    graphql('query($id: ID!) { department(id: $id) { name members(first: 3) { nodes { name } } } }', {
      id: pick(sandbox.departmentIds, index),
    }),
  (index) => graphql(`query Q${index} { e${index}: employee(userId: "${pick(sandbox.userIds, index)}") { name } }`),
  (index) => ({ path: `/v1/employees/nobody${index}`, headers: bearer, expects: 404 }),
  (index) => ({ path: `/v1/departments/x${index}`, headers: bearer, expects: 400 }),
  (index) => ({ path: '/v1/departments/1', headers: { authorization: `Bearer wrong${index}` }, expects: 401 }),
  (index) => ({ path: `/nowhere/${index}`, headers: { ...bearer, traceparent: 'x' }, expects: 404 }),
  (index) => ({
    path: '/v1/departments/1',
    headers: { ...bearer, 'x-request-id': `id-${index}`, 'cache-control': 'no-cache' },
  }),
  (index) => graphql(`{ broken${index}`, undefined, 400),
];

function graphql(query, variables, expects) {
  return {
    method: 'POST',
    path: '/graphql',
    headers: { ...bearer, ...json },
    body: JSON.stringify({ query, variables }),
    expects,
  };
}

async function send({ path, method = 'GET', headers, body, expects = 200 }) {
  const answer = await pool.request({ path, method, headers, body });
  await answer.body.dump();
  return answer.statusCode === expects ? undefined : `${method} ${path.replace(/\d+/g, 'N')}: ${answer.statusCode}`;
}

/** Signs in, asks who that is, and goes away, with the session or without a word. */
async function visit(index) {
  const authCode = await sandbox.authCode(pick(sandbox.userIds, index));
  const signIn = {
    method: 'POST',
    path: '/session',
    headers: { ...json, 'x-forwarded-for': `203.0.113.${index % 250}` },
  };
  const answer = await pool.request({ ...signIn, body: JSON.stringify({ authCode }) });
  await answer.body.dump();
  if (answer.statusCode !== 201) return `sign-in: ${answer.statusCode}`;
  const cookie = [answer.headers['set-cookie']].flat()[0].split(';')[0];
  const person = { cookie, 'x-csrf': '1' };
  const fault = await send({ path: '/v1/users/me', headers: person });
  return fault ?? (index % 2 ? send({ method: 'DELETE', path: '/session', headers: person, expects: 204 }) : undefined);
}

/** A caller who does not wait for the answer. */
async function leave(index) {
  const gone = new AbortController();
  const asked = pool.request({
    path: `/v1/employees/${pick(sandbox.userIds, index)}`,
    headers: { ...bearer, 'cache-control': 'no-cache' },
    method: 'GET',
    signal: gone.signal,
  });
  setImmediate(() => gone.abort());
  await asked.then((answer) => answer.body.dump()).catch(() => undefined);
}

const rename = (index) => ({
  method: 'PATCH',
  path: `/v1/departments/${sandbox.departmentIds[1]}`,
  headers: { ...bearer, ...json },
  body: JSON.stringify({ brief: `第${index}次` }),
});

function one(index) {
  if (index % 500 === 0) return visit(index);
  if (index % 97 === 0) return leave(index);
  if (index % 50 === 0) return send(rename(index));
  return send(KINDS[index % KINDS.length](index));
}

const faults = new Map();
const tookMs = [];
let index = 0;
async function run(until) {
  const work = async () => {
    while (index < until) {
      index += 1;
      const startMs = performance.now();
      const fault = await one(index).catch((error) => String(error.code ?? error));
      if (index % 100 === 0) tookMs.push(performance.now() - startMs);
      if (fault) faults.set(fault, (faults.get(fault) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

const mega = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
await run(Math.min(1000, REQUESTS));
const before = await figures();
process.stdout.write(
  `${REQUESTS} requests, ${AT_ONCE} at a time; the heap as it is after its garbage was collected.\n\n`,
);
process.stdout.write('| requests | live heap | resident | handles |\n| ---: | ---: | ---: | ---: |\n');
const steps = [];
const startMs = performance.now();
for (let step = 1; step <= STEPS; step += 1) {
  await run(Math.round((REQUESTS * step) / STEPS));
  const { heap, rss, resources } = await figures();
  steps.push({ heap, rss, resources });
  process.stdout.write(`| ${index} | ${mega(heap)} | ${mega(rss)} | ${resources} |\n`);
}
const seconds = (performance.now() - startMs) / 1000;
await pool.close();
// Deadlines of requests that are over end by then, and idle connections are closed.
await pause(Math.min(10_000, 2000 + REQUESTS / 50));
const after = await figures();
await gateway.stop();
await sandbox.stop();

const median = (some) =>
  percentile(
    some.map(({ heap }) => heap),
    0.5,
  );
const growth = median(steps.slice(-STEPS / 4)) - median(steps.slice(STEPS / 4, STEPS / 2));
const wrong = [...faults].map(([fault, count]) => `${fault} (${count})`);
process.stdout.write(
  [
    `\n${Math.round(index / seconds)} requests a second; half of them within ${percentile(tookMs, 0.5).toFixed(1)} ms, 99 in 100 within ${percentile(tookMs, 0.99).toFixed(0)} ms.`,
    `From the second quarter to the last the live heap grew by ${mega(growth)} (medians). Handles: ${before.resources} at the start, ${after.resources} when all had gone.`,
    wrong.length > 0 ? `NOT as expected: ${wrong.slice(0, 10).join(', ')}` : 'Every request was answered as expected.',
    '',
  ].join('\n'),
);
const isFlat = growth < MOST_GROWTH_BYTES && after.resources <= before.resources + 2 && wrong.length === 0;
process.stdout.write(isFlat ? 'Nothing grows.\n' : 'SOMETHING GROWS, or fails.\n');
process.exitCode = isFlat ? 0 : 1;
