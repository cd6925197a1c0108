import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Failure } from '#contract';
import { Breaker, type Judge } from './breaker.js';

const OPEN_MS = 1000;
const trouble = new Failure('DINGTALK_UNAVAILABLE');
const refusal = new Failure('REJECTED', undefined, { dingtalkCode: '60001' });
const givenUp = new Failure('DINGTALK_TIMEOUT', undefined, { givenUp: true });

const realNow = performance.now.bind(performance);
afterEach(() => {
  jest.restoreAllMocks();
});
const later = (ms: number) => jest.spyOn(performance, 'now').mockImplementation(() => realNow() + ms);

/** So many in a row are enough. */
const inARow = (most: number): Judge => {
  let failed = 0;
  const isEnough = () => {
    failed += 1;
    if (failed < most) return false;
    failed = 0;
    return true;
  };
  return { succeeded: () => void (failed = 0), failed: isEnough };
};

const breakerOf = () =>
  new Breaker({
    isTrouble: (error) => error === trouble,
    judge: inARow(2),
    openMs: OPEN_MS,
    changed: () => undefined,
  });

/** How a call ends that fails so, if it is let through. */
function fail(breaker: Breaker, error: Error): unknown {
  try {
    breaker.failed(breaker.pass(), error);
    return error;
  } catch (thrown) {
    return thrown;
  }
}
const SHUT = expect.objectContaining({
  code: 'DINGTALK_UNAVAILABLE',
  details: expect.objectContaining({ retryAfterS: 1 }),
});

describe('a breaker', () => {
  it('opens after as many troubles as it bears, and then lets one call through', () => {
    const breaker = breakerOf();
    expect([fail(breaker, trouble), fail(breaker, trouble)]).toEqual([trouble, trouble]);
    expect(fail(breaker, refusal)).toEqual(SHUT);
    later(OPEN_MS + 1);
    const probe = breaker.pass();
    expect(fail(breaker, refusal)).toEqual(SHUT);
    breaker.succeeded(probe);
    expect(breaker.isOpen).toBe(false);
    expect(fail(breaker, refusal)).toBe(refusal);
  });

  it('stays open where the one call meets trouble again', () => {
    const breaker = breakerOf();
    fail(breaker, trouble);
    fail(breaker, trouble);
    later(OPEN_MS + 1);
    expect(fail(breaker, trouble)).toBe(trouble);
    expect(fail(breaker, refusal)).toEqual(SHUT);
    expect(breaker.isOpen).toBe(true);
  });

  it('takes a refusal for an answer, also of the one call that may try', () => {
    const breaker = breakerOf();
    expect([fail(breaker, trouble), fail(breaker, refusal), fail(breaker, trouble)]).toEqual([
      trouble,
      refusal,
      trouble,
    ]);
    fail(breaker, trouble);
    later(OPEN_MS + 1);
    expect(fail(breaker, refusal)).toBe(refusal);
    expect(breaker.isOpen).toBe(false);
  });

  it('learns nothing from a call that nobody waited for: it stays as it is', () => {
    const breaker = breakerOf();
    fail(breaker, trouble);
    fail(breaker, givenUp);
    fail(breaker, trouble);
    expect(fail(breaker, givenUp)).toEqual(SHUT);
    later(OPEN_MS + 1);
    expect(fail(breaker, givenUp)).toBe(givenUp);
    expect(fail(breaker, givenUp)).toEqual(SHUT);
  });

  it('is not opened anew by what was under way when it opened', () => {
    const breaker = breakerOf();
    const late = breaker.pass();
    fail(breaker, trouble);
    fail(breaker, trouble);
    later(OPEN_MS + 1);
    breaker.failed(late, trouble);
    expect(fail(breaker, refusal)).toBe(refusal);
  });

  it('begins to count anew when it closes: what failed while it was open is over', () => {
    const breaker = breakerOf();
    const late = breaker.pass();
    fail(breaker, trouble);
    fail(breaker, trouble);
    for (let probe = 1; probe <= 5; probe += 1) {
      later(probe * (OPEN_MS + 1));
      expect(fail(breaker, trouble)).toBe(trouble);
    }
    breaker.failed(late, trouble);
    later(6 * (OPEN_MS + 1));
    breaker.succeeded(breaker.pass());
    expect(fail(breaker, trouble)).toBe(trouble);
    expect(breaker.isOpen).toBe(false);
  });
});
