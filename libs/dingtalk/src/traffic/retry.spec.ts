import { describe, expect, it } from '@jest/globals';
import { Failure } from '#contract';
import { Deadline } from '#telemetry';
import { RetryBudget, retried } from './retry.js';

const unavailable = (repeat?: 'read' | 'any') => new Failure('DINGTALK_UNAVAILABLE', undefined, { repeat });

/** Fails so often with that; then succeeds. */
function failing(times: number, failure: Error) {
  let tries = 0;
  const attempt = async () => {
    tries += 1;
    if (tries <= times) throw failure;
    return 'done';
  };
  return { attempt, tries: () => tries };
}

const send = (effect: 'read' | 'write', attempt: () => Promise<string>, ms = 2000, budget = new RetryBudget()) =>
  retried({ effect, budget, deadline: new Deadline(ms) }, attempt);

describe('a call that failed', () => {
  it.each([
    ['read', 'read', 3],
    ['read', 'any', 3],
    ['write', 'any', 2],
    ['write', 'read', 1],
    ['read', undefined, 1],
  ] as const)('as a %s, and may be sent again if %s, is sent %i times at most', async (effect, repeat, most) => {
    const { attempt, tries } = failing(9, unavailable(repeat));
    await expect(send(effect, attempt)).rejects.toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
    expect(tries()).toBe(most);
  });

  it('once succeeds the next time', async () => {
    const { attempt, tries } = failing(1, unavailable('read'));
    expect([await send('read', attempt), tries()]).toEqual(['done', 2]);
  });

  it('is not sent again on a deadline that is over, nor for a defect', async () => {
    const late = failing(1, unavailable('read'));
    await expect(send('read', late.attempt, 0)).rejects.toThrow();
    const defect = failing(1, new TypeError('x'));
    await expect(send('read', defect.attempt)).rejects.toThrow(TypeError);
    expect([late.tries(), defect.tries()]).toEqual([1, 1]);
  });
});

describe('the budget of second tries', () => {
  it('is a fifth of the calls at most from a hundred calls on', async () => {
    for (const calls of [100, 500]) {
      const budget = new RetryBudget();
      const { attempt, tries } = failing(Infinity, unavailable('read'));
      await Promise.allSettled(Array.from({ length: calls }, () => send('read', attempt, 60_000, budget)));
      expect(tries()).toBeGreaterThan(calls);
      expect(tries()).toBeLessThanOrEqual(calls * 1.2);
    }
  });

  it('is enough for a few when there are few calls', async () => {
    const budget = new RetryBudget();
    for (let count = 0; count < 5; count += 1) {
      const { attempt } = failing(2, unavailable('read'));
      expect(await send('read', attempt, 2000, budget)).toBe('done');
    }
  });
});
