import type { Soon } from '#contract';

/** A value as it is kept, with the life that is left to it. Lives are told, never clock times: clocks of replicas differ. */
export interface Kept {
  readonly value: string;
  readonly leftMs: number;
}

/**
 * What replicas share: small values that end by themselves. Where they cannot be reached every method throws the Failure
 * SESSION_STORE_UNAVAILABLE, and what it was asked to do may or may not be done.
 */
export abstract class KeyValueStore {
  abstract get(key: string): Soon<Kept | undefined>;
  abstract put(key: string, value: string, lifeMs: number): Promise<void>;
  /** Puts it unless somebody who held the lock later, by their fence, has put one. */
  abstract putIfNewest(key: string, value: string, lifeMs: number, fence: number): Promise<void>;
  /** Gives a key that is still there a new life; one that is gone stays gone. */
  abstract extend(key: string, lifeMs: number): Soon<void>;
  /** Drops the key; with `only`, drops it just where it still holds that very value (compare-and-delete). */
  abstract drop(key: string, only?: string): Promise<void>;
}
