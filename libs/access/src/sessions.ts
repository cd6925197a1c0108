import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { type PersonCaller, type Scope } from '#contract';
import { KeyValueStore } from '#state';
import { digest } from './keys.js';

/** Who signed in, as kept under the session. */
export type SignedIn = Omit<PersonCaller, 'kind' | 'scopes' | 'sessionKey' | 'expiresAt'> & {
  readonly scopes: readonly Scope[];
};

interface KeptSession extends SignedIn {
  readonly endsAtMs: number;
}

/** A session id goes to the browser and is kept nowhere; its hash is the key of all that is kept. */
export interface SessionId {
  readonly id: string;
  readonly key: string;
}

const storeKey = (sessionKey: string): string => `session:${sessionKey}`;

@Injectable()
export class Sessions {
  constructor(
    private readonly settings: Settings,
    private readonly store: KeyValueStore,
  ) {}

  /** 256 random bits and the key under which the session will be kept. */
  create(): SessionId {
    const id = randomBytes(32).toString('base64url');
    return { id, key: digest(id) };
  }

  async open({ key }: SessionId, person: SignedIn): Promise<PersonCaller> {
    const session: KeptSession = { ...person, endsAtMs: Date.now() + this.settings.session.maxS * 1000 };
    await this.store.put(storeKey(key), JSON.stringify(session), this.lifeOf(session));
    return toPerson(key, session);
  }

  /** The person of a session that has not ended; using it keeps it from ending by idleness. */
  async find(id: string): Promise<PersonCaller | undefined> {
    const key = digest(id);
    const kept = await this.store.get(storeKey(key));
    if (!kept) return undefined;
    const session = JSON.parse(kept.value) as KeptSession;
    if (session.endsAtMs <= Date.now()) return undefined;
    await this.store.extend(storeKey(key), this.lifeOf(session));
    return toPerson(key, session);
  }

  async end(sessionKey: string): Promise<void> {
    await this.store.drop(storeKey(sessionKey));
  }

  private lifeOf({ endsAtMs }: KeptSession): number {
    return Math.min(this.settings.session.idleS * 1000, endsAtMs - Date.now());
  }
}

const toPerson = (sessionKey: string, { endsAtMs, scopes, ...person }: KeptSession): PersonCaller => ({
  ...person,
  kind: 'person',
  scopes: new Set(scopes),
  sessionKey,
  expiresAt: new Date(endsAtMs).toISOString(),
});
