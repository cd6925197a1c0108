import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryLocks } from './locks.js';
import type { KeyValueStore } from './key-value-store.js';
import { MemoryStore } from './memory-store.js';

/** Lets this much time go by for whoever asks the monotonic clock. */
function later(ms: number): void {
  const now = performance.now() + ms;
  jest.spyOn(performance, 'now').mockReturnValue(now);
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the store', () => {
  it('keeps a value and tells the life that is left', async () => {
    const store: KeyValueStore = new MemoryStore();
    await store.put('key', 'value', 10_000);
    const kept = await store.get('key');
    expect(kept?.value).toBe('value');
    expect(kept?.leftMs).toBeGreaterThan(9000);
    expect(kept?.leftMs).toBeLessThanOrEqual(10_000);
  });

  it('forgets a value at its end', async () => {
    const store: KeyValueStore = new MemoryStore();
    await store.put('key', 'value', 10_000);
    later(9000);
    expect((await store.get('key'))?.value).toBe('value');
    later(1001);
    expect(await store.get('key')).toBeUndefined();
  });

  it('lengthens the life of a value that is there, and brings none back', async () => {
    const store: KeyValueStore = new MemoryStore();
    await store.put('key', 'value', 10_000);
    await store.extend('key', 20_000);
    await store.extend('gone', 20_000);
    later(15_000);
    expect((await store.get('key'))?.value).toBe('value');
    expect(await store.get('gone')).toBeUndefined();
  });

  it('drops a value just where it is still that one', async () => {
    const store: KeyValueStore = new MemoryStore();
    await store.put('key', 'new', 1000);
    await store.drop('key', 'old');
    expect((await store.get('key'))?.value).toBe('new');
    await store.drop('key', 'new');
    expect(await store.get('key')).toBeUndefined();
  });
});

describe('a lock', () => {
  it('lets one at a time in, in the order in which they came', async () => {
    const locks = new MemoryLocks();
    const told: string[] = [];
    const work = (name: string) => async () => {
      told.push(`${name} in`);
      await pause(5);
      told.push(`${name} out`);
    };
    await Promise.all(['a', 'b', 'c'].map((name) => locks.hold('same', work(name))));
    expect(told).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('does not hold up work of another name', async () => {
    const locks = new MemoryLocks();
    const slow = locks.hold('slow', () => pause(50, 'slow'));
    expect(await Promise.race([slow, locks.hold('other', async () => 'other')])).toBe('other');
  });

  it('goes to the next when work fails, and the failure to whoever asked for it', async () => {
    const locks = new MemoryLocks();
    const failed = locks.hold('same', () => Promise.reject(new Error('no')));
    const next = locks.hold('same', async () => 'next');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('next');
  });
});
