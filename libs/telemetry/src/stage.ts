import { AsyncResource } from 'node:async_hooks';
import { load } from './load.js';

/** While there is time to spare so many go on in one turn: the answer of the first need not wait for the last of a crowd. */
const FEW = 8;

/** Keeps hold of the request that somebody belongs to: to run it anew would copy its context. */
class Entered extends AsyncResource {
  constructor(readonly goOn: () => void) {
    super('STAGE');
  }
}

/**
 * A step on the way of every request. Those who come to it within one turn of the event loop go on at its end, one after the
 * other, and all of them where there is no time to spare: the code of one step is small enough for the processor to keep it at
 * hand, that of the whole way is not, and the other side of a socket is woken once for many.
 */
export class Stage {
  private readonly entered: Entered[] = [];

  /** Goes on within the same request. */
  enter(goOn: () => void): void {
    this.add(new Entered(goOn));
  }

  private add(entered: Entered): void {
    if (this.entered.push(entered) === 1) setImmediate(this.leave);
  }

  private readonly leave = (): void => {
    const leaving = this.entered.splice(0, load.isBusy ? Infinity : FEW);
    if (this.entered.length > 0) setImmediate(this.leave);
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
