const TIME = 'time is up';
const GONE = 'nobody waits any more';

/**
 * When work has to be over: after so many milliseconds, or earlier where nobody waits for it any more. It stands in for an
 * AbortSignal wherever every request needs one: those cost as much as a call by the network.
 */
export class Deadline {
  /** On the clock of `performance.now()`. */
  readonly endsMs: number;
  private ended?: typeof TIME | typeof GONE;
  private readonly timer?: NodeJS.Timeout;
  private listeners: (() => void)[] = [];
  private readonly leave?: () => void;

  /** @param outer ends it too, and for its own reason. */
  constructor(ms: number, outer?: Deadline) {
    this.endsMs = performance.now() + ms;
    if (ms !== Infinity) this.timer = setTimeout(() => this.endFor(TIME), ms).unref();
    this.leave = outer?.onEnd(() => this.end(outer));
  }

  get leftMs(): number {
    return this.endsMs - performance.now();
  }

  get isOver(): boolean {
    return this.ended !== undefined;
  }

  /** Whether time was up; otherwise nobody waits any more. */
  get isTimeUp(): boolean {
    return this.ended === TIME;
  }

  /** Ends it for the reason of another, or since nobody waits any more. */
  end(other?: Deadline): void {
    this.endFor(other?.ended ?? GONE);
  }

  /** @returns what ends listening, and says whether that was in time. */
  onEnd(listener: () => void): () => boolean {
    if (this.isOver) listener();
    else this.listeners.push(listener);
    return () => this.leaveOut(listener);
  }

  /** Waits, but not beyond the end. */
  pause(ms: number): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return new Promise((done) => {
      const end = () => (clearTimeout(timer), leave(), done());
      const timer = setTimeout(end, ms);
      const leave = this.onEnd(end);
    });
  }

  /** The work is done: if nobody listens any more there is nothing to be ended. */
  close(): void {
    if (this.listeners.length > 0) return;
    clearTimeout(this.timer);
    this.leave?.();
  }

  private endFor(reason: typeof TIME | typeof GONE): void {
    if (this.isOver) return;
    this.ended = reason;
    const { listeners } = this;
    this.listeners = [];
    this.close();
    for (const listener of listeners) listener();
  }

  private leaveOut(listener: () => void): boolean {
    const at = this.listeners.indexOf(listener);
    if (at < 0) return false;
    this.listeners.splice(at, 1);
    return true;
  }
}
