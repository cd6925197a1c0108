import { jest } from '@jest/globals';

const HOUR_MS = 3600_000;

/** So many hours after now, by both clocks of the gateway; its timers know nothing of it. `jest.restoreAllMocks` ends it. */
export function later(hours: number): void {
  jest.restoreAllMocks();
  const [nowMs, sinceMs] = [Date.now(), performance.now()];
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs + hours * HOUR_MS);
  jest.spyOn(performance, 'now').mockImplementation(() => sinceMs + hours * HOUR_MS);
}
