import { AsyncLocalStorage } from 'node:async_hooks';

/** What belongs to one inbound request, wherever its work has got to. */
export interface RequestContext {
  readonly requestId: string;
  /** Aborts when the request's time is up. */
  readonly deadline: AbortSignal;
  /** Whether the caller wants to hear it from DingTalk itself: `Cache-Control: no-cache`. */
  readonly readsThrough?: boolean;
  /** Calls at DingTalk that its reads may still make; without it they are not counted. */
  calls?: { left: number };
  /** Who asks, for the log: `app:org-sync` or `person`. */
  caller?: string;
  /** How the request failed, for the log: a code of the table. */
  failure?: string;
  /** Why somebody was not let in, in our own words. */
  reason?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

export const currentRequest = (): RequestContext | undefined => storage.getStore();

export const runInRequest = <Result>(context: RequestContext, work: () => Result): Result => storage.run(context, work);

/** Work that others may share: with a deadline of its own, and not counted among the calls of the request. */
export function runUntil<Result>(deadline: AbortSignal, work: () => Result): Result {
  const request = storage.getStore();
  return request ? storage.run({ ...request, deadline, calls: undefined }, work) : work();
}
