import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { type Caller, Failure } from '#contract';
import { type Allowance, Limiter, type Taken } from '#state';

/** How a request stands against the limit that it was counted by; told in the headers of its answer. */
export interface Quota extends Allowance, Taken {
  readonly name: 'caller' | 'sign-in';
}

export const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** How often each caller may ask: an internal app by its id, a person by their session. */
@Injectable()
export class CallerLimits {
  constructor(
    private readonly settings: Settings,
    private readonly limiter: Limiter,
  ) {}

  /**
   * Counts operations of a caller, who asks for so many in all at once.
   * @returns undefined for a caller without a limit.
   */
  async count(caller: Caller, operations: number, all: number): Promise<Quota | undefined> {
    const rate = (caller.kind === 'app' ? caller.rate : undefined) ?? this.settings.access.callerRate;
    if (rate === 'off') return undefined;
    if (all > rate.burst) {
      throw Failure.badInput('query', `asks for ${all} operations at once; the caller may make ${rate.burst}`);
    }
    const allowance = { points: rate.burst, windowMs: Math.ceil((rate.burst / rate.perS) * 1000) };
    const name = caller.kind === 'app' ? `app:${caller.id}` : `session:${caller.sessionKey}`;
    return { name: 'caller', ...allowance, ...(await this.limiter.take(name, operations, allowance)) };
  }
}

/** @throws Failure TOO_MANY_REQUESTS where the allowance is used up. */
export function mustBeAllowed(quota: Quota | undefined): void {
  if (!quota || quota.allowed) return;
  const retryAfterS = secondsOf(quota.resetMs);
  const asks = quota.name === 'caller' ? 'The caller asks' : 'This address signs in';
  throw new Failure('TOO_MANY_REQUESTS', `${asks} more often than it may: try again in ${retryAfterS} s.`, {
    retryAfterS,
  });
}
