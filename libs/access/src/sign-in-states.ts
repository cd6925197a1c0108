import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Failure } from '#contract';
import { KeyValueStore, Locks } from '#state';
import { SignInCookie } from './cookies.js';

/** How long DingTalk's page may take. */
const LIFE_S = 600;
const STATE = /^[\w-]{43}$/;

const storeKey = (state: string): string => `sign-in:${state}`;

const isEqual = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** A sign-in through DingTalk's page: it ends in the browser that began it, and once. */
@Injectable()
export class SignInStates {
  constructor(
    private readonly cookie: SignInCookie,
    private readonly store: KeyValueStore,
    private readonly locks: Locks,
  ) {}

  /** A `state` for DingTalk's page, and the cookie that binds it and where to go on to the browser. */
  begin(returnTo: string): { state: string; cookie: string } {
    const state = randomBytes(32).toString('base64url');
    const value = `${state}.${Buffer.from(returnTo).toString('base64url')}`;
    return { state, cookie: this.cookie.set(value, LIFE_S) };
  }

  /**
   * @returns where to go on to after the sign-in.
   * @throws Failure FORBIDDEN where this browser did not begin it.
   */
  resume(cookies: string | undefined, state: unknown): string {
    const [begun = '', returnTo = ''] = this.cookie.read(cookies)?.split('.') ?? [];
    if (typeof state === 'string' && STATE.test(state) && isEqual(state, begun)) {
      return Buffer.from(returnTo, 'base64url').toString();
    }
    throw new Failure('FORBIDDEN', 'This sign-in was not begun in this browser, or too long ago: begin it again.');
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

  end(): string {
    return this.cookie.clear();
  }
}
