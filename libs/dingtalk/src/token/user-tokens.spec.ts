import { describe, expect, it } from '@jest/globals';
import { readSettings } from '#config';
import { type KeyValueStore, MemoryLocks, MemoryStore } from '#state';
import { Deadline } from '#telemetry';
import { within } from '../deadline.js';
import type { Traffic } from '../traffic/traffic.js';
import { UserTokens } from './user-tokens.js';

const SETTINGS = readSettings({ DINGTALK_CLIENT_ID: 'id', DINGTALK_CLIENT_SECRET: 's', DINGTALK_CORP_ID: 'ding1' });
const SESSION = 'session-key';

/** DingTalk's endpoint: each answer is given when it is let go. */
function slowEndpoint() {
  const waiting: (() => void)[] = [];
  let count = 0;
  const send = () =>
    new Promise((done) => {
      count += 1;
      const grant = { accessToken: `a${count}`, refreshToken: `r${count}`, lifeS: 7200, corpId: null };
      waiting.push(() => done(grant));
    });
  /** Waits until a call is under way. */
  const underWay = async () => {
    for (let turn = 0; waiting.length === 0 && turn < 1000; turn += 1) await new Promise((wait) => setImmediate(wait));
    expect(waiting).toHaveLength(1);
  };
  const letGo = async () => {
    await underWay();
    waiting.shift()?.();
  };
  return { traffic: { send } as unknown as Traffic, underWay, letGo };
}

describe('a person’s tokens', () => {
  it('are gone after the end of their session, also where a refresh was under way', async () => {
    const { traffic, underWay, letGo } = slowEndpoint();
    const store: KeyValueStore = new MemoryStore();
    const tokens = new UserTokens(SETTINGS, traffic, store, new MemoryLocks());
    await Promise.all([tokens.begin(SESSION, 'code'), letGo()]);
    const renewed = tokens.of(SESSION).renew('a1');
    await underWay();
    await tokens.end(SESSION);
    await letGo();
    expect(await renewed).toBe('a2');
    for (let turn = 0; turn < 10; turn += 1) await new Promise((wait) => setImmediate(wait));
    expect(await store.get(`user-token:${SESSION}`)).toBeUndefined();
    expect(await store.get(`user-refresh:${SESSION}`)).toBeUndefined();
  });
});

describe('waiting for shared work', () => {
  it('ends at one’s own deadline while the work goes on', async () => {
    let finish: (value: string) => void = () => undefined;
    const work = new Promise<string>((done) => (finish = done));
    await expect(within(new Deadline(10), () => work)).rejects.toMatchObject({ code: 'DINGTALK_TIMEOUT' });
    finish('done');
    expect(await work).toBe('done');
  });

  it('does not begin on a deadline that is over', async () => {
    let begun = false;
    const over = new Deadline(1000);
    over.end();
    const start = async () => (begun = true);
    await expect(within(over, start)).rejects.toMatchObject({
      code: 'DINGTALK_TIMEOUT',
    });
    expect(begun).toBe(false);
  });
});
