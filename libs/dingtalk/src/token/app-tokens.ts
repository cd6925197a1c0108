import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure, type Soon } from '#contract';
import { Deadline, Logger } from '#telemetry';
import { deadlineOf, within } from '../deadline.js';
import { Traffic } from '../traffic/traffic.js';
import type { Bearer } from './bearer.js';
import { SharedAppToken } from './shared-app-token.js';
import { Spacing } from './spacing.js';
import { fetchAppToken } from './token.endpoints.js';

/** A token is not used in its last minutes: clocks and networks are not exact. */
const SPARE_MS = 5 * 60_000;
const BETWEEN_RENEWALS_MS = 30_000;
const STAYS_REFUSED_MS = 5000;

/** A token as this replica holds it, on its own clock. */
interface HeldToken {
  readonly token: string;
  readonly beganMs: number;
  readonly endsMs: number;
  readonly renewsMs: number;
}

/**
 * The app's token, fetched once for everybody and renewed before it ends, the old one serving meanwhile. Each replica holds
 * it, so that nobody needs the store for it; what one has fetched, all use. Where the store is away each fetches for itself:
 * DingTalk gives all of them the same one.
 */
@Injectable()
export class AppTokens implements Bearer {
  private readonly spacing = new Spacing();
  /** Replicas and restarts do not renew in step. */
  private readonly renewShare = 0.2 + Math.random() * 0.3;
  private own?: HeldToken;
  /** The last one that DingTalk refused: it is not taken from the store again. */
  private refused?: string;
  private fetching?: Promise<string>;
  private nextRenewalMs = 0;

  constructor(
    private readonly settings: Settings,
    private readonly traffic: Traffic,
    private readonly everywhere: SharedAppToken,
    private readonly logger: Logger,
  ) {}

  /** How old the token is that is held here, and how long it is still used. */
  get held(): { readonly ageMs: number; readonly leftMs: number } | undefined {
    if (!this.own) return undefined;
    const nowMs = performance.now();
    return { ageMs: nowMs - this.own.beganMs, leftMs: Math.max(0, this.own.endsMs - nowMs) };
  }

  get(): Soon<string> {
    const held = this.own;
    const nowMs = performance.now();
    if (!held || held.endsMs <= nowMs) return this.shared();
    if (held.renewsMs <= nowMs) this.renewBehind();
    return held.token;
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

  /** A token that somebody else has renewed meanwhile stays. */
  private async dropIfHeld(token: string): Promise<void> {
    this.refused = token;
    if (this.own?.token === token) this.own = undefined;
    await this.everywhere.dropIf(token);
  }

  private shared(): Promise<string> {
    return within(deadlineOf(this.settings.dingtalk.timeoutMs), () => this.fetchOnce());
  }

  private renewBehind(): void {
    if (this.fetching || performance.now() < this.nextRenewalMs) return;
    this.nextRenewalMs = performance.now() + BETWEEN_RENEWALS_MS;
    // A failure is in the log already; the old token still serves.
    this.fetchOnce().catch(() => undefined);
  }

  /** One fetch for all who wait, here by the shared promise and elsewhere by the lock. */
  private fetchOnce(): Promise<string> {
    this.fetching ??= this.adoptOrFetch().finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  private async adoptOrFetch(): Promise<string> {
    const adopted = await this.adopt();
    if (adopted !== undefined) return adopted;
    const fetch = async (fence: number) => (await this.adopt()) ?? this.fetch(fence);
    return this.everywhere.alone(fetch);
  }

  /** Takes the token that another replica has fetched, where that is newer than what is held here. */
  private async adopt(): Promise<string | undefined> {
    const kept = await this.everywhere.get();
    if (!kept || kept.token === this.refused) return undefined;
    if (this.own && kept.leftMs < kept.lifeMs * this.renewShare) return undefined;
    this.hold(kept.token, kept.lifeMs, kept.leftMs);
    return kept.token;
  }

  private async fetch(fence: number): Promise<string> {
    this.spacing.check();
    const { clientId, clientSecret, timeoutMs } = this.settings.dingtalk;
    const sentAtMs = performance.now();
    try {
      const deadline = new Deadline(timeoutMs);
      const grant = await this.traffic.send(fetchAppToken, { clientId, clientSecret }, { deadline });
      this.spacing.succeeded();
      await this.keep(grant.token, grant.lifeS * 1000, { tookMs: performance.now() - sentAtMs, fence });
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
  private async keep(token: string, toldMs: number, { tookMs, fence }: { tookMs: number; fence: number }) {
    const lifeMs = Math.max(toldMs - SPARE_MS, toldMs / 2) - tookMs;
    this.hold(token, lifeMs, lifeMs);
    if (token === this.refused) this.refused = undefined;
    await this.everywhere.put(token, lifeMs, fence);
  }

  private hold(token: string, lifeMs: number, leftMs: number): void {
    const endsMs = performance.now() + leftMs;
    this.own = { token, beganMs: endsMs - lifeMs, endsMs, renewsMs: endsMs - lifeMs * this.renewShare };
  }
}
