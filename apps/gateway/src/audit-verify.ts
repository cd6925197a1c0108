import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { verifyTrail } from '#audit';
import { environmentFrom, readSettings } from '#config';
import { verifyReport } from './audit/verify-report.js';

const USAGE = `Usage: npm run audit:verify [-- --env-file .env] [--checkpoint <number>:<hash>]... [--json]

Reads the whole trail (DATABASE_URL, or DATA_DIR) and tells whether a record was changed, removed, put in or cut off since it
was written. Gateways may go on writing meanwhile. With AUDIT_KEY it is looked at signatures too; --checkpoint holds a record
against what the log, a SIEM or an earlier run has told of it ("checkpoint of the trail", "last record").
It ends with 0 where all is as it was written, with 1 where it is not.
`;

function checkpointOf(told: string): { sequence: number; hash: string } {
  const [, sequence, hash] = /^([1-9][0-9]{0,15}):([0-9a-f]{64})$/.exec(told) ?? [];
  if (!hash) throw new Error(`--checkpoint must be <number>:<hash of 64 digits>`);
  return { sequence: Number(sequence), hash };
}

function tellProgress(done: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of} records …${done >= of ? '\r\u001b[K' : ''}`);
}

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ...{ json: { type: 'boolean' }, help: { type: 'boolean' }, 'env-file': { type: 'string' } },
      checkpoint: { type: 'string', multiple: true },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const known = (values.checkpoint ?? []).map(checkpointOf);
  const { audit } = readSettings(environmentFrom(values['env-file']));
  const verdict = await verifyTrail(audit, { known, progress: tellProgress });
  process.stdout.write(values.json ? `${JSON.stringify(verdict, null, 2)}\n` : verifyReport(verdict));
  return verdict.findings.length === 0 ? 0 : 1;
}

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  },
);
