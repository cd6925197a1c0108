import { AsyncLocalStorage } from 'node:async_hooks';

/** What belongs to one inbound request, wherever its work has got to. */
export interface RequestContext {
  readonly requestId: string;
  /** Aborts when the request's time is up. */
  readonly deadline: AbortSignal;
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
