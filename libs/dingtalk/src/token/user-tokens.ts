import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure } from '#contract';
import { KeyValueStore, Locks } from '#state';
import { currentRequest, runInRequest } from '#telemetry';
import { deadlineOf, within } from '../deadline.js';
import { Transport } from '../transport.js';
import type { Bearer } from './bearer.js';
import { type UserTokenGrant, fetchUserToken } from './token.endpoints.js';

const SPARE_MS = 5 * 60_000;

const accessKey = (sessionKey: string): string => `user-token:${sessionKey}`;
const refreshKey = (sessionKey: string): string => `user-refresh:${sessionKey}`;

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

  constructor(
    private readonly settings: Settings,
    private readonly transport: Transport,
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
      await this.keepRefreshToken(sessionKey, grant);
      await this.keepAccessToken(sessionKey, grant);
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
  async ensure(sessionKey: string): Promise<boolean> {
    if (await this.store.get(accessKey(sessionKey))) return false;
    await this.get(sessionKey);
    return true;
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

  /** Waits for a refresh under way, which would keep its tokens after this. */
  end(sessionKey: string): Promise<void> {
    return this.locks.hold(sessionKey, () => this.forget(sessionKey));
  }

  private async forget(sessionKey: string): Promise<void> {
    await Promise.all([this.store.drop(accessKey(sessionKey)), this.store.drop(refreshKey(sessionKey))]);
  }

  private async get(sessionKey: string): Promise<string> {
    const held = await this.store.get(accessKey(sessionKey));
    if (held) return held.value;
    const deadline = deadlineOf(this.settings.dingtalk.timeoutMs);
    return within(deadline, () => this.locks.hold(sessionKey, () => this.refresh(sessionKey)));
  }

  private async refresh(sessionKey: string): Promise<string> {
    const [renewed, refreshToken] = await Promise.all([
      this.store.get(accessKey(sessionKey)),
      this.store.get(refreshKey(sessionKey)),
    ]);
    if (renewed) return renewed.value;
    try {
      if (!refreshToken) throw endedAtDingTalk();
      return await this.refreshWith(refreshToken.value, sessionKey);
    } catch (error) {
      if (isOver(error)) await this.die(sessionKey);
      throw error;
    }
  }

  /** The refresh token first: the one before it is spent, and this one must not be lost. */
  private async refreshWith(refreshToken: string, sessionKey: string): Promise<string> {
    const grant = await this.fetch({ refreshToken }).catch((error: unknown) => {
      throw isBadGrant(error) ? endedAtDingTalk() : error;
    });
    await this.keepRefreshToken(sessionKey, grant);
    await this.inOwnTime(() => this.watcher.refreshed(sessionKey));
    await this.keepAccessToken(sessionKey, grant);
    return grant.accessToken;
  }

  private async die(sessionKey: string): Promise<void> {
    await this.forget(sessionKey);
    await this.watcher.died(sessionKey);
  }

  /** A refresh goes on for everybody else where the caller who began it has no more time. */
  private inOwnTime<Result>(work: () => Promise<Result>): Promise<Result> {
    const deadline = AbortSignal.timeout(this.settings.dingtalk.timeoutMs);
    return runInRequest({ requestId: 'refresh', ...currentRequest(), deadline }, work);
  }

  private keepRefreshToken(sessionKey: string, { refreshToken }: UserTokenGrant): Promise<void> {
    return this.store.put(refreshKey(sessionKey), refreshToken, this.settings.session.maxS * 1000);
  }

  private keepAccessToken(sessionKey: string, { accessToken, lifeS }: UserTokenGrant): Promise<void> {
    const lifeMs = lifeS * 1000;
    return this.store.put(accessKey(sessionKey), accessToken, Math.max(lifeMs - SPARE_MS, lifeMs / 2));
  }

  private fetch(grant: { code: string } | { refreshToken: string }): Promise<UserTokenGrant> {
    const { clientId, clientSecret, timeoutMs } = this.settings.dingtalk;
    // Its own deadline: a caller in a hurry must not cut off the answer that holds the next one-time refresh token.
    const signal = AbortSignal.timeout(timeoutMs);
    return this.transport.send(fetchUserToken, { clientId, clientSecret, ...grant }, { signal });
  }
}
