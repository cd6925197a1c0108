import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { RecentCalls } from './recent-calls.js';

const realNow = performance.now.bind(performance);
afterEach(() => {
  jest.restoreAllMocks();
});
const later = (ms: number) => jest.spyOn(performance, 'now').mockImplementation(() => realNow() + ms);

const failing = (recent: RecentCalls, times: number): boolean[] => Array.from({ length: times }, () => recent.failed());

describe('the calls of the last ten seconds', () => {
  it('open at twenty of which more than half met trouble', () => {
    const recent = new RecentCalls();
    for (let count = 0; count < 9; count += 1) recent.succeeded();
    expect(failing(recent, 11)).toEqual([...Array<boolean>(10).fill(false), true]);
    const even = new RecentCalls();
    for (let count = 0; count < 20; count += 1) even.succeeded();
    expect(failing(even, 21)).toEqual([...Array<boolean>(20).fill(false), true]);
  });

  it('are forgotten after them, however few came in between', () => {
    const recent = new RecentCalls();
    expect(failing(recent, 19)).not.toContain(true);
    later(10_001);
    expect(failing(recent, 19)).not.toContain(true);
    expect(failing(recent, 1)).toEqual([true]);
  });

  it('begin anew where it opened: what was under way then does not open it again', () => {
    const recent = new RecentCalls();
    expect(failing(recent, 20).at(-1)).toBe(true);
    expect(failing(recent, 19)).not.toContain(true);
  });
});
