import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { environmentFrom } from '#config';
import { examine } from './doctor/examine.js';
import type { Finding } from './doctor/finding.js';
import { rowOf, summaryOf } from './doctor/report.js';

const USAGE = `Usage: npm run doctor [-- --env-file .env] [--json]

Looks at what the gateway needs: its settings, DingTalk's hosts, the credentials and permissions of the app, the clock,
Redis, the database of the trail. It changes nothing, and makes no call that counts against the month's quota at DingTalk.
It ends with 0 where nothing is wrong, with 1 where something is to be mended.
`;

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, help: { type: 'boolean' }, 'env-file': { type: 'string' } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { isTTY } = process.stdout;
  const environment = environmentFrom(values['env-file']);
  const isColored = isTTY && environment['NO_COLOR'] === undefined;
  const findings: Finding[] = [];
  for await (const finding of examine(environment)) {
    findings.push(finding);
    // Each at once: some of them take their time.
    if (!values.json) process.stdout.write(`${rowOf(finding, isColored)}\n`);
  }
  const ok = findings.every(({ verdict }) => verdict !== 'wrong');
  process.stdout.write(values.json ? `${JSON.stringify({ ok, findings }, null, 2)}\n` : `\n${summaryOf(findings)}\n`);
  return ok ? 0 : 1;
}

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  },
);
