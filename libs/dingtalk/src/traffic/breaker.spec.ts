import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ConsecutiveBreaker } from 'cockatiel';
import { Failure } from '#contract';
import { Breaker } from './breaker.js';

const OPEN_MS = 1000;
const trouble = new Failure('DINGTALK_UNAVAILABLE');
const refusal = new Failure('REJECTED', undefined, { dingtalkCode: '60001' });
const givenUp = new Failure('DINGTALK_TIMEOUT', undefined, { givenUp: true });

const realNow = performance.now.bind(performance);
afterEach(() => {
  jest.restoreAllMocks();
});
const later = (ms: number) => jest.spyOn(performance, 'now').mockImplementation(() => realNow() + ms);

const breakerOf = () =>
  new Breaker({
    isTrouble: (error) => error === trouble,
    breaker: new ConsecutiveBreaker(2),
    openMs: OPEN_MS,
    changed: () => undefined,
  });

const fail = (breaker: Breaker, error: Error) =>
  breaker.run(() => Promise.reject(error)).catch((thrown: unknown) => thrown);
const SHUT = expect.objectContaining({
  code: 'DINGTALK_UNAVAILABLE',
  details: expect.objectContaining({ retryAfterS: 1 }),
});

describe('a breaker', () => {
  it('opens after as many troubles as it bears, and then lets one call through', async () => {
    const breaker = breakerOf();
    expect([await fail(breaker, trouble), await fail(breaker, trouble)]).toEqual([trouble, trouble]);
    expect(await fail(breaker, refusal)).toEqual(SHUT);
    later(OPEN_MS + 1);
    let answer: (() => void) | undefined;
    const probe = breaker.run(() => new Promise<void>((done) => (answer = done)));
    await expect(breaker.run(async () => 'x')).rejects.toEqual(SHUT);
    answer?.();
    await probe;
    expect(await breaker.run(async () => 'x')).toBe('x');
  });

  it('takes a refusal for an answer, also of the one call that may try', async () => {
    const breaker = breakerOf();
    expect([await fail(breaker, trouble), await fail(breaker, refusal), await fail(breaker, trouble)]).toEqual([
      trouble,
      refusal,
      trouble,
    ]);
    await fail(breaker, trouble);
    later(OPEN_MS + 1);
    expect(await fail(breaker, refusal)).toBe(refusal);
    expect(await breaker.run(async () => 'x')).toBe('x');
  });

  it('learns nothing from a call that nobody waited for: it stays as it is', async () => {
    const breaker = breakerOf();
    await fail(breaker, trouble);
    await fail(breaker, givenUp);
    await fail(breaker, trouble);
    expect(await fail(breaker, givenUp)).toEqual(SHUT);
    later(OPEN_MS + 1);
    expect(await fail(breaker, givenUp)).toBe(givenUp);
    expect(await fail(breaker, givenUp)).toEqual(SHUT);
  });
});
