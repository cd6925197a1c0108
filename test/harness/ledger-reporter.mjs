import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const LEDGER = join('.cache', 'ledger');
const LINES = {
  faults: ({ tried, held }) => `faults: injected ${tried}, survived ${held}`,
  'hostile inputs': ({ tried, held }) => `hostile inputs: ${tried} tried, ${held} refused rightly`,
};

/** @public For jest. Says at the end of a run how much was done to the gateway, and how much of it it held out against. */
export default class LedgerReporter {
  onRunStart() {
    rmSync(LEDGER, { recursive: true, force: true });
  }

  onRunComplete() {
    const files = existsSync(LEDGER) ? readdirSync(LEDGER) : [];
    const counts = files.map((file) => JSON.parse(readFileSync(join(LEDGER, file), 'utf8')));
    for (const [kind, line] of Object.entries(LINES)) {
      const sum = (name) => counts.filter((one) => one.kind === kind).reduce((all, one) => all + one[name], 0);
      const total = { tried: sum('tried'), held: sum('held') };
      if (total.tried > 0) process.stdout.write(`${line(total)}\n`);
    }
  }
}
