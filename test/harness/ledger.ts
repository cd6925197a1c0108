import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, expect } from '@jest/globals';

const LEDGER = join('.cache', 'ledger');

/**
 * Counts what is done to the gateway, by test. What it held out against are those of the tests that passed, whichever of
 * their expectations failed: test/harness/ledger-reporter.mjs knows which did and adds them up.
 */
export class Ledger {
  private readonly tried: Record<string, number> = {};

  constructor(kind: 'faults' | 'hostile inputs') {
    const { testPath = '' } = expect.getState();
    afterAll(() => {
      mkdirSync(LEDGER, { recursive: true });
      const told = { kind, testPath, tried: this.tried };
      writeFileSync(join(LEDGER, `${basename(testPath)}.${kind}.json`), JSON.stringify(told));
    });
  }

  /** Counts what is thrown at the gateway. */
  holds<Result>(work: () => Promise<Result>, count = 1): Promise<Result> {
    const { currentTestName = '' } = expect.getState();
    this.tried[currentTestName] = (this.tried[currentTestName] ?? 0) + count;
    return work();
  }
}
