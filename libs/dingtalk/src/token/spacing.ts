import { type Failure } from '#contract';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** A wrong secret does not mend itself; neither does a token that stays refused. */
const WRONG_CREDENTIALS_MS = 60_000;

/** Spaces out attempts that fail: in between, everybody gets the last failure at once. */
export class Spacing {
  private failures = 0;
  private untilMs = 0;
  private last?: Failure;

  /** @throws Failure the last one, while the pause lasts. */
  check(): void {
    if (this.last && performance.now() < this.untilMs) throw this.last;
  }

  /** A pause that began meanwhile goes on: the success is of an attempt from before it. */
  succeeded(): void {
    this.failures = 0;
  }

  failed(failure: Failure): void {
    this.failures += 1;
    const backoffMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.failures, 10));
    const wrong = failure.code === 'DINGTALK_TOKEN_REFUSED';
    this.pause(failure, wrong ? WRONG_CREDENTIALS_MS : backoffMs * (0.5 + Math.random() / 2));
  }

  pause(failure: Failure, ms: number): void {
    this.last = failure;
    this.untilMs = performance.now() + ms;
  }
}
