// What is measured has one core, what measures it another, where the machine has two and `taskset`.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const canPin = (() => {
  try {
    execFileSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

export const MEASURED = '0';
export const MEASURING = '1';

/** A command on these cores. */
export const on = (cores, [command, ...options]) =>
  canPin ? ['taskset', '-c', cores, command, ...options] : [command, ...options];

export const cores = canPin
  ? `what is measured on one core, load and upstream on another (of ${availableParallelism()})`
  : `cores not told apart (no taskset; ${availableParallelism()} of them)`;
