import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure } from '#contract';
import { KeyValueStore } from '#state';
import { Logger, deadlineIn } from '#telemetry';
import { deadlineOf, within } from '../deadline.js';
import { Traffic } from '../traffic/traffic.js';
import type { Bearer } from './bearer.js';
import { Spacing } from './spacing.js';
import { fetchAppToken } from './token.endpoints.js';

/** A token is not used in its last minutes: clocks and networks are not exact. */
const SPARE_MS = 5 * 60_000;
const BETWEEN_RENEWALS_MS = 30_000;
const STAYS_REFUSED_MS = 5000;

interface HeldToken {
  readonly token: string;
  readonly lifeMs: number;
}

/**
 * The app's token, fetched once for everybody and renewed before it ends, the old one serving meanwhile.
 * Kept by host, app and organisation: a token of one app never serves another.
 */
@Injectable()
export class AppTokens implements Bearer {
  private readonly key: string;
  private readonly spacing = new Spacing();
  /** Replicas and restarts do not renew in step. */
  private readonly renewShare = 0.2 + Math.random() * 0.3;
  private fetching?: Promise<string>;
  private nextRenewalMs = 0;

  constructor(
    private readonly settings: Settings,
    private readonly traffic: Traffic,
    private readonly store: KeyValueStore,
    private readonly logger: Logger,
  ) {
    const { apiUrl, clientId, corpId } = settings.dingtalk;
    const app = createHash('sha256')
      .update(JSON.stringify([apiUrl, clientId, corpId]))
      .digest('hex');
    this.key = `app-token:${app}`;
  }

  async get(): Promise<string> {
    const kept = await this.store.get(this.key);
    if (!kept) return this.shared();
    const { token, lifeMs } = JSON.parse(kept.value) as HeldToken;
    if (kept.leftMs < lifeMs * this.renewShare) this.renewBehind();
    return token;
  }

  async renew(refused: string): Promise<string> {
    await this.dropIfHeld(refused);
    const token = await this.get();
    if (token !== refused) return token;
    await this.giveUp(refused);
    throw this.staysRefused();
  }

  async giveUp(refused: string): Promise<void> {
    await this.dropIfHeld(refused);
    this.spacing.pause(this.staysRefused(), STAYS_REFUSED_MS);
  }

  private staysRefused(): Failure {
    return new Failure('DINGTALK_TOKEN_REFUSED', undefined, { note: 'DingTalk refuses the token that it just gave' });
  }

  /** Compare-and-delete: a token that somebody else has renewed meanwhile stays. */
  private async dropIfHeld(token: string): Promise<void> {
    const kept = await this.store.get(this.key);
    if (kept && (JSON.parse(kept.value) as HeldToken).token === token) await this.store.drop(this.key, kept.value);
  }

  private shared(): Promise<string> {
    return within(deadlineOf(this.settings.dingtalk.timeoutMs), () => this.fetchOnce());
  }

  private renewBehind(): void {
    if (this.fetching || performance.now() < this.nextRenewalMs) return;
    this.nextRenewalMs = performance.now() + BETWEEN_RENEWALS_MS;
    // A failure is in the log already; the old token still serves.
    this.fetchOnce(true).catch(() => undefined);
  }

  private fetchOnce(renewal = false): Promise<string> {
    this.fetching ??= this.fetch(renewal).finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  private async fetch(renewal: boolean): Promise<string> {
    // Somebody may have stored one between the caller's look and now.
    const kept = renewal ? undefined : await this.store.get(this.key);
    if (kept) return (JSON.parse(kept.value) as HeldToken).token;
    this.spacing.check();
    const { clientId, clientSecret, timeoutMs } = this.settings.dingtalk;
    const sentAtMs = performance.now();
    try {
      const deadline = deadlineIn(timeoutMs);
      const grant = await this.traffic.send(fetchAppToken, { clientId, clientSecret }, { deadline });
      this.spacing.succeeded();
      await this.keep(grant.token, grant.lifeS * 1000, performance.now() - sentAtMs);
      this.logger.event('info', 'app token fetched', { lifeS: grant.lifeS });
      return grant.token;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // No caller is to blame for what the gateway's own credentials are refused for.
      const failure =
        error.row.blame === 'caller' ? new Failure('DINGTALK_TOKEN_REFUSED', undefined, error.details) : error;
      this.spacing.failed(failure);
      const { dingtalkCode, dingtalkRequestId, note } = failure.details;
      this.logger.event('error', 'no app token', { code: failure.code, dingtalkCode, dingtalkRequestId, note });
      throw failure;
    }
  }

  /** The life of a token counts from when it was asked for. */
  private async keep(token: string, toldMs: number, tookMs: number): Promise<void> {
    const lifeMs = Math.max(toldMs - SPARE_MS, toldMs / 2) - tookMs;
    const held: HeldToken = { token, lifeMs };
    await this.store.put(this.key, JSON.stringify(held), lifeMs);
  }
}
