import { Failure } from '#contract';
import { currentRequest } from '#telemetry';

/** The deadline of the inbound request, or a fresh one for work that belongs to none. */
export const deadlineOf = (timeoutMs: number): AbortSignal =>
  currentRequest()?.deadline ?? AbortSignal.timeout(timeoutMs);

/** Waits for work that others share, but only until one's own deadline; the work goes on. */
export async function within<Result>(deadline: AbortSignal, start: () => Promise<Result>): Promise<Result> {
  const tooLate = () =>
    new Failure('DINGTALK_TIMEOUT', undefined, { note: 'deadline while waiting for what others asked for too' });
  if (deadline.aborted) throw tooLate();
  let onAbort: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    onAbort = () => reject(tooLate());
    deadline.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([start(), late]);
  } finally {
    if (onAbort) deadline.removeEventListener('abort', onAbort);
  }
}
