import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, expect } from '@jest/globals';

const LEDGER = join('.cache', 'ledger');

/** Counts what was done to the gateway and what it held out against; test/harness/ledger-reporter.mjs adds them up. */
export class Ledger {
  private tried = 0;
  private held = 0;

  constructor(kind: 'faults' | 'hostile inputs') {
    const { testPath = '' } = expect.getState();
    afterAll(() => {
      mkdirSync(LEDGER, { recursive: true });
      const { tried, held } = this;
      writeFileSync(join(LEDGER, `${basename(testPath)}.${kind}.json`), JSON.stringify({ kind, tried, held }));
    });
  }

  /** Counts what is thrown at the gateway, and whether all that is expected of it came true. */
  async holds<Result>(work: () => Promise<Result>, count = 1): Promise<Result> {
    this.tried += count;
    const result = await work();
    this.held += count;
    return result;
  }
}
