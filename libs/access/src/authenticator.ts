import { Injectable } from '@nestjs/common';
import { type AppCaller, type Caller, Failure, type Soon, soon } from '#contract';
import { SessionCookie } from './cookies.js';
import { InternalApps } from './internal-apps.js';
import { JwtCallers } from './jwt-callers.js';
import { Sessions } from './sessions.js';

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** Finds out who asks. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly apps: InternalApps,
    private readonly jwts: JwtCallers,
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
  ) {}

  /**
   * An internal app by its key or JWT, or a person by the session cookie, which is ignored where `Authorization` is shown.
   * @returns undefined where the request shows nothing at all.
   * @throws Failure UNAUTHENTICATED for what is shown and wrong, FORBIDDEN for a cookie without `x-csrf: 1`.
   */
  authenticate(headers: Headers): Soon<Caller | undefined> {
    const authorization = one(headers['authorization']);
    if (authorization !== undefined) return this.byToken(authorization);
    const sessionId = this.cookie.read(one(headers['cookie']));
    if (sessionId === undefined) return undefined;
    if (one(headers['x-csrf']) !== '1') {
      throw new Failure('FORBIDDEN', 'A call with the session cookie needs the header x-csrf: 1.');
    }
    return soon(this.sessions.find(sessionId), (person) => {
      if (!person) throw Failure.unauthenticated('The session has ended: sign in again.');
      return person;
    });
  }

  private byToken(authorization: string): Soon<AppCaller> {
    const token = /^Bearer +([^\s]{1,8192})$/i.exec(authorization)?.[1];
    if (!token) throw Failure.unauthenticated('Authorization is to read: Bearer <key or JWT>.');
    return soon(this.apps.find(token) ?? this.jwts.find(token), (caller) => {
      if (!caller) throw Failure.unauthenticated('The key is not known.');
      return caller;
    });
  }
}

export const nobody = (): Failure =>
  new Failure('UNAUTHENTICATED', 'Show the key of an internal app (Authorization: Bearer <key>) or sign in.');
