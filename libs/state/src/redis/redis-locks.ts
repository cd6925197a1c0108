import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '#contract';
import { Locks, MemoryLocks } from '../locks.js';
import { isStoreAway } from './away.js';
import type { RedisLink } from './redis-link.js';

/** How long a lock outlives whoever held it; who lives says so three times as often. */
const LIFE_MS = 3000;
/** Longer than any lock outlives its holder. */
const WAIT_MS = 10_000;
const LOOK_MS = 20;

/** The fence is Redis' own time in microseconds: it rises also where Redis has begun anew. */
const TAKE = `
  local kind = redis.call('TYPE', KEYS[1]).ok
  local isOurs = kind == 'string' and redis.call('PTTL', KEYS[1]) >= 0
  if kind ~= 'none' and not isOurs then redis.call('DEL', KEYS[1]) end
  if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]`;

const PROLONG = `
  if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
  return 0`;

/**
 * Locks over all replicas, one of each process at a time. A holder that was killed is outlived by three seconds, one that
 * stood still for longer has lost it: what must not be done twice is held by its fence, or looked up once more.
 */
export class RedisLocks extends Locks {
  private readonly own = new MemoryLocks();

  constructor(private readonly link: RedisLink) {
    super();
  }

  override hold<Result>(
    name: string,
    work: (fence: number) => Promise<Result>,
    whenAway: 'refuse' | 'run' = 'refuse',
  ): Promise<Result> {
    return this.own.hold(name, () => this.holdEverywhere(`lock:${name}`, work, whenAway));
  }

  private async holdEverywhere<Result>(
    name: string,
    work: (fence: number) => Promise<Result>,
    whenAway: 'refuse' | 'run',
  ): Promise<Result> {
    const holder = randomUUID();
    const fence = await this.take(name, holder).catch((error: unknown) => {
      if (whenAway === 'run' && isStoreAway(error)) return 0;
      throw error;
    });
    if (fence === 0) return work(0);
    const prolong = () => void this.link.script(PROLONG, name, holder, LIFE_MS).catch(() => undefined);
    const timer = setInterval(prolong, LIFE_MS / 3).unref();
    try {
      return await work(fence);
    } finally {
      clearInterval(timer);
      // Where that fails the lock ends by itself.
      await this.link.dropIf(name, holder).catch(() => undefined);
    }
  }

  private async take(name: string, holder: string): Promise<number> {
    const endMs = performance.now() + WAIT_MS;
    while (performance.now() < endMs) {
      const fence = Number(await this.link.script(TAKE, name, holder, LIFE_MS));
      if (fence > 0) return fence;
      await pause(LOOK_MS * (1 + Math.random()));
    }
    throw new Failure('SESSION_STORE_UNAVAILABLE', undefined, { retryAfterS: 1, note: 'a lock is not given back' });
  }
}
