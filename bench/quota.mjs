// How far a quota of 20 calls a second reaches: npm run bench:quota [-- --seconds 60]
import { parseArgs } from 'node:util';
import { figures, load, percentile } from './load.mjs';
import { startGateway, startSandbox } from './programs.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const SECONDS = Number(values.seconds);
const QPS = 20;
const PER_S = 1000;
const PEOPLE = 2100;
const API = 'POST /topapi/v2/user/get';
const QUERY = 'query Employee($userId: ID!) { employee(userId: $userId) { userId name title } }';

const percent = (share) => `${(share * 100).toFixed(2)} %`;
const ms = (value) => (Number.isNaN(value) ? 'none' : `${value.toFixed(value < 10 ? 1 : 0)} ms`);

function progress(name) {
  let told = -1;
  return (share) => {
    const now = Math.floor(share * 10);
    if (now === told || !process.stderr.isTTY) return;
    told = now;
    process.stderr.write(`\r${name}: ${now * 10} %   `);
    if (now === 10) process.stderr.write('\r\x1b[K');
  };
}

/** People in turn, from a deck that is shuffled once. */
function deck(userIds, callers = 1) {
  return (index) => ({
    caller: index % callers,
    query: QUERY,
    variables: { userId: userIds[(index * 7919) % userIds.length] },
  });
}

async function measured(sandbox, gateway, { name, seconds = SECONDS, next }) {
  await sandbox.forget();
  const results = await load(gateway.url, { perS: PER_S, seconds, next, progress: progress(name) });
  const rate = (await sandbox.rates())[API] ?? { calls: 0, refused: 0, most: 0 };
  return { name, results, ...figures(results), ...rate };
}

function table(rows) {
  const lines = rows.map((row) => [
    row.name,
    String(row.asked),
    percent(row.answered),
    ms(row.p50),
    ms(row.p99),
    String(row.calls),
    String(row.refused),
    String(row.most),
    Object.entries(row.codes)
      .filter(([code]) => code !== 'ok')
      .map(([code, count]) => `${code} ${count}`)
      .join(', ') || '-',
  ]);
  const head = ['', 'asked', 'answered', 'p50', 'p99', 'calls', 'refused there', 'most in 1 s', 'not answered'];
  const all = [head, head.map(() => '---'), ...lines];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

async function compare(sandbox) {
  const next = deck(sandbox.userIds.slice(0, 500));
  const rows = [];
  for (const [name, environment, warmUpS] of [
    ['the gateway', { DINGTALK_QPS: String(QPS) }, 35],
    ['cache and limiter off', { DINGTALK_QPS: '1000000', CACHE_TTL_S: '0' }, 5],
  ]) {
    const gateway = await startGateway(sandbox, environment);
    await load(gateway.url, { perS: PER_S, seconds: warmUpS, next, progress: progress(`${name}, warm-up`) });
    rows.push(await measured(sandbox, gateway, { name, next }));
    await gateway.stop();
  }
  return rows;
}

/** More people than the quota can ever keep warm, and several callers. */
async function cold(sandbox) {
  const callers = 5;
  const gateway = await startGateway(sandbox, { callers, DINGTALK_QPS: String(QPS) });
  const next = deck(sandbox.userIds.slice(0, 2000), callers);
  const row = await measured(sandbox, gateway, { name: '2,000 cold people, 5 callers', next });
  await gateway.stop();
  const refused = row.results.filter(({ code }) => code !== 'ok');
  const of = (caller) => row.results.filter((one) => one.caller === caller);
  return {
    row,
    shares: Array.from({ length: callers }, (_, caller) => figures(of(caller)).answered),
    withRetryAfter: refused.filter(({ retryAfterS }) => retryAfterS > 0).length / Math.max(1, refused.length),
    refusedP50: percentile(
      refused.map((one) => one.ms),
      0.5,
    ),
  };
}

const departments = '{ departments(parentId: "1") { id name } }';

/** Another API, alone and while the employees' hangs. */
async function hanging() {
  const sandbox = await startSandbox({ people: 300 });
  const gateway = await startGateway(sandbox, { callers: 2, CACHE_TTL_S: '0', DINGTALK_QPS: '1000000' });
  const seconds = Math.min(SECONDS, 30);
  const other = { query: departments };
  const ask = (perS, mix, name) => load(gateway.url, { perS, seconds, next: mix, progress: progress(name) });
  const ofOthers = (results) => figures(results.filter(({ caller }) => caller === 0));
  await ask(100, () => other, 'warm-up');
  const rounds = { alone: [], beside: [] };
  for (let round = 0; round < 2; round += 1) {
    rounds.alone.push(ofOthers(await ask(100, () => other, 'alone')));
    await sandbox.addFault({ kind: 'hang', route: API });
    const mixed = (index) =>
      index % 5 === 4 ? { caller: 1, query: QUERY, variables: { userId: sandbox.userIds[index % 200] } } : other;
    rounds.beside.push(ofOthers(await ask(125, mixed, 'beside an API that hangs')));
    await sandbox.clearFaults();
    await new Promise((wait) => setTimeout(wait, 10_000));
  }
  await gateway.stop();
  await sandbox.stop();
  const best = (name) => Math.min(...rounds[name].map(({ p99 }) => p99));
  return { alone: best('alone'), beside: best('beside'), failed: rounds.beside.some(({ answered }) => answered < 1) };
}

const sandbox = await startSandbox({ people: PEOPLE, qps: QPS });
const rows = await compare(sandbox);
const { row, shares, withRetryAfter, refusedP50 } = await cold(sandbox);
await sandbox.stop();
const hang = await hanging();

process.stdout.write(
  `${PER_S} reads a second of employee(userId) for ${SECONDS} s; DingTalk allows ${QPS} calls in any second.\n`,
);
process.stdout.write('500 people by one app, after warm-up; then 2,000 people, nothing warm:\n\n');
process.stdout.write(`${table([...rows, row])}\n\n`);
process.stdout.write(
  `2,000 cold people: ${percent(withRetryAfter)} of those not answered were told when to come back (half of them within ${ms(refusedP50)}); ` +
    `answered by caller: ${shares.map(percent).join(', ')}\n`,
);
process.stdout.write(
  `An API that hangs: p99 of another one ${ms(hang.beside)}, alone ${ms(hang.alone)}: ${(hang.beside / hang.alone).toFixed(2)} times` +
    `${hang.failed ? ', and some FAILED' : ''}\n`,
);
const [gateway] = rows;
// What was sent and not answered in time is a DINGTALK_TIMEOUT: nobody knows when to come back.
const isRight =
  gateway.answered >= 0.999 && gateway.refused === 0 && row.refused === 0 && withRetryAfter >= 0.999 && !hang.failed;
process.stdout.write(isRight ? 'As promised.\n' : 'NOT as promised.\n');
process.exitCode = isRight ? 0 : 1;
