import { LRUCache } from 'lru-cache';
import { type Kept, KeyValueStore } from './key-value-store.js';

const MAX_ENTRIES = 200_000;

/** The store of one process: bounded, on the monotonic clock. */
export class MemoryStore extends KeyValueStore {
  private readonly entries = new LRUCache<string, string>({
    // By size: `max` would take its memory for so many at once.
    ...{ maxSize: MAX_ENTRIES, sizeCalculation: () => 1 },
    ...{ ttl: 1, ttlResolution: 0 },
  });

  override get(key: string): Kept | undefined {
    const value = this.entries.get(key);
    return value === undefined ? undefined : { value, leftMs: this.entries.getRemainingTTL(key) };
  }

  override async put(key: string, value: string, lifeMs: number): Promise<void> {
    this.keep(key, value, lifeMs);
  }

  /** The locks of one process are never lost: whoever puts holds one. */
  override putIfNewest(key: string, value: string, lifeMs: number): Promise<void> {
    return this.put(key, value, lifeMs);
  }

  override extend(key: string, lifeMs: number): void {
    const value = this.entries.get(key);
    if (value !== undefined) this.keep(key, value, lifeMs);
  }

  override async drop(key: string, only?: string): Promise<void> {
    if (only === undefined || this.entries.get(key) === only) this.entries.delete(key);
  }

  private keep(key: string, value: string, lifeMs: number): void {
    this.entries.set(key, value, { ttl: Math.max(1, Math.floor(lifeMs)) });
  }
}
