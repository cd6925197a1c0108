import { Deadline, runUntil } from '#telemetry';
import { within } from './deadline.js';

/** A read that is under way, for all who ask for the same. It ends where nobody waits for it any more. */
export class Flight {
  readonly askedMs = performance.now();
  /** For whoever is to know what became of it without waiting for it. */
  readonly landed: Promise<unknown>;
  private readonly deadline: Deadline;
  private waiting = 0;

  constructor(timeoutMs: number, send: () => Promise<unknown>) {
    this.deadline = new Deadline(timeoutMs);
    this.landed = runUntil(this.deadline, send);
  }

  output<Output>(deadline: Deadline): Promise<Output> {
    this.waiting += 1;
    const over = () => {
      this.waiting -= 1;
      // The last one takes the call along, for the same reason: out of time, or gone.
      if (this.waiting === 0) this.deadline.end(deadline);
    };
    return within(deadline, () => this.landed, over) as Promise<Output>;
  }

  /** It has landed: there is nothing more to be ended. */
  close(): void {
    this.deadline.close();
  }
}
