/** One at a time, by name. */
export abstract class Locks {
  /** Runs the work when no other work of that name runs. */
  abstract hold<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

/** Locks within one process. */
export class MemoryLocks extends Locks {
  private readonly tails = new Map<string, Promise<unknown>>();

  override async hold<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.tails.get(name) ?? Promise.resolve()).then(work);
    const tail = turn.catch(() => undefined);
    this.tails.set(name, tail);
    try {
      return await turn;
    } finally {
      if (this.tails.get(name) === tail) this.tails.delete(name);
    }
  }
}
