import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { readSettings } from '#config';
import { Failure } from '#contract';
import { type KeyValueStore, type Locks, MemoryLocks, MemoryStore } from '#state';
import { Logger } from '#telemetry';
import type { Traffic } from '../traffic/traffic.js';
import { AppTokens } from './app-tokens.js';
import { SharedAppToken } from './shared-app-token.js';

const SETTINGS = readSettings({ DINGTALK_CLIENT_ID: 'id', DINGTALK_CLIENT_SECRET: 's', DINGTALK_CORP_ID: 'ding1' });

type Fetch = () => Promise<{ token: string; lifeS: number }>;

/** The token endpoint, as a list of what it answers; the last answer repeats. */
function tokensFrom(...answers: Fetch[]) {
  let count = 0;
  const send = () => (answers[Math.min(count++, answers.length - 1)] as Fetch)();
  /** As a replica with that store has them. */
  const on = (store: KeyValueStore, locks: Locks) =>
    new AppTokens(SETTINGS, { send } as unknown as Traffic, new SharedAppToken(store, locks), new Logger('silent'));
  const [store, locks] = [new MemoryStore(), new MemoryLocks()];
  return { tokens: on(store, locks), on, store, locks, fetches: () => count };
}

const grant =
  (token: string, lifeS = 7200): Fetch =>
  async () => ({ token, lifeS });
const fails =
  (code: 'DINGTALK_UNAVAILABLE' | 'DINGTALK_TOKEN_REFUSED' = 'DINGTALK_UNAVAILABLE'): Fetch =>
  () =>
    Promise.reject(new Failure(code));

const settle = () => new Promise((done) => setImmediate(done));

const realNow = performance.now.bind(performance);

afterEach(() => {
  jest.restoreAllMocks();
});

/** Moves the monotonic clock ahead of its real time. */
function later(ms: number): void {
  jest.spyOn(performance, 'now').mockImplementation(() => realNow() + ms);
}

describe('the app’s token', () => {
  it('is fetched once for all who ask at the same time', async () => {
    const { tokens, fetches } = tokensFrom(grant('one'));
    expect(new Set(await Promise.all(Array.from({ length: 100 }, async () => tokens.get())))).toEqual(new Set(['one']));
    expect(fetches()).toBe(1);
  });

  it('is renewed behind its callers before it ends, the old one serving meanwhile', async () => {
    const { tokens, fetches } = tokensFrom(grant('one'), grant('two'));
    await tokens.get();
    later(6000 * 1000);
    expect(await tokens.get()).toBe('one');
    await settle();
    expect(await tokens.get()).toBe('two');
    expect(fetches()).toBe(2);
  });

  it('goes on serving where its renewal fails, which is tried again after 30 s at the earliest', async () => {
    const { tokens, fetches } = tokensFrom(grant('one'), fails());
    await tokens.get();
    later(6000 * 1000);
    for (let count = 0; count < 10; count += 1) {
      expect(await tokens.get()).toBe('one');
      await settle();
    }
    expect(fetches()).toBe(2);
    later(6040 * 1000);
    expect(await tokens.get()).toBe('one');
    await settle();
    expect(fetches()).toBe(3);
  });

  it('is not used in its last five minutes', async () => {
    const { tokens, fetches } = tokensFrom(grant('one'), grant('two'));
    await tokens.get();
    later(6901 * 1000);
    expect(await tokens.get()).toBe('two');
    expect(fetches()).toBe(2);
  });

  it('that was refused is renewed once, whoever comes late with the refused one', async () => {
    const { tokens, fetches } = tokensFrom(grant('one'), grant('two'), grant('three'));
    await tokens.get();
    expect(await Promise.all([tokens.renew('one'), tokens.renew('one'), tokens.renew('one')])).toEqual(
      Array(3).fill('two'),
    );
    expect(await tokens.renew('one')).toBe('two');
    expect(fetches()).toBe(2);
  });

  it('that comes back the same after it was refused is given up for five seconds', async () => {
    const { tokens, fetches } = tokensFrom(grant('one'));
    await tokens.get();
    await expect(tokens.renew('one')).rejects.toMatchObject({ code: 'DINGTALK_TOKEN_REFUSED' });
    await expect(tokens.get()).rejects.toMatchObject({ code: 'DINGTALK_TOKEN_REFUSED' });
    expect(fetches()).toBe(2);
    later(5001);
    expect(await tokens.get()).toBe('one');
    expect(fetches()).toBe(3);
  });

  it('whose fetch failed is not remembered as failed for ever', async () => {
    const { tokens, fetches } = tokensFrom(fails(), grant('one'));
    await expect(tokens.get()).rejects.toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
    await expect(tokens.get()).rejects.toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
    expect(fetches()).toBe(1);
    later(1001);
    expect(await tokens.get()).toBe('one');
  });

  it('is asked for at ever wider intervals while that fails, half a minute at the most', async () => {
    const { tokens, fetches } = tokensFrom(fails());
    let clockMs = 0;
    for (; clockMs < 10 * 60_000; clockMs += 1000) {
      later(clockMs);
      await Promise.resolve(tokens.get()).catch(() => undefined);
      jest.restoreAllMocks();
    }
    expect(fetches()).toBeGreaterThan(15);
    expect(fetches()).toBeLessThan(50);
  });

  it('is asked for once a minute where the secret is wrong', async () => {
    const { tokens, fetches } = tokensFrom(fails('DINGTALK_TOKEN_REFUSED'));
    await Promise.resolve(tokens.get()).catch(() => undefined);
    later(59_000);
    await Promise.resolve(tokens.get()).catch(() => undefined);
    expect(fetches()).toBe(1);
    later(61_000);
    await Promise.resolve(tokens.get()).catch(() => undefined);
    expect(fetches()).toBe(2);
  });

  it('is shared by the replicas: what one has fetched or renewed, all use', async () => {
    const fetched = tokensFrom(grant('one'), grant('two'), grant('three'));
    const { store, locks } = fetched;
    const other = tokensFrom(grant('never')).on(store, locks);
    expect(await Promise.all([fetched.tokens.get(), other.get()])).toEqual(['one', 'one']);
    expect(await Promise.all([fetched.tokens.renew('one'), other.renew('one')])).toEqual(['two', 'two']);
    later(6000 * 1000);
    await store.put('app-token', JSON.stringify({ token: 'three', lifeMs: 6900_000 }), 6900_000);
    await other.get();
    await settle();
    expect([await other.get(), fetched.fetches()]).toEqual(['three', 2]);
  });

  it('is fetched all the same where the store does not answer', async () => {
    const away = () => Promise.reject(new Failure('SESSION_STORE_UNAVAILABLE'));
    const store = { get: away, put: away, putIfNewest: away, drop: away, extend: away };
    const { on, fetches } = tokensFrom(grant('one'), grant('two'));
    const alone = on(store, new MemoryLocks());
    expect([await alone.get(), await alone.get(), await alone.renew('one'), fetches()]).toEqual([
      'one',
      'one',
      'two',
      2,
    ]);
  });
});
