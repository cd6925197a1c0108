import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Deadline } from './deadline.js';

describe('a deadline', () => {
  it('says whether time was up or nobody waits any more', async () => {
    const late = new Deadline(50);
    expect(late.leftMs).toBeGreaterThan(0);
    const left = new Deadline(Infinity);
    const gone = new Deadline(5000, left);
    left.end();
    await pause(80);
    expect([late, gone].map(({ isOver, isTimeUp }) => [isOver, isTimeUp])).toEqual([
      [true, true],
      [true, false],
    ]);
    expect(new Deadline(5000, left).isOver).toBe(true);
  });

  it('tells an inner one why it ends', async () => {
    const inner = new Deadline(5000, new Deadline(5));
    await pause(30);
    expect([inner.isOver, inner.isTimeUp]).toEqual([true, true]);
  });

  it('tells each who listens once, and at once who comes too late', () => {
    const deadline = new Deadline(5000);
    const told: string[] = [];
    deadline.onEnd(() => told.push('first'));
    deadline.onEnd(() => told.push('left'))();
    deadline.end();
    deadline.end();
    deadline.onEnd(() => told.push('late'));
    expect(told).toEqual(['first', 'late']);
  });

  it('ends a pause', async () => {
    const deadline = new Deadline(20);
    const startMs = performance.now();
    await Promise.all([deadline.pause(5000), new Deadline(5000).pause(5)]);
    await deadline.pause(5000);
    expect(performance.now() - startMs).toBeLessThan(3000);
  });

  it('that is closed does not end, unless somebody listens', async () => {
    const [quiet, heard] = [new Deadline(10), new Deadline(10)];
    const told: string[] = [];
    heard.onEnd(() => told.push('heard'));
    for (const deadline of [quiet, heard]) deadline.close();
    await pause(40);
    expect([quiet.isOver, heard.isOver, told]).toEqual([false, true, ['heard']]);
  });
});
