// Measurements, in rounds that take turns.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { MEASURING, on } from './cores.mjs';
import { cpuS, rssMb } from './process-figures.mjs';

let loader;

/** The loader is one process for all. */
function startLoader() {
  const [execPath, ...execArgv] = on(MEASURING, [process.execPath]);
  const child = fork(join(import.meta.dirname, 'loader.mjs'), { execPath, execArgv });
  process.once('exit', () => child.kill('SIGKILL'));
  child.unref();
  child.channel.unref();
  return child;
}

function ask(job) {
  loader ??= startLoader();
  loader.ref();
  loader.channel.ref();
  return new Promise((done) => {
    loader.once('message', (answer) => {
      loader.unref();
      loader.channel.unref();
      done(answer);
    });
    loader.send(job);
  });
}

/** One measurement of one program. */
async function measure(one, seconds) {
  const { program, name, mustHold = 'avatarUrl', connections = 64, request, people, marks } = one;
  const beforeS = cpuS(program.pid);
  const job = { port: program.port, connections, seconds, request, people, marks, mustHold };
  const { count, wrong, sample, ...figures } = await ask(job);
  if (count === 0) throw new Error(`${name} answers nothing`);
  if (wrong > 0) throw new Error(`${name} answers ${wrong} of ${count} wrongly: ${sample.slice(0, 600)}`);
  const cpuUs = ((cpuS(program.pid) - beforeS) / count) * 1e6;
  return { perS: count / figures.seconds, cpuUs, p50: figures.p50, p99: figures.p99, rssMb: rssMb(program.pid) };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Interleaved rounds after a warm-up of each; medians, and of each round the ratio to the first one. */
export async function rounds(measured, { rounds: count, seconds, warmUpS = 4, tell }) {
  const figures = new Map(measured.map(({ name }) => [name, []]));
  for (const one of measured) {
    tell(`${one.title ?? one.name}: warm-up`);
    await measure(one, warmUpS);
  }
  for (let round = 1; round <= count; round += 1) {
    for (const one of measured) {
      tell(`round ${round} of ${count}: ${one.title ?? one.name}`);
      figures.get(one.name).push(await measure(one, seconds));
    }
  }
  return measured.map(({ name, title }) => {
    const of = figures.get(name);
    const keys = Object.keys(of[0]);
    const middle = Object.fromEntries(keys.map((key) => [key, median(of.map((figure) => figure[key]))]));
    return { name, title, ...middle, rounds: of.map(({ perS }) => perS) };
  });
}

/** How one compares with another: the median of the rounds' ratios, each of two measurements near in time. */
export const ratio = (one, other) => median(one.rounds.map((perS, round) => perS / other.rounds[round]));
