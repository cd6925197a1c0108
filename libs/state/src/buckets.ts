import { LRUCache } from 'lru-cache';
import type { Soon } from '#contract';

/** Holds so many points at most and fills by so many a second. */
export interface Bucket {
  readonly capacity: number;
  readonly perS: number;
}

/** What became of taking points out of a bucket. */
export interface Poured {
  readonly allowed: boolean;
  readonly left: number;
  /** Until there would be enough; 0 where there was. */
  readonly waitMs: number;
  /** Until the bucket is full again. */
  readonly fullMs: number;
}

/** Buckets by name. Unlike a window of time, a bucket has no edge at which twice as much gets through. */
export abstract class Buckets {
  abstract take(name: string, points: number, bucket: Bucket): Soon<Poured>;

  /** Puts back points that were taken in case. */
  async giveBack(name: string, points: number, bucket: Bucket): Promise<void> {
    await this.take(name, -points, bucket);
  }
}

/** What is to be told of a bucket that held so much before. */
export function poured({ capacity, perS }: Bucket, points: number, level: number, allowed: boolean): Poured {
  const left = Math.min(capacity, allowed ? level - points : level);
  const msFor = (missing: number): number => Math.max(0, (missing / perS) * 1000);
  return { allowed, left: Math.floor(left), waitMs: msFor(points - level), fullMs: msFor(capacity - left) };
}

interface Level {
  readonly points: number;
  readonly atMs: number;
}

const MAX_BUCKETS = 100_000;

/** The buckets of one process, the most used ones kept. */
export class MemoryBuckets extends Buckets {
  private readonly levels = new LRUCache<string, Level>({
    // By size: `max` would take its memory for so many at once.
    ...{ maxSize: MAX_BUCKETS, sizeCalculation: () => 1 },
  });

  override take(name: string, points: number, bucket: Bucket): Poured {
    const { capacity, perS } = bucket;
    const atMs = performance.now();
    const before = this.levels.get(name) ?? { points: capacity, atMs };
    const level = Math.min(capacity, before.points + ((atMs - before.atMs) / 1000) * perS);
    const allowed = level >= points;
    this.levels.set(name, { points: allowed ? level - points : level, atMs });
    return poured(bucket, points, level, allowed);
  }
}
