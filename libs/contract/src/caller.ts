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

/** An internal app that showed its key. It is no person: calls that need a person's own token are shut for it. */
export interface AppCaller {
  readonly kind: 'app';
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** A person with a session. */
export interface PersonCaller {
  readonly kind: 'person';
  readonly userId: string;
  readonly unionId: string;
  readonly name: string;
  readonly corpId: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Under which the person's own DingTalk tokens are kept; it is not the session id and opens nothing. */
  readonly sessionKey: string;
  /** When the session ends at the latest, in ISO 8601. */
  readonly expiresAt: string;
}

export type Caller = AppCaller | PersonCaller;
