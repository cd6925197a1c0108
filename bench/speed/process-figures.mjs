// What a program and its children cost, read from /proc; elsewhere nothing is known.
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

const TICKS_PER_S = (() => {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  } catch {
    return 100;
  }
})();

const read = (pid, name) => readFileSync(`/proc/${pid}/${name}`, 'utf8');

function family(pid) {
  const children = read(pid, `task/${pid}/children`).trim().split(' ').filter(Boolean);
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

function over(pid, figure) {
  try {
    return family(pid).reduce((sum, one) => sum + figure(one), 0);
  } catch {
    return NaN;
  }
}

/** Seconds of CPU since its start. */
export const cpuS = (pid) =>
  over(pid, (one) => {
    const [, rest] = read(one, 'stat').split(/\) (?=\w )/);
    const fields = rest.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
  });

/** Memory in MB that is in use. */
export const rssMb = (pid) => over(pid, (one) => Number(/VmRSS:\s+(\d+)/.exec(read(one, 'status'))?.[1] ?? 0) / 1024);
