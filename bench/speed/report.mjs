// Results as Markdown.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { cores } from './cores.mjs';
import { goals, isReached } from './goals.mjs';
import { ratio } from './measuring.mjs';

const whole = (value) => (Number.isNaN(value) ? '–' : value.toFixed(0));
const two = (value) => value.toFixed(2);

function table(head, rows) {
  const aligned = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, aligned, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function loads(figures) {
  const [base] = figures;
  return table(
    ['', 'to the first', 'requests/s', 'CPU a request', 'p50', 'p99', 'memory'],
    figures.map((one) => [
      one.title,
      two(ratio(one, base)),
      whole(one.perS),
      `${whole(one.cpuUs)} µs`,
      `${one.p50.toFixed(1)} ms`,
      `${one.p99.toFixed(1)} ms`,
      `${whole(one.rssMb)} MB`,
    ]),
  );
}

const started = (figures) =>
  table(
    ['', 'start to first answer', 'memory at rest'],
    figures.map(({ title, startMs, idleMb }) => [title, `${whole(startMs)} ms`, `${whole(idleMb)} MB`]),
  );

const grown = (tables) =>
  table(
    ['', 'so many', 'CPU', 'memory'],
    tables.flatMap(({ title, of, rows }) =>
      rows.map(({ size, us, rssMb }, at) => [
        at === 0 ? title : '',
        size.toLocaleString('en'),
        `${whole(us)} µs ${of}`,
        `${whole(rssMb)} MB`,
      ]),
    ),
  );

const reachedTable = (results) =>
  table(
    ['goal', 'must', 'wanted', 'reached', ''],
    goals(results).map((goal) => [
      goal.what,
      `${goal.atMost ? 'at most ' : ''}${goal.must}`,
      goal.wanted ?? '',
      two(goal.reached),
      isReached(goal) ? 'yes' : 'no',
    ]),
  );

/** The machine and the versions that were measured. */
function setting() {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const machine = `${cpus()[0]?.model.trim()}, ${process.platform} ${process.arch}`;
  return `Gateway ${version}, Node.js ${process.versions.node}, ${machine}; ${cores}; ${new Date().toISOString().slice(0, 10)}.`;
}

export function report(results, { rounds, seconds }) {
  const { throughput, people, latency, workers, starts, growth } = results;
  const absent = throughput.absent.map(({ title, reason }) => `- Does not run here: ${title} (${reason})`);
  return [
    setting(),
    `Medians of ${rounds} rounds of ${seconds} s, in turns, after a warm-up; ratios are medians of the rounds’ own. 64 connections, nothing remembered, everything on.`,
    reachedTable(results),
    'One profile:',
    loads(throughput.figures),
    ...(absent.length > 0 ? [absent.join('\n')] : []),
    '20 people in one operation, 8 connections:',
    loads(people),
    'One profile, 30 ms upstream:',
    loads(latency),
    ...(workers ? ['Workers, with a Redis, on both cores together with load and upstream:', loads(workers)] : []),
    'Start and rest:',
    started(starts),
    'How cost grows, each with a gateway of its own:',
    grown(growth),
  ].join('\n\n');
}
