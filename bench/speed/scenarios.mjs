// What is measured, each in one run with what it is compared with.
import { setTimeout as wait } from 'node:timers/promises';
import { peers } from './contenders.mjs';
import { median, rounds } from './measuring.mjs';
import { rssMb } from './process-figures.mjs';
import { inline, people, profile, rest } from './requests.mjs';
import { startGateway, startPeer, startRedis, startUpstream } from './running.mjs';

const LATENCY_MS = 30;
const REMEMBERED = 1000;
const IDLE_S = 3;

const OURS = { name: 'gateway', title: '**the gateway, GraphQL**' };

/** Peers that do not run here are named with their reason. */
async function startPeers(upstream, tell) {
  const [running, absent] = [[], []];
  for (const peer of peers()) {
    tell(`starting ${peer.title}`);
    try {
      running.push({ ...peer, program: await startPeer(peer, upstream) });
    } catch (error) {
      absent.push({ title: peer.title, reason: error.message });
    }
  }
  return { running, absent };
}

const stopAll = (programs) => Promise.all(programs.map(({ stop }) => stop()));

/** One profile, and what else is asked of the same programs. */
export async function throughput(options) {
  const upstream = await startUpstream();
  const { running, absent } = await startPeers(upstream, options.tell);
  const gateway = await startGateway(upstream);
  const remembering = await startGateway(upstream, { CACHE_TTL_S: '300' });
  const { headers } = gateway;
  const remembered = { program: remembering, request: profile(remembering.headers), people: REMEMBERED };
  const measured = [
    running[0],
    { ...OURS, program: gateway, request: profile(headers) },
    { name: 'rest', title: '**the gateway, REST**', program: gateway, request: rest(headers) },
    { name: 'inline', title: '**the gateway, ids in the document**', program: gateway, request: inline(headers) },
    { name: 'remembered', title: '**the gateway, remembered reads**', ...remembered },
    ...running.slice(1),
  ];
  const figures = await rounds(measured, options);
  await stopAll([upstream, gateway, remembering, ...running.map(({ program }) => program)]);
  return { figures, absent };
}

const pick = (names) => peers().filter(({ name }) => names.includes(name));

/** A few programs beside the gateway, against an upstream of their own. */
async function beside(names, { delayMs, ask }, options) {
  const upstream = await startUpstream({ delayMs });
  const programs = [];
  for (const peer of pick(names)) programs.push({ ...peer, program: await startPeer(peer, upstream) });
  programs.push({ ...OURS, program: await startGateway(upstream) });
  const figures = await rounds(programs.map(ask), options);
  await stopAll([upstream, ...programs.map(({ program }) => program)]);
  return figures;
}

const own = ({ name, program, request }) => (name === OURS.name ? profile(program.headers) : request);

/** One profile where DingTalk takes its time. */
export const latency = (options) =>
  beside(['bare', 'tutorial'], { delayMs: LATENCY_MS, ask: (one) => ({ ...one, request: own(one) }) }, options);

/** Twenty people in one operation, of few callers at once: 160 calls at DingTalk at a time. */
export const manyPeople = (options) => {
  const headersOf = ({ name, program }) => (name === OURS.name ? program.headers : { 'x-api-key': 'a-key' });
  const ask = (one) => ({ ...one, request: people(20, headersOf(one)), connections: 8 });
  return beside(['tutorial'], { delayMs: 0, ask }, options);
};

/** One and two workers, on both cores beside load and upstream. */
export async function workers(options) {
  const redis = await startRedis();
  if (!redis) return undefined;
  const upstream = await startUpstream();
  const shared = { cores: '0,1', REDIS_URL: redis.url, STATE_SECRET: 'a-secret-of-the-bench', CACHE_TTL_S: '300' };
  const measured = [];
  for (const count of [1, 2]) {
    const program = await startGateway(upstream, { ...shared, WORKERS: String(count) });
    const title = `${count} ${count === 1 ? 'worker' : 'workers'}`;
    measured.push({ name: title, title, program, request: profile(program.headers), people: REMEMBERED });
  }
  const figures = await rounds(measured, options);
  await stopAll([upstream, redis, ...measured.map(({ program }) => program)]);
  return figures;
}

/** From the start of the process to its first right answer, and its memory at rest after it. */
export async function starts({ rounds: count, tell }) {
  const upstream = await startUpstream();
  const figures = new Map();
  const contenders = [
    ...pick(['bare', 'tutorial', 'hive']).map((peer) => ({ ...peer, start: () => startPeer(peer, upstream) })),
    { ...OURS, title: '**the gateway**', start: () => startGateway(upstream) },
  ];
  for (let round = 1; round <= count; round += 1) {
    for (const { name, title, start } of contenders) {
      tell(`start ${round} of ${count}: ${title}`);
      const program = await start();
      await wait(IDLE_S * 1000);
      const { startMs } = program;
      figures.set(name, [...(figures.get(name) ?? []), { startMs, idleMb: rssMb(program.pid) }]);
      await program.stop();
    }
  }
  await upstream.stop();
  const middle = (name, key) => median(figures.get(name).map((one) => one[key]));
  return contenders.map(({ name, title }) => ({
    ...{ name, title },
    startMs: middle(name, 'startMs'),
    idleMb: middle(name, 'idleMb'),
  }));
}
