import { Injectable, Optional } from '@nestjs/common';
import { Settings } from '#config';
import { Failure } from '#contract';
import { Places } from '#state';
import { Metrics } from '#telemetry';
import type { Endpoint } from '../endpoint.js';
import { Breaker, type Judge } from './breaker.js';
import { CallReports } from './call-reports.js';
import { Lane } from './lane.js';
import { QuotaWindow, type Window } from './quota-window.js';
import { RecentCalls } from './recent-calls.js';
import { RetryBudget } from './retry.js';
import { SharedWindow } from './shared-window.js';

/** DingTalk bans an address for five minutes. */
const BAN_MS = 300_000;
/** While an API is in trouble it is asked once a second, until a call succeeds. */
const PROBE_MS = 1000;

/** What one API has of its own: another one's trouble is none of its. */
export interface Api {
  readonly operation: string;
  readonly lane: Lane;
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  /** The month's calls are used up: until then it is not asked, and then by one call. */
  spentUntilMs: number;
}

const TROUBLES = new Set(['DINGTALK_UNAVAILABLE', 'DINGTALK_TIMEOUT', 'DINGTALK_UNREADABLE']);

/** 90001 bans the server from everything, for longer. */
const BANS = new Set(['banned', '90001']);

/** One is enough. */
const AT_ONCE: Judge = { succeeded: () => undefined, failed: () => true };

const isBan = (error: unknown): boolean => error instanceof Failure && BANS.has(error.details.dingtalkCode ?? '');

export const isOfTrouble = ({ code }: Failure): boolean => TROUBLES.has(code);

function isTrouble(error: unknown): boolean {
  if (!(error instanceof Failure) || !isOfTrouble(error)) return false;
  const { givenUp, hurried, heldBack } = error.details;
  return !givenUp && !hurried && !heldBack;
}

/** What is known of DingTalk's APIs, each by its method and path, and of the ban that is of all of them. */
@Injectable()
export class Apis {
  private known!: Map<string, Api>;
  private all!: Breaker;

  constructor(
    private readonly settings: Settings,
    private readonly reports: CallReports,
    metrics: Metrics,
    @Optional() private readonly places?: Places,
  ) {
    this.begin();
    const tell = (name: string, help: string, read: (api: Api) => number, ofWorkers: 'sum' | 'max' = 'sum') => {
      const each = () =>
        [...this.known.values()].map((api) => ({ value: read(api), labels: { operation: api.operation } }));
      metrics.gauge(name, help, each, { labelNames: ['operation'], ofWorkers });
    };
    tell('gateway_dingtalk_queue', 'Calls that wait for their turn', ({ lane }) => lane.waiting);
    tell('gateway_dingtalk_under_way', 'Calls that DingTalk has not answered yet', ({ lane }) => lane.running);
    const isOpen = ({ breaker }: Api) => Number(breaker.isOpen);
    tell('gateway_dingtalk_breaker_open', '1 while an API in trouble is not asked', isOpen, 'max');
    metrics.gauge('gateway_dingtalk_banned', '1 while DingTalk bans the address', () => [
      { value: Number(this.all.isOpen) },
    ]);
  }

  /** Of all APIs together. */
  get ban(): Breaker {
    return this.all;
  }

  of({ name, route }: Endpoint<never, unknown>): Api {
    const known = this.known.get(route);
    if (known) return known;
    const api: Api = {
      operation: name,
      lane: new Lane((freed) => this.windowOf(route, freed)),
      breaker: new Breaker({
        ...{ isTrouble, judge: new RecentCalls(), openMs: PROBE_MS },
        changed: (isOpen) => this.reports.trouble(name, isOpen),
      }),
      budget: new RetryBudget(),
      spentUntilMs: 0,
    };
    this.known.set(route, api);
    return api;
  }

  /** Nothing is known yet. */
  private begin(): void {
    this.known = new Map();
    this.all = new Breaker({
      ...{ isTrouble: isBan, judge: AT_ONCE, openMs: BAN_MS },
      changed: (isOpen) => this.reports.banned(isOpen, BAN_MS),
    });
  }

  private windowOf(route: string, freed: () => void): Window {
    const { qps } = this.settings.dingtalk;
    return this.places ? new SharedWindow(qps, route, this.places, freed) : new QuotaWindow(qps, freed);
  }
}
