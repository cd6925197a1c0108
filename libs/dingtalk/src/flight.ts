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
    this.landed = runUntil(this.deadline, send).finally(() => this.deadline.close());
  }

  async output<Output>(deadline: Deadline): Promise<Output> {
    this.waiting += 1;
    try {
      return (await within(deadline, () => this.landed)) as Output;
    } finally {
      this.waiting -= 1;
      // The last one takes the call along, for the same reason: out of time, or gone.
      if (this.waiting === 0) this.deadline.end(deadline);
    }
  }
}
