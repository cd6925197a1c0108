import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure } from '#contract';
import { AuditStore } from '#audit';
import { AppTokens } from '#dingtalk';
import { StateHealth } from '#state';
import { Running } from '../edge/running.js';
import type { Check, Checks } from './checks.js';

/** Whoever asks at the very start waits until it is known how the database stands, but not longer. */
const LONGEST_OPENING_MS = 1000;

/** Whether the gateway can do its work: it holds, or gets, a token of DingTalk, can record changes, is not overloaded and not about to end. */
@Injectable()
export class Readiness {
  constructor(
    private readonly settings: Settings,
    private readonly appTokens: AppTokens,
    private readonly state: StateHealth,
    private readonly running: Running,
    private readonly audit: AuditStore,
  ) {}

  async check(): Promise<Checks> {
    return { process: this.process(), ...(await this.token()), ...this.redis(), database: await this.database() };
  }

  private process(): Check {
    const { load, drain } = this.running;
    const reason = drain.isDraining ? 'it is about to end' : load.isSteady ? 'it runs' : 'its event loop lags behind';
    return { ok: load.isSteady && !drain.isDraining, needed: true, reason };
  }

  /** With a third-party app nothing is done that would need the app's own token. */
  private async token(): Promise<Checks> {
    if (this.settings.dingtalk.thirdParty) return {};
    try {
      await this.appTokens.get();
      return { token: { ok: true, needed: true, reason: 'DingTalk accepts the app' } };
    } catch (error) {
      const { code, details } = error instanceof Failure ? error : new Failure('INTERNAL');
      const reason = [code, details.dingtalkCode, details.note].filter(Boolean).join(': ');
      return { token: { ok: false, needed: true, reason } };
    }
  }

  /** Without it nothing is changed; what is read is read all the same. */
  private async database(): Promise<Check> {
    await Promise.race([this.audit.known, pause(LONGEST_OPENING_MS, undefined, { ref: false })]);
    const { isThere, reason } = this.audit.tell();
    return { ok: isThere, needed: true, reason };
  }

  /** Without it apps are served all the same. */
  private redis(): Checks {
    const health = this.state.tell();
    if (!health) return {};
    const { isThere, replicas, reason } = health;
    const told = isThere ? `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}` : reason;
    return { redis: { ok: isThere, needed: false, reason: told } };
  }
}
