// How cost grows with what there is.
import { rounds } from './measuring.mjs';
import { cpuS, rssMb } from './process-figures.mjs';
import { callers, documents, members } from './requests.mjs';
import { keyOf, startGateway, startUpstream } from './running.mjs';

const ALL_KEYS = 10_000;

const stopAll = (...programs) => Promise.all(programs.map(({ stop }) => stop()));

/** One gateway asked in several ways, the longest lists last: each by itself, that its memory may be told. */
async function each(sizes, { settings, ask, units = () => 1 }, options) {
  const upstream = await startUpstream();
  const rows = [];
  for (const size of sizes) {
    const program = await startGateway(upstream, settings);
    const [figures] = await rounds([{ name: String(size), title: String(size), program, ...ask(size, program) }], {
      ...options,
      rounds: 1,
    });
    rows.push({ size, us: figures.cpuUs / units(size), rssMb: figures.rssMb });
    await program.stop();
  }
  await stopAll(upstream);
  return rows;
}

const peopleInOne = (options) =>
  each(
    [1, 20, 100],
    {
      settings: { UPSTREAM_CALLS_MAX: '1000' },
      ask: (size) => ({ request: members(size, keyOf(0)), mustHold: 'Li Si', connections: 4 }),
      units: (size) => size,
    },
    options,
  );

const distinctDocuments = (options) =>
  each(
    [10, 1000, 20_000],
    { settings: {}, ask: (size, { headers }) => ({ request: documents(headers), marks: size }) },
    options,
  );

const keys = (options) =>
  each(
    [1, 100, ALL_KEYS],
    {
      settings: { callers: ALL_KEYS },
      ask: (size) => ({ request: callers(), marks: size, mustHold: 'Li Si' }),
    },
    options,
  );

/** The whole tree, exported once it is warm. */
async function departments({ tell }) {
  const rows = [];
  for (const size of [10, 100, 1000, 10_000]) {
    tell(`an export of ${size} departments`);
    const upstream = await startUpstream({ departments: size });
    const program = await startGateway(upstream, { DINGTALK_TIMEOUT_MS: '60000' });
    const take = async () => {
      const beforeS = cpuS(program.pid);
      const url = `${program.url}/v1/departments/1/export?format=csv`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${keyOf(0)}` } });
      const lines = (await answer.text()).trim().split('\n').length;
      if (lines < size) throw new Error(`The export of ${size} departments has ${lines} lines (${answer.status})`);
      return cpuS(program.pid) - beforeS;
    };
    // The small ones often enough to be warm, and to be measured by a clock of 10 ms.
    const times = Math.max(1, Math.round(2000 / size));
    for (let count = 0; count < times; count += 1) await take();
    let spentS = 0;
    for (let count = 0; count < times; count += 1) spentS += await take();
    rows.push({ size, us: (spentS / times / size) * 1e6, rssMb: rssMb(program.pid) });
    await stopAll(upstream, program);
  }
  return rows;
}

/** @returns tables: what grows, and what one of it costs. */
export async function growth(options) {
  return [
    { title: 'people in one operation', of: 'a person', rows: await peopleInOne(options) },
    { title: 'distinct documents', of: 'a request', rows: await distinctDocuments(options) },
    { title: 'callers, each with a key', of: 'a request', rows: await keys(options) },
    { title: 'departments in an exported tree', of: 'a department', rows: await departments(options) },
  ];
}
