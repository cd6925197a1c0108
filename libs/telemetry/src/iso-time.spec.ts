import { describe, expect, it } from '@jest/globals';
import { isoTime } from './iso-time.js';

describe('isoTime', () => {
  it('tells a time as a date does, also where clocks are set back', () => {
    const start = Date.parse('2026-02-28T23:59:59.000Z');
    for (const ms of [0, 7, 70, 700, 999, 1000, 1001, 60_000, 500, 86_400_000]) {
      expect(isoTime(start + ms)).toBe(new Date(start + ms).toISOString());
    }
  });
});
