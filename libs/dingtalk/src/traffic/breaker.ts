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
  readonly isTrouble: (error: Error) => boolean;
  readonly breaker: IBreaker;
  /** How long it stays open until one call may try. */
  readonly openMs: number;
  readonly changed: (isOpen: boolean) => void;
}

/** Lets no call through to what does not answer; after a while one, to see whether it does again. */
export class Breaker {
  private readonly policy: CircuitBreakerPolicy;
  private triesAgainMs = 0;

  constructor(private readonly options: BreakerOptions) {
    // cockatiel counts on the wall clock, which may be set back. How long it stays open is counted here.
    this.policy = circuitBreaker(handleWhen(options.isTrouble), {
      breaker: options.breaker,
      halfOpenAfter: -Infinity,
    });
    this.policy.onBreak(() => {
      this.triesAgainMs = performance.now() + options.openMs;
      options.changed(true);
    });
    this.policy.onReset(() => options.changed(false));
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
    try {
      const outcome = await this.policy.execute(() => this.outcomeOf(work));
      if ('refusal' in outcome) throw outcome.refusal;
      return outcome.output;
    } catch (error) {
      throw error instanceof BrokenCircuitError ? this.shut(this.options.openMs) : error;
    }
  }

  /** Whoever says no is well; cockatiel would count it neither way. */
  private async outcomeOf<Result>(work: () => Promise<Result>): Promise<{ output: Result } | { refusal: Error }> {
    try {
      return { output: await work() };
    } catch (error) {
      if (error instanceof Error && !this.options.isTrouble(error)) return { refusal: error };
      throw error;
    }
  }

  private shut(waitMs: number): Failure {
    const retryAfterS = Math.max(1, Math.ceil(waitMs / 1000));
    return new Failure('DINGTALK_UNAVAILABLE', undefined, { retryAfterS, heldBack: true, note: 'not let through' });
  }
}
