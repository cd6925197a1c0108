import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Settings } from '#config';
import { type PersonCaller, type Soon, soon } from '#contract';
import { KeyValueStore, Locks } from '#state';
import { digest } from './keys.js';

/** What the organisation says of a person: read anew from time to time while the session lives. */
export interface Standing {
  readonly name: string;
  /** DingTalk's `admin` flag. */
  readonly admin: boolean;
}

/** Who signed in. */
export type SignedIn = Pick<PersonCaller, 'via' | 'userId' | 'unionId' | 'corpId'> & Standing;

interface KeptSession extends SignedIn {
  readonly endsAtMs: number;
  readonly confirmedAtMs: number;
}

/** A session id goes to the browser and is kept nowhere; its hash is the key of all that is kept. */
export interface SessionId {
  readonly id: string;
  readonly key: string;
}

/** What is kept of a session, read. */
interface ReadSession {
  readonly text: string;
  readonly session: KeptSession;
  readonly person: PersonCaller;
}

/** Sessions that are not read anew as long as what is kept of them stays the same. */
const MAX_READ = 10_000;

/** Sessions that one person may have at once; a further one ends the oldest. */
const MAX_SESSIONS = 100;

const storeKey = (sessionKey: string): string => `session:${sessionKey}`;
const indexKey = (userId: string): string => `sessions-of:${userId}`;

@Injectable()
export class Sessions {
  private readonly known = new LRUCache<string, ReadSession>({ max: MAX_READ });

  constructor(
    private readonly settings: Settings,
    private readonly store: KeyValueStore,
    private readonly locks: Locks,
  ) {}

  /** 256 random bits and the key under which the session will be kept. */
  create(): SessionId {
    const id = randomBytes(32).toString('base64url');
    return { id, key: digest(id) };
  }

  /** @returns the person, and the keys of sessions that were ended since there were too many. */
  async open({ key }: SessionId, person: SignedIn): Promise<{ person: PersonCaller; ended: string[] }> {
    const nowMs = Date.now();
    const session = { ...person, endsAtMs: nowMs + this.settings.session.maxS * 1000, confirmedAtMs: nowMs };
    await this.keep(key, session);
    return { person: this.toPerson(key, session), ended: await this.enlist(key, session) };
  }

  /** The person of a session that has not ended; using it keeps it from ending by idleness. */
  find(id: string): Soon<PersonCaller | undefined> {
    const key = digest(id);
    return soon(
      this.read(key),
      (read) => read && soon(this.store.extend(storeKey(key), this.lifeOf(read.session)), () => read.person),
    );
  }

  /** The same by the key, which is no use of the session. */
  async get(key: string): Promise<PersonCaller | undefined> {
    return (await this.read(key))?.person;
  }

  /** Writes down what the organisation says now; a session that ended meanwhile stays ended. */
  update(key: string, standing: Standing): Promise<void> {
    return this.locks.hold(storeKey(key), async () => {
      const read = await this.read(key);
      if (read) await this.keep(key, { ...read.session, ...standing, confirmedAtMs: Date.now() });
    });
  }

  end(key: string): Promise<void> {
    return this.locks.hold(storeKey(key), () => this.store.drop(storeKey(key)));
  }

  /** @returns the keys of the sessions that the person had. */
  endAllOf(userId: string): Promise<string[]> {
    return this.locks.hold(indexKey(userId), async () => {
      const keys = await this.keysOf(userId);
      await Promise.all(keys.map((key) => this.end(key)));
      await this.store.drop(indexKey(userId));
      return keys;
    });
  }

  /** @returns the keys of the oldest sessions of that person, which were ended since there were too many. */
  private async enlist(key: string, { userId, unionId, endsAtMs }: KeptSession): Promise<string[]> {
    const owner = userId ?? unionId;
    return this.locks.hold(indexKey(owner), async () => {
      const keys = [...(await this.keysOf(owner)), key];
      const open = keys.length > MAX_SESSIONS ? await this.stillOpen(keys) : keys;
      const tooMany = open.slice(0, -MAX_SESSIONS);
      await Promise.all(tooMany.map((old) => this.end(old)));
      await this.store.put(indexKey(owner), JSON.stringify(open.slice(-MAX_SESSIONS)), endsAtMs - Date.now());
      return tooMany;
    });
  }

  private async stillOpen(keys: readonly string[]): Promise<string[]> {
    const sessions = await Promise.all(keys.map(async (key) => this.read(key)));
    return keys.filter((_, at) => sessions[at] !== undefined);
  }

  private async keysOf(owner: string): Promise<string[]> {
    const kept = await this.store.get(indexKey(owner));
    return kept ? (JSON.parse(kept.value) as string[]) : [];
  }

  private read(key: string): Soon<ReadSession | undefined> {
    return soon(this.store.get(storeKey(key)), (kept) => {
      const read = kept && this.readText(key, kept.value);
      return read && read.session.endsAtMs > Date.now() ? read : undefined;
    });
  }

  private readText(key: string, text: string): ReadSession {
    const known = this.known.get(key);
    if (known?.text === text) return known;
    const session = JSON.parse(text) as KeptSession;
    const read = { text, session, person: this.toPerson(key, session) };
    this.known.set(key, read);
    return read;
  }

  private keep(key: string, session: KeptSession): Promise<void> {
    return this.store.put(storeKey(key), JSON.stringify(session), this.lifeOf(session));
  }

  private lifeOf({ endsAtMs }: KeptSession): number {
    return Math.min(this.settings.session.idleS * 1000, endsAtMs - Date.now());
  }

  private toPerson(sessionKey: string, { endsAtMs, admin, ...person }: KeptSession): PersonCaller {
    const { personScopes, adminScopes } = this.settings.access;
    const scopesForAll = new Set(admin ? adminScopes : []);
    const scopes = new Set([...personScopes, ...scopesForAll]);
    return { ...person, kind: 'person', scopes, scopesForAll, sessionKey, expiresAt: new Date(endsAtMs).toISOString() };
  }
}
