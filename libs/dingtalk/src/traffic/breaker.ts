import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  type IBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import { Failure } from '#contract';

interface BreakerOptions {
  /** Opens it, after as many as the breaker wants. */
  readonly isTrouble: (error: unknown) => boolean;
  readonly breaker: IBreaker;
  /** How long it stays open until one call may try. */
  readonly openMs: number;
  readonly changed: (isOpen: boolean) => void;
}

type Outcome<Result> = { readonly output: Result } | { readonly refusal: unknown };

/** The one call that was let through has shown nothing: it stays as it is. */
class Undecided extends Error {
  override readonly name = 'Undecided';

  constructor(readonly of: unknown) {
    super();
  }
}

const isRefusal = (error: unknown): boolean => error instanceof Failure && error.details.dingtalkCode !== undefined;

/** Lets no call through to what does not answer; after a while one, to see whether it does again. */
export class Breaker {
  private readonly policy: CircuitBreakerPolicy;
  private triesAgainMs = 0;

  constructor(private readonly options: BreakerOptions) {
    const isHandled = (error: unknown) => error instanceof Undecided || options.isTrouble(error);
    // cockatiel counts on the wall clock, which may be set back. How long it stays open is counted here.
    this.policy = circuitBreaker(handleWhen(isHandled), { breaker: options.breaker, halfOpenAfter: -Infinity });
    this.policy.onBreak(() => {
      this.triesAgainMs = performance.now() + options.openMs;
      options.changed(true);
    });
    this.policy.onReset(() => options.changed(false));
  }

  /** Whether it is open, or about to find out whether it may close. */
  get isOpen(): boolean {
    return this.policy.state !== CircuitState.Closed;
  }

  /** @throws Failure DINGTALK_UNAVAILABLE with Retry-After, where no call is let through now. */
  mustLetThrough(): void {
    const waitMs = this.triesAgainMs - performance.now();
    const isShut =
      this.policy.state === CircuitState.HalfOpen || (this.policy.state === CircuitState.Open && waitMs > 0);
    if (isShut) throw this.shut(waitMs);
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.mustLetThrough();
    const isProbe = this.policy.state === CircuitState.Open;
    try {
      const outcome = await this.policy.execute(() => this.outcomeOf(work, isProbe));
      if ('refusal' in outcome) throw outcome.refusal;
      return outcome.output;
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw this.shut(this.options.openMs);
      throw error instanceof Undecided ? error.of : error;
    }
  }

  /** Whoever says no is well. What never got an answer, as when nobody waited for it, shows neither. */
  private async outcomeOf<Result>(work: () => Promise<Result>, isProbe: boolean): Promise<Outcome<Result>> {
    try {
      return { output: await work() };
    } catch (error) {
      if (this.options.isTrouble(error)) throw error;
      if (isRefusal(error)) return { refusal: error };
      throw isProbe ? new Undecided(error) : error;
    }
  }

  private shut(waitMs: number): Failure {
    const retryAfterS = Math.max(1, Math.ceil(waitMs / 1000));
    return new Failure('DINGTALK_UNAVAILABLE', undefined, { retryAfterS, heldBack: true, note: 'not let through' });
  }
}
