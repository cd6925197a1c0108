import { Injectable } from '@nestjs/common';
import type { Caller } from '#contract';
import { currentRequest, scrub } from '#telemetry';
import { Authenticator, type Headers } from './authenticator.js';
import { CallerLimits, type Quota, mustBeAllowed } from './caller-limits.js';
import { Standings } from './standings.js';

/** The part of a request that access looks at; what is found out once stays on it. */
export interface AskingRequest {
  readonly headers: Headers;
  /** From where, as far as proxies are believed. */
  readonly ip: string;
  caller?: Caller;
  quota?: Quota;
}

/** Meets whoever asks: who they are, and whether they ask too often. */
@Injectable()
export class Callers {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly limits: CallerLimits,
    private readonly standings: Standings,
  ) {}

  /** Finds out who asks and counts one operation. */
  async meet(request: AskingRequest): Promise<void> {
    await this.recognise(request);
    await this.count(request, 1);
  }

  /** Finds out who asks. */
  async recognise(request: AskingRequest): Promise<void> {
    request.caller = await this.authenticator.authenticate(request.headers);
    if (request.caller) note(request.caller);
  }

  /** Counts the other operations of a request that asks for several. */
  async countRest(request: AskingRequest, all: number): Promise<void> {
    if (all > 1) await this.count(request, all - 1, all);
  }

  /**
   * Makes sure that a person still belongs to the organisation, which at times asks DingTalk; their rights may have changed.
   * @throws Failure UNAUTHENTICATED for whoever does not.
   */
  async confirm(request: AskingRequest): Promise<void> {
    if (request.caller?.kind === 'person') request.caller = await this.standings.confirm(request.caller);
  }

  private async count(request: AskingRequest, operations: number, all = operations): Promise<void> {
    if (!request.caller) return;
    request.quota = await this.limits.count(request.caller, operations, all);
    mustBeAllowed(request.quota);
  }
}

function note(caller: Caller): void {
  const request = currentRequest();
  if (!request) return;
  const isApp = caller.kind === 'app';
  request.actor = isApp ? `app:${caller.id}` : `person:${caller.userId ?? caller.unionId}`;
  request.caller = isApp ? `app:${scrub(caller.id)}` : 'person';
  request.turn = isApp ? { name: `app:${caller.id}`, rank: 'batch' } : { name: caller.sessionKey, rank: 'person' };
}
