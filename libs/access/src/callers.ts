import { Injectable } from '@nestjs/common';
import { type Caller, type Soon, soon } from '#contract';
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
  meet(request: AskingRequest): Soon<void> {
    return soon(this.recognise(request), () => this.count(request, 1));
  }

  /** Finds out who asks. */
  recognise(request: AskingRequest): Soon<void> {
    return soon(this.authenticator.authenticate(request.headers), (caller) => {
      request.caller = caller;
      if (caller) note(caller);
    });
  }

  /** Counts the other operations of a request that asks for several. */
  countRest(request: AskingRequest, all: number): Soon<void> {
    return all > 1 ? this.count(request, all - 1, all) : undefined;
  }

  /**
   * Makes sure that a person still belongs to the organisation, which at times asks DingTalk; their rights may have changed.
   * @throws Failure UNAUTHENTICATED for whoever does not.
   */
  confirm(request: AskingRequest): Soon<void> {
    if (request.caller?.kind !== 'person') return;
    return soon(this.standings.confirm(request.caller), (person) => {
      request.caller = person;
    });
  }

  private count(request: AskingRequest, operations: number, all = operations): Soon<void> {
    if (!request.caller) return;
    return soon(this.limits.count(request.caller, operations, all), (quota) => {
      request.quota = quota;
      mustBeAllowed(quota);
    });
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
