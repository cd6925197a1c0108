import { type Bucket, Buckets, MemoryBuckets, type Poured, poured } from '../buckets.js';
import { isStoreAway } from './away.js';
import type { RedisLink } from './redis-link.js';

/** @returns whether there was enough, and how much there was. On the time of Redis, which all replicas share. */
const TAKE = `
  local points, capacity, perMs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local held = redis.pcall('GET', KEYS[1])
  local level, at = string.match(type(held) == 'string' and held or '', '^([%d.]+) (%d+)$')
  level, at = tonumber(level) or capacity, tonumber(at) or now
  level = math.min(capacity, level + math.max(0, now - at) * perMs)
  local allowed = level >= points
  local left = allowed and level - points or level
  redis.call('SET', KEYS[1], string.format('%.6f %d', left, now), 'PX', ARGV[4])
  return { allowed and 1 or 0, tostring(level) }`;

const SPARE_MS = 1000;

/** Buckets over all replicas; while Redis is away each replica has its own. */
export class RedisBuckets extends Buckets {
  private readonly own = new MemoryBuckets();

  constructor(private readonly link: RedisLink) {
    super();
  }

  override async take(name: string, points: number, bucket: Bucket): Promise<Poured> {
    const { capacity, perS } = bucket;
    const fullMs = Math.ceil((capacity / perS) * 1000) + SPARE_MS;
    try {
      const answer = await this.link.script(TAKE, `bucket:${name}`, points, capacity, perS / 1000, fullMs);
      const [allowed, level] = answer as [number, string];
      return poured(bucket, points, Number(level), allowed === 1);
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      return this.own.take(name, points, bucket);
    }
  }
}
