/** When work has to be over, and a signal that ends it: then, or earlier where nobody waits for it any more. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`. */
  readonly endsMs: number;
}

/** A deadline after so many milliseconds, which any of the other signals brings about at once. */
export function deadlineIn(ms: number, ...others: readonly AbortSignal[]): Deadline {
  const time = AbortSignal.timeout(Math.ceil(ms));
  return { signal: others.length > 0 ? AbortSignal.any([time, ...others]) : time, endsMs: performance.now() + ms };
}

export const leftMs = ({ endsMs }: Deadline): number => endsMs - performance.now();

/** Whether time was up; otherwise nobody waits any more. */
export const isTimeUp = ({ reason }: AbortSignal): boolean => reason instanceof Error && reason.name === 'TimeoutError';
