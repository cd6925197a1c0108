/** What becomes of work that is to hold a lock where nobody can be asked for it. */
type WhenAway = 'refuse' | 'run';

/** One at a time, by name. */
export abstract class Locks {
  /**
   * Runs the work when no other work of that name runs.
   * @param work gets its fence: whoever holds the lock later has a higher one, and 0 is for whoever runs without it.
   * @throws Failure SESSION_STORE_UNAVAILABLE where the lock cannot be had, unless the work is to run all the same.
   */
  abstract hold<Result>(name: string, work: (fence: number) => Promise<Result>, whenAway?: WhenAway): Promise<Result>;
}

/** Locks within one process. */
export class MemoryLocks extends Locks {
  private readonly tails = new Map<string, Promise<unknown>>();
  private fence = 0;

  override async hold<Result>(name: string, work: (fence: number) => Promise<Result>): Promise<Result> {
    const turn = (this.tails.get(name) ?? Promise.resolve()).then(() => work((this.fence += 1)));
    const tail = turn.catch(() => undefined);
    this.tails.set(name, tail);
    try {
      return await turn;
    } finally {
      if (this.tails.get(name) === tail) this.tails.delete(name);
    }
  }
}
