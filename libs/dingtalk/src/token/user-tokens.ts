import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure, type Soon, soon } from '#contract';
import { KeyValueStore, Locks } from '#state';
import { Deadline, currentRequest, finished, runInRequest } from '#telemetry';
import { deadlineOf, within } from '../deadline.js';
import { Traffic } from '../traffic/traffic.js';
import type { Bearer } from './bearer.js';
import { type UserTokenGrant, fetchUserToken } from './token.endpoints.js';
import { Unkept } from './unkept.js';

const SPARE_MS = 5 * 60_000;
/** However long DingTalk lets a token live: its refresh is when the person’s standing is asked for. */
const LONGEST_MS = 2 * 3600_000;

/** How often, and how long apart, it is looked whether another replica has kept what it got. */
const LOOKS = 3;
const LOOK_MS = 200;

const accessKey = (sessionKey: string): string => `user-token:${sessionKey}`;
const refreshKey = (sessionKey: string): string => `user-refresh:${sessionKey}`;
/** A token that was got by a refresh while nobody could be asked whether it may still be used. */
const freshKey = (sessionKey: string): string => `user-fresh:${sessionKey}`;

const endedAtDingTalk = (): Failure => Failure.unauthenticated('The sign-in at DingTalk has ended: sign in again.');

export const UNKNOWN_AUTH_CODE = 'DingTalk does not know this authCode: it is wrong, used or has ended.';

/** DingTalk's words for a code or refresh token that is used, ended or unknown; a wrong app secret is another thing. */
const isBadGrant = (error: unknown): boolean =>
  error instanceof Failure && (error.code === 'REJECTED' || error.code === 'NOT_FOUND');

/** Who is told what becomes of the tokens of a session. */
export interface TokenWatcher {
  /** After each refresh, before the new token is used. What it throws keeps the token back. */
  refreshed(sessionKey: string): Promise<void>;
  /** The refresh token is dead: the sign-in is over. */
  died(sessionKey: string): Promise<void>;
}

const NOBODY: TokenWatcher = { refreshed: async () => undefined, died: async () => undefined };

const isOver = (error: unknown): boolean => error instanceof Failure && error.code === 'UNAUTHENTICATED';

/** People's own tokens, kept on the server under their sessions. No browser ever sees one. */
@Injectable()
export class UserTokens {
  private watcher = NOBODY;
  private readonly refreshing = new Map<string, Promise<string>>();
  private readonly unkept = new Unkept();

  constructor(
    private readonly settings: Settings,
    private readonly traffic: Traffic,
    private readonly store: KeyValueStore,
    private readonly locks: Locks,
  ) {}

  /** Sessions belong to others: they are told by this. */
  watch(watcher: TokenWatcher): void {
    this.watcher = watcher;
  }

  /**
   * Turns the one-time code of a sign-in into tokens and keeps them under the session.
   * @returns the organisation that the person chose, where DingTalk tells.
   * @throws Failure UNAUTHENTICATED for a bad, used or ended code.
   */
  async begin(sessionKey: string, authCode: string): Promise<{ corpId: string | null }> {
    try {
      const grant = await this.fetch({ code: authCode });
      await this.keep(sessionKey, grant);
      await this.release(sessionKey);
      return { corpId: grant.corpId };
    } catch (error) {
      if (!isBadGrant(error)) throw error;
      throw Failure.unauthenticated(UNKNOWN_AUTH_CODE);
    }
  }

  /**
   * Makes sure that the session has a token that has not ended.
   * @returns whether it had to be refreshed.
   */
  ensure(sessionKey: string): Soon<boolean> {
    return soon(this.store.get(accessKey(sessionKey)), (held) =>
      held ? false : soon(this.get(sessionKey), () => true),
    );
  }

  of(sessionKey: string): Bearer {
    return {
      get: () => this.get(sessionKey),
      renew: async (refused) => {
        await this.store.drop(accessKey(sessionKey), refused);
        return this.get(sessionKey);
      },
      giveUp: (refused) => this.store.drop(accessKey(sessionKey), refused),
    };
  }

  /** At once, and once more after a refresh under way, which would keep its tokens after this. */
  async end(sessionKey: string): Promise<void> {
    await this.forget(sessionKey);
    if (this.refreshing.has(sessionKey)) {
      void this.locks.hold(sessionKey, () => this.forget(sessionKey)).catch(() => undefined);
    }
  }

  private async forget(sessionKey: string): Promise<void> {
    this.unkept.drop(sessionKey);
    await Promise.all([accessKey, refreshKey, freshKey].map((key) => this.store.drop(key(sessionKey))));
  }

  private get(sessionKey: string): Soon<string> {
    const refresh = () => within(deadlineOf(this.settings.dingtalk.timeoutMs), () => this.refreshOnce(sessionKey));
    return soon(this.store.get(accessKey(sessionKey)), (held) => held?.value ?? refresh());
  }

  /** One refresh for all who wait, here by the shared promise and elsewhere by the lock; its failure is theirs too. */
  private refreshOnce(sessionKey: string): Promise<string> {
    const running =
      this.refreshing.get(sessionKey) ??
      this.locks.hold(sessionKey, () => this.refresh(sessionKey)).finally(() => this.refreshing.delete(sessionKey));
    this.refreshing.set(sessionKey, running);
    return finished(running);
  }

  private async refresh(sessionKey: string): Promise<string> {
    const renewed = await this.store.get(accessKey(sessionKey));
    if (renewed) return renewed.value;
    try {
      if (!(await this.store.get(freshKey(sessionKey)))) await this.fetchNext(sessionKey);
      await this.inOwnTime(() => this.watcher.refreshed(sessionKey));
    } catch (error) {
      if (isOver(error)) await this.die(sessionKey);
      throw error;
    }
    return this.release(sessionKey);
  }

  private async fetchNext(sessionKey: string): Promise<void> {
    if (await this.unkept.keepNow(sessionKey)) return;
    const spent = await this.store.get(refreshKey(sessionKey));
    if (!spent) throw endedAtDingTalk();
    try {
      const grant = await this.fetch({ refreshToken: spent.value });
      await this.unkept.keep(sessionKey, () => this.keep(sessionKey, grant));
    } catch (error) {
      if (!isBadGrant(error)) throw error;
      await this.mustBeRenewed(sessionKey, spent.value);
    }
  }

  /** Whoever stood still for longer than its lock comes with a refresh token that another replica has spent, and is about to keep. */
  private async mustBeRenewed(sessionKey: string, spent: string): Promise<void> {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const newest = await this.store.get(refreshKey(sessionKey));
      if (newest && newest.value !== spent) return;
      await pause(LOOK_MS);
    }
    throw endedAtDingTalk();
  }

  private async die(sessionKey: string): Promise<void> {
    await this.forget(sessionKey);
    await this.watcher.died(sessionKey);
  }

  /** A refresh goes on for everybody else where the caller who began it has no more time. */
  private inOwnTime<Result>(work: () => Promise<Result>): Promise<Result> {
    const deadline = new Deadline(this.settings.dingtalk.timeoutMs);
    return runInRequest({ requestId: 'refresh', ...currentRequest(), deadline }, work);
  }

  /** The refresh token first: the one before it is spent, and this one must not be lost. */
  private async keep(sessionKey: string, { accessToken, refreshToken, lifeS }: UserTokenGrant): Promise<void> {
    const lifeMs = Math.min(lifeS * 1000, LONGEST_MS);
    await this.store.put(refreshKey(sessionKey), refreshToken, this.settings.session.maxS * 1000);
    await this.store.put(freshKey(sessionKey), accessToken, Math.max(lifeMs - SPARE_MS, lifeMs / 2));
  }

  /** Lets a fresh token be used. */
  private async release(sessionKey: string): Promise<string> {
    const fresh = await this.store.get(freshKey(sessionKey));
    if (!fresh) throw endedAtDingTalk();
    await this.store.put(accessKey(sessionKey), fresh.value, fresh.leftMs);
    await this.store.drop(freshKey(sessionKey));
    return fresh.value;
  }

  private fetch(grant: { code: string } | { refreshToken: string }): Promise<UserTokenGrant> {
    const { clientId, clientSecret, timeoutMs } = this.settings.dingtalk;
    // Its own deadline: a caller in a hurry must not cut off the answer that holds the next one-time refresh token.
    const deadline = new Deadline(timeoutMs);
    return this.traffic.send(fetchUserToken, { clientId, clientSecret, ...grant }, { deadline });
  }
}
