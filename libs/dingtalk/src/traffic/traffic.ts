import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure, type Soon, isPromise } from '#contract';
import { type Deadline, type Turn, currentRequest } from '#telemetry';
import type { Endpoint } from '../endpoint.js';
import { Transport } from '../transport.js';
import { type Api, Apis, isOfTrouble } from './apis.js';
import type { Passed } from './breaker.js';
import { type CallRecord, CallReports } from './call-reports.js';
import type { Place } from './quota-window.js';
import { retried } from './retry.js';

/** The month's calls may be bought anew at any time; until then it is not asked more often than this. */
const SPENT_MS = 60_000;

interface Sending {
  readonly token?: string;
  readonly deadline: Deadline;
}

/** Work that nobody asked for: the renewal of a token. */
const OWN: Turn = { name: 'gateway', rank: 'person' };

/** With less time than that a call which ended late says nothing about DingTalk. */
const FAIR_MS = 1000;

/**
 * Decides when a call goes: not faster than DingTalk allows, not to what does not answer, in the turn of whoever asks; and
 * whether it goes again.
 */
@Injectable()
export class Traffic {
  constructor(
    private readonly settings: Settings,
    private readonly transport: Transport,
    private readonly apis: Apis,
    private readonly reports: CallReports,
  ) {}

  /** @throws Failure as the transport does, and what keeps a call back: DINGTALK_THROTTLED, _UNAVAILABLE, _QUOTA_SPENT, OVERLOADED. */
  async send<Input, Output>(endpoint: Endpoint<Input, Output>, input: Input, sending: Sending): Promise<Output> {
    const record = this.reports.begin(endpoint.name);
    try {
      const output = await this.sendAgain(endpoint, input, sending, record);
      this.reports.end(record);
      return output;
    } catch (error) {
      this.reports.end(record, error);
      throw error;
    } finally {
      if (endpoint.effect === 'write') noteChange(record);
    }
  }

  private sendAgain<Input, Output>(
    endpoint: Endpoint<Input, Output>,
    input: Input,
    { token, deadline }: Sending,
    record: CallRecord,
  ): Promise<Output> {
    const api = this.apis.of(endpoint);
    const attempt = () =>
      this.attempt(api, record, deadline, (place) =>
        this.transport.send(endpoint, input, { token, deadline, steps: place, record }),
      );
    // Whoever fetches tokens spaces out the tries, and a code is good once.
    if (endpoint.bearer === 'none') return attempt();
    return retried({ effect: endpoint.effect, budget: api.budget, deadline }, attempt);
  }

  private async attempt<Output>(
    api: Api,
    record: CallRecord,
    deadline: Deadline,
    send: (place: Place) => Promise<Output>,
  ): Promise<Output> {
    this.apis.ban.mustLetThrough();
    api.breaker.mustLetThrough();
    mustHaveCalls(api);
    const entered = this.enter(api, record, deadline);
    const place = isPromise(entered) ? await entered : entered;
    const startMs = performance.now();
    try {
      mustHaveCalls(api);
      record.tries += 1;
      if (api.spentUntilMs > 0) api.spentUntilMs = startMs + SPENT_MS;
      const output = await this.watched(api, () => send(place), startMs);
      api.lane.succeeded(place);
      api.spentUntilMs = 0;
      return output;
    } catch (error) {
      if (error instanceof Failure) this.learn(api, error, place);
      throw error;
    } finally {
      api.lane.leave(place);
    }
  }

  /** The breakers are told how it ended. */
  private async watched<Output>({ breaker }: Api, send: () => Promise<Output>, startMs: number): Promise<Output> {
    const { ban } = this.apis;
    const banPassed = ban.pass();
    let passed: Passed | undefined;
    try {
      passed = breaker.pass();
      const output = await send();
      ban.succeeded(banPassed);
      breaker.succeeded(passed);
      return output;
    } catch (error) {
      const fair = this.fairly(error, startMs);
      if (passed) breaker.failed(passed, fair);
      ban.failed(banPassed, fair);
      throw fair;
    }
  }

  private enter({ lane }: Api, record: CallRecord, deadline: Deadline): Soon<Place> {
    const startMs = performance.now();
    const place = lane.enter(deadline, currentRequest()?.turn ?? OWN);
    if (!isPromise(place)) return place;
    return place.finally(() => {
      record.waitMs += performance.now() - startMs;
    });
  }

  /** Marks what ended late for want of time, and not for DingTalk's fault. */
  private fairly(error: unknown, startMs: number): unknown {
    const fairMs = Math.min(FAIR_MS, this.settings.dingtalk.timeoutMs / 2);
    const isHurried = performance.now() - startMs < fairMs;
    if (!(error instanceof Failure && error.code === 'DINGTALK_TIMEOUT' && isHurried)) return error;
    return new Failure(error.code, undefined, { ...error.details, hurried: true });
  }

  private learn(api: Api, failure: Failure, place: Place): void {
    const { dingtalkCode, retryAfterS = 1, heldBack } = failure.details;
    if (heldBack) return;
    if (failure.code === 'DINGTALK_THROTTLED') {
      const pauseMs = api.lane.refused(place, retryAfterS);
      if (pauseMs) this.reports.throttled(api.operation, dingtalkCode, pauseMs);
    } else if (failure.code === 'DINGTALK_QUOTA_SPENT') {
      api.spentUntilMs = performance.now() + SPENT_MS;
    } else if (dingtalkCode !== undefined && !isOfTrouble(failure)) {
      // DingTalk read the call and said no.
      api.lane.succeeded(place);
      api.spentUntilMs = 0;
    }
  }
}

/** For the trail. */
function noteChange({ tries, dingtalkRequestId }: CallRecord): void {
  const change = currentRequest()?.change;
  if (!change) return;
  change.tries += tries;
  if (dingtalkRequestId !== undefined) change.dingtalkRequestId = dingtalkRequestId;
}

function mustHaveCalls({ spentUntilMs }: Api): void {
  if (performance.now() < spentUntilMs) throw new Failure('DINGTALK_QUOTA_SPENT', undefined, { heldBack: true });
}
