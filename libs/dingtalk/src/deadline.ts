import { Failure } from '#contract';
import { type Deadline, currentRequest, deadlineIn, isTimeUp } from '#telemetry';

/** The deadline of the inbound request, or a fresh one for work that belongs to none. */
export const deadlineOf = (timeoutMs: number): Deadline => currentRequest()?.deadline ?? deadlineIn(timeoutMs);

/** Time was up while the caller waited for something else than an answer, or nobody waits any more. */
export const tooLate = (signal: AbortSignal, note: string): Failure =>
  new Failure('DINGTALK_TIMEOUT', undefined, isTimeUp(signal) ? { note } : { note, givenUp: true });

/** Waits for work that others share, but only until one's own deadline; the work goes on. */
export async function within<Result>({ signal }: Deadline, start: () => Promise<Result>): Promise<Result> {
  const late = () => tooLate(signal, 'deadline while waiting for what others asked for too');
  if (signal.aborted) throw late();
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    onAbort = () => reject(late());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([start(), ended]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
