import { setTimeout as pause } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from '@jest/globals';
import { deadlineIn, isTimeUp, leftMs } from './deadline.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('a deadline', () => {
  it('comes, however much garbage is collected before it', async () => {
    let ended = 0;
    for (let count = 0; count < 200; count += 1) {
      const outer = deadlineIn(100, new AbortController().signal);
      deadlineIn(90, outer.signal).signal.addEventListener('abort', () => (ended += 1));
    }
    await pause(20);
    collectGarbage();
    await pause(200);
    expect(ended).toBe(200);
  });

  it('says whether time was up or nobody waits any more', async () => {
    const late = deadlineIn(50);
    expect(leftMs(late)).toBeGreaterThan(0);
    await pause(80);
    const left = new AbortController();
    const gone = deadlineIn(5000, left.signal);
    left.abort();
    expect([late, gone].map(({ signal }) => [signal.aborted, isTimeUp(signal)])).toEqual([
      [true, true],
      [true, false],
    ]);
    expect(deadlineIn(5000, left.signal).signal.aborted).toBe(true);
  });

  it('tells an inner one why it ends', async () => {
    const inner = deadlineIn(5000, deadlineIn(5).signal);
    await pause(30);
    expect([inner.signal.aborted, isTimeUp(inner.signal)]).toEqual([true, true]);
  });
});
