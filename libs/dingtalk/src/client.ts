import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure, isPromise } from '#contract';
import { Deadline, currentRequest } from '#telemetry';
import { deadlineOf } from './deadline.js';
import type { AppEndpoint, PersonEndpoint } from './endpoint.js';
import { AppTokens } from './token/app-tokens.js';
import type { Bearer } from './token/bearer.js';
import { UserTokens } from './token/user-tokens.js';
import { Traffic } from './traffic/traffic.js';

type Sendable<Input, Output> = AppEndpoint<Input, Output> | PersonEndpoint<Input, Output>;

/** Share of the time left to a request that one write may take. */
const WRITE_SHARE = 0.6;

/** Whose own token a call carries. */
export interface TokenHolder {
  readonly sessionKey: string;
}

/** Calls DingTalk: the right token on the right call, renewed once where it is refused. */
@Injectable()
export class DingTalkClient {
  constructor(
    private readonly settings: Settings,
    private readonly traffic: Traffic,
    private readonly appTokens: AppTokens,
    private readonly userTokens: UserTokens,
  ) {}

  /** @throws Failure by the table of failures; a write that may have been made is OUTCOME_UNKNOWN. */
  send<Input, Output>(endpoint: AppEndpoint<Input, Output>, input: Input): Promise<Output>;
  send<Input, Output>(endpoint: PersonEndpoint<Input, Output>, input: Input, holder: TokenHolder): Promise<Output>;
  send<Input, Output>(
    endpoint: Sendable<Input, Output>,
    input: Input,
    holder: TokenHolder = { sessionKey: '' },
  ): Promise<Output> {
    const bearer = endpoint.bearer === 'app' ? this.appTokens : this.userTokens.of(holder.sessionKey);
    return this.sendWith(bearer, endpoint, input);
  }

  private async sendWith<Input, Output>(
    bearer: Bearer,
    endpoint: Sendable<Input, Output>,
    input: Input,
  ): Promise<Output> {
    this.mustBeOffered(endpoint);
    const deadline = this.deadlineFor(endpoint);
    const held = bearer.get();
    const token = isPromise(held) ? await held : held;
    try {
      return await this.attempt(endpoint, input, { token, deadline });
    } catch (error) {
      if (!isTokenRefused(error)) throw error;
    }
    const renewed = await bearer.renew(token);
    try {
      return await this.attempt(endpoint, input, { token: renewed, deadline });
    } catch (error) {
      if (isTokenRefused(error)) await bearer.giveUp(renewed);
      throw error;
    }
  }

  private mustBeOffered({ name, effect, bearer }: Sendable<never, unknown>): void {
    // What is not in the trail is not done.
    if (effect === 'write' && !currentRequest()?.change) {
      throw new Failure('INTERNAL', undefined, { note: `${name}: a change without an intent` });
    }
    if (bearer === 'app' && this.settings.dingtalk.thirdParty) throw notOffered();
  }

  /** One send. What a lost answer means depends on whether something may have been changed. */
  private attempt<Input, Output>(
    endpoint: Sendable<Input, Output>,
    input: Input,
    sending: { token: string; deadline: Deadline },
  ): Promise<Output> {
    const sent = this.traffic.send(endpoint, input, sending);
    if (endpoint.effect === 'read') return sent;
    return sent.catch((error: unknown) => {
      throw error instanceof Failure && error.details.mayHaveRun === true ? outcomeUnknown(error) : error;
    });
  }

  /** A write leaves a part of the request's time for finding out what became of it. */
  private deadlineFor({ effect }: Sendable<never, unknown>): Deadline {
    const deadline = deadlineOf(this.settings.dingtalk.timeoutMs);
    if (effect === 'read') return deadline;
    return new Deadline(Math.max(0, deadline.leftMs) * WRITE_SHARE, deadline);
  }
}

/** What a third-party app may not do, which is all but a person's own profile, is refused before any call. */
export const notOffered = (): Failure =>
  new Failure('DINGTALK_NOT_PERMITTED', undefined, {
    note: 'DINGTALK_APP_TYPE: a third-party app offers no such call',
  });

const isTokenRefused = (error: unknown): error is Failure =>
  error instanceof Failure && error.code === 'DINGTALK_TOKEN_REFUSED';

const outcomeUnknown = ({ code, details }: Failure): Failure =>
  new Failure('OUTCOME_UNKNOWN', undefined, { ...details, note: `${code}: ${details.note ?? ''}` });
