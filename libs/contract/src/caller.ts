import type { Rate } from './rate.js';

export const SCOPES = [
  'user:read',
  'user:read:mobile',
  'user:read:email',
  'employee:read',
  'employee:write',
  'department:read',
  'department:write',
  'org-account:read',
  'org-account:write',
  'audit:read',
  'session:end',
] as const;

/** What a caller may do here. DingTalk's permissions are another thing: they belong to the app of the gateway. */
export type Scope = (typeof SCOPES)[number];

export const isScope = (word: string): word is Scope => (SCOPES as readonly string[]).includes(word);

/** Where the code of a sign-in is from. */
export enum Via {
  LOGIN = 'login',
  IN_APP = 'in-app',
}

/** An internal app that showed its key or a JWT. It is no person: calls that need a person's own token are shut for it. */
export interface AppCaller {
  readonly kind: 'app';
  /** That of the apps file, or `jwt:` and the name in the token: the two never meet. */
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Its own rate, where it has one. */
  readonly rate?: Rate | 'off';
}

/** A person with a session. */
export interface PersonCaller {
  readonly kind: 'person';
  /** How they signed in: by DingTalk's page, or from inside DingTalk, which gives no token of their own. */
  readonly via: Via;
  /** Null with a third-party app, which cannot ask for it. */
  readonly userId: string | null;
  readonly unionId: string;
  readonly name: string;
  readonly corpId: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Of these, the ones that hold for everybody's records; `user:read:mobile` and `:email` else hold for the own one. */
  readonly scopesForAll: ReadonlySet<Scope>;
  /** Under which the person's own DingTalk tokens are kept; it is not the session id and opens nothing. */
  readonly sessionKey: string;
  /** When the organisation last said that they belong to it, by this machine's clock. */
  readonly confirmedAtMs: number;
  /** When the session ends at the latest, in ISO 8601. */
  readonly expiresAt: string;
}

export type Caller = AppCaller | PersonCaller;
