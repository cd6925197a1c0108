import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** So many points in a window of time; the window opens with the first of them. */
export interface Allowance {
  readonly points: number;
  readonly windowMs: number;
}

/** What became of taking points. */
export interface Taken {
  readonly allowed: boolean;
  readonly left: number;
  /** Until the window ends and all points are there again. */
  readonly resetMs: number;
}

/** Counts what is done under a name against an allowance. */
export abstract class Limiter {
  abstract take(name: string, points: number, allowance: Allowance): Promise<Taken>;
  /** Gives back points that were taken in case. */
  abstract giveBack(name: string, points: number, allowance: Allowance): Promise<void>;
}

/** The limiter of one process. */
export class MemoryLimiter extends Limiter {
  /** One for each allowance, and those are few constants. */
  private readonly limiters = new Map<string, RateLimiterMemory>();

  override async take(name: string, points: number, allowance: Allowance): Promise<Taken> {
    const limiter = this.limiterOf(allowance);
    try {
      return toTaken(await limiter.consume(name, points), true);
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return toTaken(refused, false);
      throw refused;
    }
  }

  override async giveBack(name: string, points: number, allowance: Allowance): Promise<void> {
    await this.limiterOf(allowance).reward(name, points);
  }

  private limiterOf({ points, windowMs }: Allowance): RateLimiterMemory {
    const key = `${points}/${windowMs}`;
    const limiter = this.limiters.get(key) ?? new RateLimiterMemory({ points, duration: windowMs / 1000 });
    this.limiters.set(key, limiter);
    return limiter;
  }
}

const toTaken = ({ remainingPoints, msBeforeNext }: RateLimiterRes, allowed: boolean): Taken => ({
  allowed,
  left: remainingPoints,
  resetMs: msBeforeNext,
});
