import { Failure } from '#contract';

/** Counts how calls end while it lets them through, and says when that is enough. */
export interface Judge {
  succeeded(): void;
  /** @returns whether no more are to be let through. */
  failed(): boolean;
}

interface BreakerOptions {
  readonly isTrouble: (error: unknown) => boolean;
  readonly judge: Judge;
  /** How long it stays open until one call may try. */
  readonly openMs: number;
  readonly changed: (isOpen: boolean) => void;
}

/** A call that was let through. It is told how that ended. */
export interface Passed {
  /** Whether it is the one that finds out whether others may follow. */
  readonly isProbe: boolean;
}

const USUAL: Passed = { isProbe: false };
const PROBE: Passed = { isProbe: true };

const isRefusal = (error: unknown): boolean => error instanceof Failure && error.details.dingtalkCode !== undefined;

/** Lets no call through to what does not answer; after a while one, to see whether it does again. */
export class Breaker {
  private state: 'closed' | 'open' | 'probed' = 'closed';
  private triesAgainMs = 0;

  constructor(private readonly options: BreakerOptions) {}

  /** Whether it is open, or about to find out whether it may close. */
  get isOpen(): boolean {
    return this.state !== 'closed';
  }

  /** @throws Failure DINGTALK_UNAVAILABLE with Retry-After, where no call is let through now. */
  mustLetThrough(): void {
    if (this.state === 'closed') return;
    const waitMs = this.triesAgainMs - performance.now();
    if (this.state === 'open' && waitMs <= 0) return;
    const retryAfterS = Math.max(1, Math.ceil(waitMs / 1000));
    throw new Failure('DINGTALK_UNAVAILABLE', undefined, { retryAfterS, heldBack: true, note: 'not let through' });
  }

  /**
   * A call begins.
   * @throws as `mustLetThrough` does
   */
  pass(): Passed {
    if (this.state === 'closed') return USUAL;
    this.mustLetThrough();
    this.state = 'probed';
    return PROBE;
  }

  succeeded({ isProbe }: Passed): void {
    if (this.state === 'closed') this.options.judge.succeeded();
    if (!isProbe) return;
    this.state = 'closed';
    this.options.changed(false);
  }

  /** Whoever says no is well. What never got an answer, as when nobody waited for it, shows neither. */
  failed(passed: Passed, error: unknown): void {
    const { isTrouble, judge } = this.options;
    if (isRefusal(error) && !isTrouble(error)) this.succeeded(passed);
    else if (passed.isProbe) this.open();
    // What was under way when it opened says nothing new.
    else if (this.state === 'closed' && isTrouble(error) && judge.failed()) this.open();
  }

  private open(): void {
    this.state = 'open';
    this.triesAgainMs = performance.now() + this.options.openMs;
    this.options.changed(true);
  }
}
