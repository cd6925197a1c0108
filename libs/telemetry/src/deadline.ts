import { setMaxListeners } from 'node:events';

/** When work has to be over, and a signal that ends it: then, or earlier where nobody waits for it any more. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`. */
  readonly endsMs: number;
}

/**
 * A deadline after so many milliseconds, which any of the other signals brings about at once. The timer holds it: what
 * `AbortSignal.any` and `AbortSignal.timeout` make together is gone with the next collection of garbage on Node 20, unheard.
 */
export function deadlineIn(ms: number, ...others: readonly AbortSignal[]): Deadline {
  const own = new AbortController();
  // One listener for each call that runs: many are no leak.
  setMaxListeners(0, own.signal, ...others);
  const end = (reason: unknown) => {
    clearTimeout(timer);
    for (const [other, onAbort] of listeners) other.removeEventListener('abort', onAbort);
    own.abort(reason);
  };
  const listeners = others.map((other) => [other, () => end(other.reason)] as const);
  const timer = setTimeout(() => end(new DOMException('time is up', 'TimeoutError')), ms).unref();
  for (const [other, onAbort] of listeners) other.addEventListener('abort', onAbort, { once: true });
  const ended = others.find(({ aborted }) => aborted);
  if (ended) end(ended.reason);
  return { signal: own.signal, endsMs: performance.now() + ms };
}

export const leftMs = ({ endsMs }: Deadline): number => endsMs - performance.now();

/** Whether time was up; otherwise nobody waits any more. */
export const isTimeUp = ({ reason }: AbortSignal): boolean =>
  (reason as { name?: unknown } | undefined)?.name === 'TimeoutError';
