import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { type Caller, Failure, type Soon, soon } from '#contract';
import { Buckets } from '#state';

/** How a request stands against the limit that it was counted by; told in the headers of its answer. */
export interface Quota {
  readonly name: 'caller' | 'sign-in';
  readonly allowed: boolean;
  /** How much may be done at once, and how long it takes until that is so again. */
  readonly most: number;
  readonly windowMs: number;
  readonly left: number;
  readonly resetMs: number;
  /** When to try again, for what was not allowed. */
  readonly waitMs: number;
}

export const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** How often each caller may ask: an internal app by its id, a person by their session. */
@Injectable()
export class CallerLimits {
  constructor(
    private readonly settings: Settings,
    private readonly buckets: Buckets,
  ) {}

  /**
   * Counts operations of a caller, who asks for so many in all at once.
   * @returns undefined for a caller without a limit.
   */
  count(caller: Caller, operations: number, all: number): Soon<Quota | undefined> {
    const rate = (caller.kind === 'app' ? caller.rate : undefined) ?? this.settings.access.callerRate;
    if (rate === 'off') return undefined;
    const { perS, burst } = rate;
    if (all > burst) {
      throw Failure.badInput('query', `asks for ${all} operations at once; the caller may make ${burst}`);
    }
    const name = caller.kind === 'app' ? `app:${caller.id}` : `session:${caller.sessionKey}`;
    const windowMs = (burst / perS) * 1000;
    return soon(
      this.buckets.take(name, operations, { capacity: burst, perS }),
      ({ allowed, left, waitMs, fullMs }): Quota => {
        return { name: 'caller', allowed, most: burst, windowMs, left, waitMs, resetMs: fullMs };
      },
    );
  }
}

/** @throws Failure TOO_MANY_REQUESTS where the limit is reached. */
export function mustBeAllowed(quota: Quota | undefined): void {
  if (!quota || quota.allowed) return;
  const retryAfterS = secondsOf(quota.waitMs);
  const asks = quota.name === 'caller' ? 'The caller asks' : 'This address signs in';
  throw new Failure('TOO_MANY_REQUESTS', `${asks} more often than it may: try again in ${retryAfterS} s.`, {
    retryAfterS,
  });
}
