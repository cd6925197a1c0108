import { AsyncResource } from 'node:async_hooks';

/** Keeps hold of the request that somebody belongs to: to run it anew would copy its context. */
class Entered extends AsyncResource {
  constructor(readonly goOn: () => void) {
    super('STAGE');
  }
}

/**
 * A step on the way of every request. All who come to it within one turn of the event loop go on at its end, one after the
 * other: the code of one step is small enough for the processor to keep it at hand, that of the whole way is not, and the
 * other side of a socket is woken once for many. Nobody waits for longer than it takes to look at what has arrived.
 */
export class Stage {
  private entered: Entered[] = [];

  /** Goes on within the same request. */
  enter(goOn: () => void): void {
    this.add(new Entered(goOn));
  }

  private add(entered: Entered): void {
    if (this.entered.push(entered) === 1) setImmediate(this.leave);
  }

  private readonly leave = (): void => {
    const leaving = this.entered;
    this.entered = [];
    let at = 0;
    try {
      for (; at < leaving.length; at += 1) {
        const entered = leaving[at] as Entered;
        entered.runInAsyncScope(entered.goOn);
      }
    } finally {
      // Whoever fails holds up nobody else.
      for (const other of leaving.slice(at + 1)) this.add(other);
    }
  };
}
