import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const LEDGER = join('.cache', 'ledger');
const LINES = {
  faults: ({ tried, held }) => `faults: injected ${tried}, survived ${held}`,
  'hostile inputs': ({ tried, held }) => `hostile inputs: ${tried} tried, ${held} refused rightly`,
};

/** @public For jest. Says at the end of a run how much was done to the gateway, and how much of it it held out against. */
export default class LedgerReporter {
  passed = new Set();

  onRunStart() {
    rmSync(LEDGER, { recursive: true, force: true });
  }

  onTestResult({ path }, { testResults }) {
    for (const { fullName, status } of testResults) if (status === 'passed') this.passed.add(`${path} ${fullName}`);
  }

  onRunComplete() {
    const files = existsSync(LEDGER) ? readdirSync(LEDGER) : [];
    const counts = files
      .map((file) => JSON.parse(readFileSync(join(LEDGER, file), 'utf8')))
      .flatMap(({ kind, testPath, tried }) =>
        Object.entries(tried).map(([name, count]) => ({ kind, count, held: this.passed.has(`${testPath} ${name}`) })),
      );
    for (const [kind, line] of Object.entries(LINES)) {
      const own = counts.filter((one) => one.kind === kind);
      const sum = (some) => some.reduce((all, { count }) => all + count, 0);
      const total = { tried: sum(own), held: sum(own.filter(({ held }) => held)) };
      if (total.tried > 0) process.stdout.write(`${line(total)}\n`);
    }
  }
}
