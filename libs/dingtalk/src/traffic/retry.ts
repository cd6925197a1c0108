import { Failure } from '#contract';
import type { Deadline } from '#telemetry';

/** How often a call is sent again. A write is only where it certainly was not done. */
const MOST = { read: 2, write: 1 } as const;
const FIRST_MS = 100;

/** A tenth of the calls, and a reserve to begin with: never more than a fifth of them from a hundred on. */
const SHARE = 0.1;
const RESERVE = 10;

/** How many calls of an API may be second tries: whoever retries without a bound makes a bad hour of DingTalk's worse. */
export class RetryBudget {
  private left = RESERVE;

  /** Counts a first try. */
  earn(): void {
    this.left = Math.min(RESERVE, this.left + SHARE);
  }

  take(): boolean {
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}

interface Retrying {
  readonly effect: 'read' | 'write';
  readonly budget: RetryBudget;
  readonly deadline: Deadline;
}

/** The failure says it itself: whether the same call may be sent again. */
const mayRepeat = ({ details: { repeat } }: Failure, effect: Retrying['effect']): boolean =>
  repeat === 'any' || (repeat === 'read' && effect === 'read');

/** Full jitter: those who failed together do not come back together. A throttled call waits in its lane. */
const pauseMs = (failure: Failure, tries: number): number =>
  failure.code === 'DINGTALK_THROTTLED' ? 0 : Math.random() * FIRST_MS * 2 ** tries;

/** Tries again what may be, within the deadline and the budget. */
export async function retried<Result>(
  { effect, budget, deadline }: Retrying,
  attempt: () => Promise<Result>,
): Promise<Result> {
  budget.earn();
  let refusal: Failure | undefined;
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // DingTalk's own words say more than that the next try is kept back.
      if (refusal && error.details.heldBack) throw refusal;
      if (tries >= MOST[effect] || !mayRepeat(error, effect)) throw error;
      const waitMs = pauseMs(error, tries);
      if (waitMs > deadline.leftMs || !budget.take()) throw error;
      await deadline.pause(waitMs);
      if (deadline.isOver) throw error;
      refusal = error;
    }
  }
}
