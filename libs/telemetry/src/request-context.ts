import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deadline } from './deadline.js';
import type { Traced } from './traces.js';

/** What belongs to one inbound request, wherever its work has got to. */
export interface RequestContext {
  readonly requestId: string;
  /** When the request's time is up; earlier where its caller goes away and nothing is being changed. */
  readonly deadline: Deadline;
  /** Whether the caller wants to hear it from DingTalk itself: `Cache-Control: no-cache`. */
  readonly readsThrough?: boolean;
  /** Something is being changed: it is finished, also for a caller who goes away. */
  changes?: boolean;
  /** Is told of work that is finished in any case: the process does not end before it. */
  readonly follow?: (work: Promise<unknown>) => void;
  /** Calls at DingTalk that its reads may still make; without it they are not counted. */
  calls?: { left: number };
  /** In whose name its calls wait for their turn. Never told: it may be the key of a session. */
  turn?: Turn;
  /** Where it stands in a trace, where there is one. */
  readonly traced?: Traced;
  /** What is asked for, for the log: fields of Query or Mutation. */
  operation?: string;
  /** Who asks, for the log: `app:org-sync` or `person`. */
  caller?: string;
  /** The same for the trail, where persons are known by their ids: `person:manager4220`. */
  actor?: string;
  /** From where it comes, as far as proxies are believed. */
  readonly address?: string;
  /** The scopes that let the caller in. */
  scope?: string;
  /** By which a change is made once, however often it is asked for. */
  key?: IdempotencyKey;
  /** The change that is being made just now: its intent is recorded. */
  readonly change?: ChangeUnderWay;
  /** How the request failed, for the log: a code of the table. */
  failure?: string;
  /** Why somebody was not let in, in our own words. */
  reason?: string;
}

/** What the caller calls a request that changes something. */
interface IdempotencyKey {
  readonly text: string;
  /** Of everything that is asked: the same key does not stand for another request. */
  readonly requestHash: string;
  /** How many changes of the request were begun. */
  begun: number;
  /** Whether it was answered by what is known of an earlier one. */
  isReplayed?: boolean;
}

/** What becomes known of a change on its way to DingTalk. */
export interface ChangeUnderWay {
  /** How often it was sent. */
  tries: number;
  /** DingTalk's own id of its last answer. */
  dingtalkRequestId?: string;
}

/** Whose turn it is among those who wait: those of one rank take turns by name, and people go before programs. */
export interface Turn {
  readonly name: string;
  readonly rank: 'person' | 'batch';
}

const storage = new AsyncLocalStorage<RequestContext>();

export const currentRequest = (): RequestContext | undefined => storage.getStore();

/** Without a context it is work of no request. */
export const runInRequest = <Result>(context: RequestContext | undefined, work: () => Result): Result =>
  storage.run(context as RequestContext, work);

/** Work that others may share: with a deadline of its own, and not counted among the calls of the request. */
export function runUntil<Result>(deadline: Deadline, work: () => Result): Result {
  const request = storage.getStore();
  return request ? storage.run({ ...request, deadline, calls: undefined }, work) : work();
}

/** Work that is finished also where its caller goes away, and before the process ends. */
export function finished<Result>(work: Promise<Result>): Promise<Result> {
  storage.getStore()?.follow?.(work);
  return work;
}
