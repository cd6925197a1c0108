import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Failure } from '#contract';
import { KeyValueStore, Locks } from '#state';
import { SignInCookie } from './cookies.js';

/** How long DingTalk's page may take. */
const LIFE_S = 600;
/** Sign-ins that one browser may have under way, each in a tab of its own; what a cookie holds bounds them too. */
const MAX_PENDING = 4;
const MAX_COOKIE = 3800;

/** A state, and where to go on to in base64url. */
const PENDING = /^([\w-]{43})\.([\w-]*)$/;

type Pending = readonly [state: string, returnTo: string];

const storeKey = (state: string): string => `sign-in:${state}`;

function isEqual(one: string, other: unknown): boolean {
  if (typeof other !== 'string') return false;
  const [held, shown] = [Buffer.from(one), Buffer.from(other)];
  return held.length === shown.length && timingSafeEqual(held, shown);
}

/** A sign-in through DingTalk's page: it ends in the browser that began it, and once. */
@Injectable()
export class SignInStates {
  constructor(
    private readonly cookie: SignInCookie,
    private readonly store: KeyValueStore,
    private readonly locks: Locks,
  ) {}

  /** A `state` for DingTalk's page, and the cookie that binds it and where to go on to the browser. */
  begin(cookies: string | undefined, returnTo: string): { state: string; cookie: string } {
    const state = randomBytes(32).toString('base64url');
    const begun: Pending = [state, Buffer.from(returnTo).toString('base64url')];
    return { state, cookie: this.keep([begun, ...this.pending(cookies)]) };
  }

  /**
   * @returns where to go on to after the sign-in, and the cookie without it.
   * @throws Failure FORBIDDEN where this browser did not begin it.
   */
  resume(cookies: string | undefined, state: unknown): { returnTo: string; cookie: string } {
    const all = this.pending(cookies);
    const found = all.find(([begun]) => isEqual(begun, state));
    if (!found) {
      throw new Failure(
        'FORBIDDEN',
        'This sign-in is over, or was not begun in this browser. Whoever is signed in already need not begin again.',
      );
    }
    const returnTo = Buffer.from(found[1], 'base64url').toString();
    return { returnTo, cookie: this.keep(all.filter((one) => one !== found)) };
  }

  /** Only a sign-in that worked uses its state up: what strangers send fills no store. */
  once<Result>(state: string, work: () => Promise<Result>): Promise<Result> {
    return this.locks.hold(storeKey(state), async () => {
      if (await this.store.get(storeKey(state))) {
        throw new Failure('FORBIDDEN', 'This sign-in was finished before: begin a new one.');
      }
      const result = await work();
      await this.store.put(storeKey(state), 'used', LIFE_S * 1000);
      return result;
    });
  }

  private pending(cookies: string | undefined): Pending[] {
    const entries = this.cookie.read(cookies)?.split('~').slice(0, MAX_PENDING) ?? [];
    return entries.flatMap((entry) => {
      const [, state, returnTo] = PENDING.exec(entry) ?? [];
      return state === undefined || returnTo === undefined ? [] : [[state, returnTo] as const];
    });
  }

  /** The newest that fit. */
  private keep(all: readonly Pending[]): string {
    const entries = all.slice(0, MAX_PENDING).map((one) => one.join('.'));
    while (entries.join('~').length > MAX_COOKIE) entries.pop();
    return entries.length > 0 ? this.cookie.set(entries.join('~'), LIFE_S) : this.cookie.clear();
  }
}
