import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Failure } from '#contract';
import { Places } from '#state';
import { SharedWindow } from './shared-window.js';

/** The list of all replicas, which answers as it is told to. */
class List extends Places {
  override countedInMs = 0;
  override readonly replicas = 2;
  waitMs = 0;
  isAway = false;
  readonly taken: number[] = [];
  readonly left: number[] = [];

  override async take(_: string, __: string, most: number): Promise<number> {
    this.taken.push(most);
    if (this.isAway) throw new Failure('SESSION_STORE_UNAVAILABLE');
    return this.waitMs;
  }

  override async leave(_: string, __: string, inMs: number): Promise<void> {
    this.left.push(inMs);
  }
}

/** A lane that waits for one place after the other. */
function waiting(list: List, most = 20) {
  const got: unknown[] = [];
  let wants = 0;
  const look = () => {
    while (got.length < wants) {
      const place = window.take();
      if (!place) return;
      got.push(place);
    }
  };
  const window = new SharedWindow(most, 'POST /x', list, look);
  const want = (count: number) => {
    wants += count;
    look();
  };
  return { window, got, want, look };
}

describe('a window that replicas share', () => {
  it('gives a place after the other to whoever waits, and gives back what nobody wants any more', async () => {
    const list = new List();
    const { window, got, want } = waiting(list);
    want(3);
    await pause(20);
    expect([got.length, list.taken]).toEqual([3, [20, 20, 20]]);
    window.take();
    await pause(20);
    expect(list.left).toEqual([0]);
  });

  it('asks again soon, however long it was told to wait: the places of others may be free before', async () => {
    const list = new List();
    list.waitMs = 130_000;
    const { window, got, want, look } = waiting(list);
    want(1);
    await pause(10);
    expect(window.waitMs(0)).toBeLessThanOrEqual(100);
    list.waitMs = 0;
    await pause(120);
    look();
    await pause(10);
    expect(got).toHaveLength(1);
  });

  it('takes its share where the list is away, and tells the list what it takes while that settles', async () => {
    const list = new List();
    list.countedInMs = Infinity;
    list.isAway = true;
    const { got, want } = waiting(list);
    want(15);
    expect(got).toHaveLength(10);
    list.countedInMs = 2000;
    list.isAway = false;
    const settling = waiting(list);
    settling.want(15);
    expect(settling.got).toHaveLength(10);
    expect(list.taken.slice(-10)).toEqual(Array(10).fill(Number.MAX_SAFE_INTEGER));
    list.countedInMs = 50;
    const turning = waiting(list);
    turning.want(1);
    expect(turning.got).toHaveLength(0);
  });

  it('gives a place back that the list may have given although its answer was lost', async () => {
    const list = new List();
    list.isAway = true;
    const { got, want } = waiting(list, 1);
    want(1);
    await pause(10);
    expect([got.length, list.left]).toEqual([0, [0]]);
  });
});
