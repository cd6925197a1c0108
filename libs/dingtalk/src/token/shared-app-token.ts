import { Injectable } from '@nestjs/common';
import { type Kept, KeyValueStore, Locks } from '#state';

const KEY = 'app-token';

/** A token with the life that it had, on the whole, and has left. */
export interface KeptToken {
  readonly token: string;
  readonly lifeMs: number;
  readonly leftMs: number;
}

/** The app's token as all replicas have it. Where the store is away, it is as if there were none: no caller waits for that. */
@Injectable()
export class SharedAppToken {
  constructor(
    private readonly store: KeyValueStore,
    private readonly locks: Locks,
  ) {}

  async get(): Promise<KeptToken | undefined> {
    const kept = await this.read();
    return kept && { ...(JSON.parse(kept.value) as Omit<KeptToken, 'leftMs'>), leftMs: kept.leftMs };
  }

  private async read(): Promise<Kept | undefined> {
    try {
      return await this.store.get(KEY);
    } catch {
      return undefined;
    }
  }

  /** Of two who fetched one, that of whoever held the lock later stays. */
  async put(token: string, lifeMs: number, fence: number): Promise<void> {
    await this.store.putIfNewest(KEY, JSON.stringify({ token, lifeMs }), lifeMs, fence).catch(() => undefined);
  }

  /** Compare-and-delete: a token that somebody else has renewed meanwhile stays. */
  async dropIf(token: string): Promise<void> {
    const kept = await this.get();
    if (kept?.token !== token) return;
    const { lifeMs } = kept;
    await this.store.drop(KEY, JSON.stringify({ token, lifeMs })).catch(() => undefined);
  }

  /** One replica at a time; a second fetch costs little, and waiting for a lock that nobody can give would cost the request. */
  alone<Result>(work: (fence: number) => Promise<Result>): Promise<Result> {
    return this.locks.hold(KEY, work, 'run');
  }
}
