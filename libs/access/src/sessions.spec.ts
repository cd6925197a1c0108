import { describe, expect, it } from '@jest/globals';
import { readSettings } from '#config';
import { Via } from '#contract';
import { MemoryLocks, MemoryStore } from '#state';
import { Sessions, type SignedIn } from './sessions.js';

const SETTINGS = readSettings({ DINGTALK_CLIENT_ID: 'id', DINGTALK_CLIENT_SECRET: 's', DINGTALK_CORP_ID: 'ding1' });
const PERSON: SignedIn = { via: Via.LOGIN, userId: 'u', unionId: 'n', corpId: 'ding1', name: 'x', admin: false };

/** A store that tells all that was ever put into it. */
class TellingStore extends MemoryStore {
  readonly told: string[] = [];

  override async put(key: string, value: string, lifeMs: number): Promise<void> {
    this.told.push(key, value);
    await super.put(key, value, lifeMs);
  }
}

function setUp() {
  const store = new TellingStore();
  return { store, sessions: new Sessions(SETTINGS, store, new MemoryLocks()) };
}

describe('sessions', () => {
  it('are kept under the hash of their id: nothing in the store opens one', async () => {
    const { store, sessions } = setUp();
    const { id, key } = sessions.create();
    await sessions.open({ id, key }, PERSON);
    expect((await sessions.find(id))?.userId).toBe('u');
    expect(store.told.length).toBeGreaterThan(2);
    for (const told of store.told) {
      expect(told).not.toContain(id);
      expect(await sessions.find(told.replace(/^[\w-]+:/, ''))).toBeUndefined();
    }
  });

  it('that ended stay ended, also where the organisation answers after that', async () => {
    const { sessions } = setUp();
    const session = sessions.create();
    await sessions.open(session, PERSON);
    await Promise.all([sessions.end(session.key), sessions.update(session.key, { name: 'y', admin: true })]);
    await sessions.update(session.key, { name: 'y', admin: true });
    expect(await sessions.find(session.id)).toBeUndefined();
  });

  it('that ended make room: only a hundred that are open end the oldest', async () => {
    const { sessions } = setUp();
    const first = sessions.create();
    await sessions.open(first, PERSON);
    for (let count = 0; count < 150; count += 1) {
      const other = sessions.create();
      await sessions.open(other, PERSON);
      await sessions.end(other.key);
    }
    expect(await sessions.find(first.id)).toBeDefined();
    for (let count = 0; count < 100; count += 1) await sessions.open(sessions.create(), PERSON);
    expect(await sessions.find(first.id)).toBeUndefined();
  });
});
