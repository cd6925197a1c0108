import { Failure } from '#contract';
import { currentRequest } from '#telemetry';

/** The failure of an operation that asks for more calls at DingTalk than one may make. */
export const tooManyCalls = (most: number): Failure =>
  Failure.badInput('query', `asks for more than ${most} calls at DingTalk: ask for less at once`);

/**
 * Counts one call among those that the reads of a request may make. What a change reads for itself is not counted, so that
 * none is left half made.
 */
export function countCall(most: number): void {
  const calls = currentRequest()?.calls;
  if (!calls) return;
  if (calls.left <= 0) throw tooManyCalls(most);
  calls.left -= 1;
}
