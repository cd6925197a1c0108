import { readFileSync } from 'node:fs';

/** What jest tells of a run. A suite that did not run, a test that was skipped and a run of nothing are failures, not silence. */
export function countTests(file, ok) {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests } = JSON.parse(
      readFileSync(file),
    );
    const failed = numFailedTests + numRuntimeErrorTestSuites + numPendingTests;
    return { passed: numPassedTests, failed: failed === 0 && (!ok || numPassedTests === 0) ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
