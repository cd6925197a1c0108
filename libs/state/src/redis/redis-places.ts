import { Places } from '../places.js';
import type { RedisLink } from './redis-link.js';

/** After Redis was away: by then all replicas have noticed that it is back, and have told what they took. */
const SETTLES_MS = 3000;
const SPARE_MS = 1000;

/** The first to come back says when all count together again, so that they do it at the same time. */
const SETTLE = `
  redis.call('SET', KEYS[1], 'settles', 'PX', ARGV[1], redis.call('PTTL', KEYS[1]) == -1 and 'XX' or 'NX')
  return redis.call('PTTL', KEYS[1])`;

/** Each place with the time when it is free, on the time of Redis. */
const TAKE = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  local kind = redis.call('TYPE', KEYS[1]).ok
  if kind ~= 'zset' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  -- What would be held for longer than anybody may is of a clock that was set back.
  redis.call('ZREMRANGEBYSCORE', KEYS[1], now + ARGV[3] + 1, '+inf')
  local count, most = redis.call('ZCARD', KEYS[1]), tonumber(ARGV[2])
  if count < most then
    redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
    return 0
  end
  local next = redis.call('ZRANGE', KEYS[1], count - most, count - most, 'WITHSCORES')
  return math.max(1, math.ceil(next[2] - now))`;

const LEAVE = `
  local held = redis.pcall('ZSCORE', KEYS[1], ARGV[1])
  if type(held) ~= 'string' then return 0 end
  local time = redis.call('TIME')
  local at = time[1] * 1000 + time[2] / 1000 + ARGV[2]
  if at < tonumber(held) then redis.call('ZADD', KEYS[1], at, ARGV[1]) end
  return 1`;

export class RedisPlaces extends Places {
  private countedFromMs = -Infinity;

  constructor(private readonly link: RedisLink) {
    super();
    link.whenBack(() => void this.settle().catch(() => undefined));
  }

  override get countedInMs(): number {
    return this.link.isThere ? Math.max(0, this.countedFromMs - performance.now()) : Infinity;
  }

  override get replicas(): number {
    return this.link.replicas;
  }

  override async take(name: string, id: string, most: number, forMs: number): Promise<number> {
    const life = Math.ceil(forMs) + SPARE_MS;
    return Number(await this.link.script(TAKE, `places:${name}`, id, most, Math.ceil(forMs), life));
  }

  override async leave(name: string, id: string, inMs: number): Promise<void> {
    await this.link.script(LEAVE, `places:${name}`, id, Math.ceil(inMs));
  }

  private async settle(): Promise<void> {
    this.countedFromMs = Infinity;
    const inMs = Number(await this.link.script(SETTLE, 'settles', SETTLES_MS));
    this.countedFromMs = performance.now() + Math.max(0, inMs);
  }
}
