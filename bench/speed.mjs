// How fast the gateway is beside others: npm run bench [-- --rounds 5 --seconds 3 --write]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { installPeers } from './speed/contenders.mjs';
import { growthChart } from './speed/growth-chart.mjs';
import { growth } from './speed/growth.mjs';
import { chart } from './speed/chart.mjs';
import { report } from './speed/report.mjs';
import { latency, manyPeople, starts, throughput, workers } from './speed/scenarios.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    // Puts the tables and the chart into docs/.
    write: { type: 'boolean', default: false },
  },
});

const PAGE = 'docs/performance.md';
const CHART = 'docs/performance.svg';
const GROWTH_CHART = 'docs/performance-growth.svg';
const MADE = /(<!-- made by npm run bench -->)[^]*(<!-- end of what npm run bench made -->)/;
const JSON_FILE = '.cache/bench/speed.json';
const startMs = performance.now();

/** What is going on, for whoever waits. */
function tell(text) {
  const s = ((performance.now() - startMs) / 1000).toFixed(0);
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${s} s · ${text}` : `${s} s · ${text}\n`);
}

installPeers();
const options = { rounds: Number(values.rounds), seconds: Number(values.seconds), tell };
const results = {
  throughput: await throughput(options),
  people: await manyPeople(options),
  latency: await latency(options),
  workers: await workers(options),
  starts: await starts(options),
  growth: await growth(options),
};
tell(`done\n\n`);
mkdirSync('.cache/bench', { recursive: true });
writeFileSync(JSON_FILE, `${JSON.stringify({ options: values, ...results }, null, 2)}\n`);
const text = report(results, options);
process.stdout.write(`${text}\n\n(All figures: ${JSON_FILE})\n`);
if (values.write) {
  const before = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    before.replace(MADE, (_, start, end) => `${start}\n\n${text}\n\n${end}`),
  );
  writeFileSync(CHART, chart(results.throughput.figures));
  writeFileSync(GROWTH_CHART, growthChart(results.growth));
}
process.exit(0);
