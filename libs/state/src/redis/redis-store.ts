import { type Kept, KeyValueStore } from '../key-value-store.js';
import type { RedisLink } from './redis-link.js';
import type { Seal } from './seal.js';

/** Value and life in one; what is no text is none of ours. */
const GET = `
  if redis.call('TYPE', KEYS[1]).ok ~= 'string' then return false end
  return { redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]) }`;

/**
 * Whoever held the lock before writes no more once somebody after them has. The fence stands before the value; whoever
 * had to do without a lock has none, and writes.
 */
const PUT_IF_NEWEST = `
  local held = redis.pcall('GET', KEYS[1])
  local fence = type(held) == 'string' and string.match(held, '^(%d+):')
  local own = tonumber(ARGV[2])
  if own > 0 and fence and tonumber(fence) > own then return 0 end
  redis.call('SET', KEYS[1], ARGV[2] .. ':' .. ARGV[1], 'PX', ARGV[3])
  return 1`;

const FENCE = /^[0-9]+:/;

const lifeOf = (ms: number): number => Math.max(1, Math.floor(ms));

/** What all replicas keep, sealed. Whatever stands under our keys and is not ours is as if it were not there. */
export class RedisStore extends KeyValueStore {
  constructor(
    private readonly link: RedisLink,
    private readonly seal: Seal,
  ) {
    super();
  }

  override async get(key: string): Promise<Kept | undefined> {
    return (await this.read(key))?.kept;
  }

  override async put(key: string, value: string, lifeMs: number): Promise<void> {
    await this.link.run((client) => client.set(this.link.key(key), this.sealed(key, value), 'PX', lifeOf(lifeMs)));
  }

  override async putIfNewest(key: string, value: string, lifeMs: number, fence: number): Promise<void> {
    await this.link.script(PUT_IF_NEWEST, key, this.sealed(key, value), fence, lifeOf(lifeMs));
  }

  override async extend(key: string, lifeMs: number): Promise<void> {
    await this.link.run((client) => client.pexpire(this.link.key(key), lifeOf(lifeMs)));
  }

  override async drop(key: string, only?: string): Promise<void> {
    if (only === undefined) return void (await this.link.run((client) => client.del(this.link.key(key))));
    const found = await this.read(key);
    if (found?.kept.value === only) await this.link.dropIf(key, found.text);
  }

  /** Bound to its key: copied under another, also one of another app, it does not open. */
  private sealed(key: string, value: string): string {
    return this.seal.close(value, this.link.key(key));
  }

  private async read(key: string): Promise<{ kept: Kept; text: string } | undefined> {
    const answer = await this.link.script(GET, key);
    if (!Array.isArray(answer)) return undefined;
    const [text, leftMs] = [String(answer[0]), Number(answer[1])];
    const value = this.seal.open(text.replace(FENCE, ''), this.link.key(key));
    return value === undefined || leftMs <= 0 ? undefined : { kept: { value, leftMs }, text };
  }
}
