import { Injectable } from '@nestjs/common';
import { ConsecutiveBreaker } from 'cockatiel';
import { Settings } from '#config';
import { Failure } from '#contract';
import { Places } from '#state';
import { type Deadline, Logger, type Turn, currentRequest } from '#telemetry';
import type { Endpoint } from '../endpoint.js';
import { Transport } from '../transport.js';
import { Breaker } from './breaker.js';
import { Lane } from './lane.js';
import { type Place, QuotaWindow, type Window } from './quota-window.js';
import { RecentCalls } from './recent-calls.js';
import { RetryBudget, retried } from './retry.js';
import { SharedWindow } from './shared-window.js';

/** DingTalk bans an address for five minutes. */
const BAN_MS = 300_000;
/** The month's calls may be bought anew at any time; until then it is not asked more often than this. */
const SPENT_MS = 60_000;

/** While an API is in trouble it is asked once a second, until a call succeeds. */
const PROBE_MS = 1000;

/** What one API has of its own: another one's trouble is none of its. */
interface Api {
  readonly lane: Lane;
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  /** The month's calls are used up: until then it is not asked, and then by one call. */
  spentUntilMs: number;
}

interface Sending {
  readonly token?: string;
  readonly deadline: Deadline;
}

/** Work that nobody asked for: the renewal of a token. */
const OWN: Turn = { name: 'gateway', rank: 'person' };

const TROUBLES = new Set(['DINGTALK_UNAVAILABLE', 'DINGTALK_TIMEOUT', 'DINGTALK_UNREADABLE']);

/** 90001 bans the server from everything, for longer. */
const BANS = new Set(['banned', '90001']);

const isBan = (error: unknown): boolean => error instanceof Failure && BANS.has(error.details.dingtalkCode ?? '');

/** With less time than that a call which ended late says nothing about DingTalk. */
const FAIR_MS = 1000;

/**
 * Decides when a call goes: not faster than DingTalk allows, not to what does not answer, in the turn of whoever asks; and
 * whether it goes again.
 */
@Injectable()
export class Traffic {
  private readonly apis = new Map<string, Api>();
  private readonly ban: Breaker;

  constructor(
    private readonly settings: Settings,
    private readonly transport: Transport,
    private readonly places: Places,
    private readonly logger: Logger,
  ) {
    this.ban = new Breaker({
      isTrouble: isBan,
      breaker: new ConsecutiveBreaker(1),
      openMs: BAN_MS,
      changed: (isOpen) =>
        isOpen
          ? logger.event('error', 'DingTalk has banned the address of the gateway', { pauseS: BAN_MS / 1000 })
          : logger.event('info', 'DingTalk’s ban is over'),
    });
  }

  /** @throws Failure as the transport does, and what keeps a call back: DINGTALK_THROTTLED, _UNAVAILABLE, _QUOTA_SPENT, OVERLOADED. */
  send<Input, Output>(endpoint: Endpoint<Input, Output>, input: Input, sending: Sending): Promise<Output> {
    const api = this.apiOf(endpoint);
    const { token, deadline } = sending;
    const attempt = () =>
      this.attempt(api, endpoint, deadline, (place) =>
        this.transport.send(endpoint, input, { token, signal: deadline.signal, wire: place }),
      );
    // Whoever fetches tokens spaces out the tries, and a code is good once.
    if (endpoint.bearer === 'none') return attempt();
    return retried({ effect: endpoint.effect, budget: api.budget, deadline }, attempt);
  }

  private async attempt<Output>(
    api: Api,
    { name }: Endpoint<never, Output>,
    deadline: Deadline,
    send: (place: Place) => Promise<Output>,
  ): Promise<Output> {
    this.ban.mustLetThrough();
    api.breaker.mustLetThrough();
    mustHaveCalls(api);
    const place = await api.lane.enter(deadline, currentRequest()?.turn ?? OWN);
    const startMs = performance.now();
    try {
      mustHaveCalls(api);
      if (api.spentUntilMs > 0) api.spentUntilMs = startMs + SPENT_MS;
      const output = await this.ban.run(() => api.breaker.run(() => this.fairly(send(place), startMs)));
      api.lane.succeeded(place);
      api.spentUntilMs = 0;
      return output;
    } catch (error) {
      if (error instanceof Failure) this.learn(api, name, error, place);
      throw error;
    } finally {
      api.lane.leave(place);
    }
  }

  /** Marks what ended late for want of time, and not for DingTalk's fault. */
  private async fairly<Output>(call: Promise<Output>, startMs: number): Promise<Output> {
    try {
      return await call;
    } catch (error) {
      const fairMs = Math.min(FAIR_MS, this.settings.dingtalk.timeoutMs / 2);
      const isHurried = performance.now() - startMs < fairMs;
      if (!(error instanceof Failure && error.code === 'DINGTALK_TIMEOUT' && isHurried)) throw error;
      throw new Failure(error.code, undefined, { ...error.details, hurried: true });
    }
  }

  private learn(api: Api, operation: string, failure: Failure, place: Place): void {
    const { dingtalkCode, retryAfterS = 1, heldBack } = failure.details;
    if (heldBack) return;
    if (failure.code === 'DINGTALK_THROTTLED') {
      const pauseMs = api.lane.refused(place, retryAfterS);
      if (pauseMs) this.logger.event('warn', 'DingTalk throttles', { operation, dingtalkCode, pauseMs });
    } else if (failure.code === 'DINGTALK_QUOTA_SPENT') {
      api.spentUntilMs = performance.now() + SPENT_MS;
    } else if (dingtalkCode !== undefined && !TROUBLES.has(failure.code)) {
      // DingTalk read the call and said no.
      api.lane.succeeded(place);
      api.spentUntilMs = 0;
    }
  }

  private apiOf({ name, route }: Endpoint<never, unknown>): Api {
    const known = this.apis.get(route);
    if (known) return known;
    const changed = (isOpen: boolean) =>
      this.logger.event(
        isOpen ? 'warn' : 'info',
        isOpen ? 'DingTalk API is in trouble' : 'DingTalk API is well again',
        {
          operation: name,
        },
      );
    const api: Api = {
      lane: new Lane((freed) => this.windowOf(route, freed)),
      breaker: new Breaker({
        isTrouble,
        breaker: new RecentCalls(),
        openMs: PROBE_MS,
        changed,
      }),
      budget: new RetryBudget(),
      spentUntilMs: 0,
    };
    this.apis.set(route, api);
    return api;
  }

  private windowOf(route: string, freed: () => void): Window {
    const { qps } = this.settings.dingtalk;
    return this.places.areShared ? new SharedWindow(qps, route, this.places, freed) : new QuotaWindow(qps, freed);
  }
}

function isTrouble(error: unknown): boolean {
  if (!(error instanceof Failure) || !TROUBLES.has(error.code)) return false;
  const { givenUp, hurried, heldBack } = error.details;
  return !givenUp && !hurried && !heldBack;
}

function mustHaveCalls({ spentUntilMs }: Api): void {
  if (performance.now() < spentUntilMs) throw new Failure('DINGTALK_QUOTA_SPENT', undefined, { heldBack: true });
}
