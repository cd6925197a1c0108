import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure } from '#contract';
import { KeyValueStore, Locks } from '#state';
import { deadlineOf, within } from '../deadline.js';
import { Transport } from '../transport.js';
import type { Bearer } from './bearer.js';
import { type UserTokenGrant, fetchUserToken } from './token.endpoints.js';

const SPARE_MS = 5 * 60_000;

const accessKey = (sessionKey: string): string => `user-token:${sessionKey}`;
const refreshKey = (sessionKey: string): string => `user-refresh:${sessionKey}`;

const endedAtDingTalk = (): Failure =>
  new Failure('UNAUTHENTICATED', 'The sign-in at DingTalk has ended: sign in again.');

/** DingTalk's words for a code or refresh token that is used, ended or unknown; a wrong app secret is another thing. */
const isBadGrant = (error: unknown): boolean =>
  error instanceof Failure && (error.code === 'REJECTED' || error.code === 'NOT_FOUND');

/** People's own tokens, kept on the server under their sessions. No browser ever sees one. */
@Injectable()
export class UserTokens {
  constructor(
    private readonly settings: Settings,
    private readonly transport: Transport,
    private readonly store: KeyValueStore,
    private readonly locks: Locks,
  ) {}

  /**
   * Turns the one-time code of a sign-in into tokens and keeps them under the session.
   * @returns the organisation that the person chose, where DingTalk tells.
   * @throws Failure UNAUTHENTICATED for a bad, used or ended code.
   */
  async begin(sessionKey: string, authCode: string): Promise<{ corpId: string | null }> {
    try {
      const grant = await this.fetch({ code: authCode });
      await this.keep(sessionKey, grant);
      return { corpId: grant.corpId };
    } catch (error) {
      if (!isBadGrant(error)) throw error;
      throw new Failure('UNAUTHENTICATED', 'DingTalk does not know this authCode: it is wrong, used or has ended.');
    }
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
    if (!refreshToken) throw endedAtDingTalk();
    try {
      const grant = await this.fetch({ refreshToken: refreshToken.value });
      await this.keep(sessionKey, grant);
      return grant.accessToken;
    } catch (error) {
      if (!isBadGrant(error)) throw error;
      await this.forget(sessionKey);
      throw endedAtDingTalk();
    }
  }

  /** The refresh token first: the one before it is spent, and this one must not be lost. */
  private async keep(sessionKey: string, grant: UserTokenGrant): Promise<void> {
    const lifeMs = grant.lifeS * 1000;
    await this.store.put(refreshKey(sessionKey), grant.refreshToken, this.settings.session.maxS * 1000);
    await this.store.put(accessKey(sessionKey), grant.accessToken, Math.max(lifeMs - SPARE_MS, lifeMs / 2));
  }

  private fetch(grant: { code: string } | { refreshToken: string }): Promise<UserTokenGrant> {
    const { clientId, clientSecret, timeoutMs } = this.settings.dingtalk;
    // Its own deadline: a caller in a hurry must not cut off the answer that holds the next one-time refresh token.
    const signal = AbortSignal.timeout(timeoutMs);
    return this.transport.send(fetchUserToken, { clientId, clientSecret, ...grant }, { signal });
  }
}
