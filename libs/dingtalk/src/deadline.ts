import { Failure } from '#contract';
import { Deadline, currentRequest } from '#telemetry';

/** The deadline of the inbound request, or a fresh one for work that belongs to none. */
export const deadlineOf = (timeoutMs: number): Deadline => currentRequest()?.deadline ?? new Deadline(timeoutMs);

/** Time was up while the caller waited for something else than an answer, or nobody waits any more. */
export const tooLate = ({ isTimeUp }: Deadline, note: string): Failure =>
  new Failure('DINGTALK_TIMEOUT', undefined, isTimeUp ? { note } : { note, givenUp: true });

/**
 * Waits for work that others share, but only until one's own deadline; the work goes on.
 * @param over is told once when nobody waits here any more.
 */
export function within<Result>(deadline: Deadline, start: () => Promise<Result>, over?: () => void): Promise<Result> {
  return new Promise((done, failed) => {
    const late = () => {
      failed(tooLate(deadline, 'deadline while waiting for what others asked for too'));
      over?.();
    };
    if (deadline.isOver) return late();
    const leave = deadline.onEnd(late);
    start().then(
      (result) => {
        if (!leave()) return;
        done(result);
        over?.();
      },
      (error: Error) => {
        if (!leave()) return;
        failed(error);
        over?.();
      },
    );
  });
}
