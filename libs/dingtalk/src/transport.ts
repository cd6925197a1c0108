import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import axios, { type AxiosResponse } from 'axios';
import { Settings } from '#config';
import { Failure } from '#contract';
import type { Answer, Dialect, Opened } from './dialect/dialect.js';
import { oapi } from './dialect/oapi.dialect.js';
import { v1 } from './dialect/v1.dialect.js';
import type { Api, Endpoint, Written } from './endpoint.js';
import { Reading, Unreadable } from './reading.js';
import { failureOf } from './refusal.js';
import { NetworkFault, type Passage, createPool, undiciAdapter } from './undici-adapter.js';

const DIALECTS: Readonly<Record<Api, Dialect>> = { v1, oapi };

const http = axios.create({
  maxRedirects: 0,
  proxy: false,
  responseType: 'text',
  transformRequest: [(body: unknown) => body],
  transformResponse: [(body: unknown) => body],
  validateStatus: null,
});

/** The signal ends the whole call, the reading of the answer included. */
interface Sending extends Passage {
  readonly token?: string;
  /** Is told DingTalk's own id of the answer. */
  readonly record?: { dingtalkRequestId?: string };
}

const MAX_RETRY_AFTER_S = 86_400;

const SAFE_SEGMENT = /^[A-Za-z0-9_=+-]{1,128}$/;

/** `/v1.0/contact/users/{unionId}` with its values: allow-listed first, since an encoded `..` still climbs. */
function fill(template: string, values: Written['path'] = {}): string {
  return template.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = values[name] ?? '';
    if (!SAFE_SEGMENT.test(value)) throw Failure.badInput(name, 'is not an id');
    return encodeURIComponent(value);
  });
}

const toNetworkFailure = ({ reason, sent, system }: NetworkFault): Failure => {
  const details = { note: `${reason}: ${system}`, mayHaveRun: sent };
  if (reason === 'deadline') return new Failure('DINGTALK_TIMEOUT', undefined, details);
  if (reason === 'given up') return new Failure('DINGTALK_TIMEOUT', undefined, { ...details, givenUp: true });
  if (reason === 'too large') return new Failure('DINGTALK_UNREADABLE', undefined, details);
  return new Failure('DINGTALK_UNAVAILABLE', undefined, { ...details, repeat: sent ? 'read' : 'any' });
};

function toAnswer({ status, data, headers }: AxiosResponse<string>): Answer {
  const toldS = Number(headers['retry-after']);
  const dateMs = Date.parse(String(headers['date']));
  return {
    status,
    text: data,
    ...(toldS > 0 && { retryAfterS: Math.min(Math.ceil(toldS), MAX_RETRY_AFTER_S) }),
    ...(Number.isFinite(dateMs) && { dateMs }),
  };
}

/** Sends one call and reads its answer. It knows no token but the one it is handed, and sends nothing twice. */
@Injectable()
export class Transport implements OnApplicationShutdown {
  private readonly pool = createPool();

  constructor(private readonly settings: Settings) {}

  async onApplicationShutdown(): Promise<void> {
    await this.pool.destroy();
  }

  /** @throws Failure, and nothing else: no error of axios, which would hold token and body, leaves this file. */
  async send<Input, Output>(endpoint: Endpoint<Input, Output>, input: Input, sending: Sending): Promise<Output> {
    const answer = await this.exchange(endpoint, endpoint.write(input), sending);
    try {
      const opened: Opened = DIALECTS[endpoint.api].open(answer);
      const requestId = 'refusal' in opened ? opened.refusal.requestId : opened.requestId;
      if (sending.record) sending.record.dingtalkRequestId = requestId;
      if ('refusal' in opened) throw failureOf(endpoint, opened.refusal);
      return endpoint.read(new Reading(opened.payload), input);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      // What stands between the gateway and DingTalk answers in its own words when DingTalk is away.
      const repeat = answer.status >= 500 ? 'read' : undefined;
      throw new Failure('DINGTALK_UNREADABLE', undefined, { note: error.message, mayHaveRun: true, repeat });
    }
  }

  private async exchange(endpoint: Endpoint<never, unknown>, written: Written, sending: Sending): Promise<Answer> {
    const { apiUrl, oapiUrl } = this.settings.dingtalk;
    const [method, template = ''] = endpoint.route.split(' ');
    const carried = sending.token === undefined ? {} : DIALECTS[endpoint.api].carry(sending.token);
    const query = carried.query ? `?${new URLSearchParams(carried.query)}` : '';
    const body = written.body && JSON.stringify(written.body);
    try {
      const response = await http.request<string>({
        method,
        url: `${endpoint.api === 'v1' ? apiUrl : oapiUrl}${fill(template, written.path)}${query}`,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...carried.headers,
        },
        data: body,
        adapter: undiciAdapter(this.pool, sending),
      });
      return toAnswer(response);
    } catch (error) {
      if (error instanceof Failure) throw error;
      if (error instanceof NetworkFault) throw toNetworkFailure(error);
      throw new Failure('INTERNAL', undefined, { note: `${endpoint.name}: the request could not be built` });
    }
  }
}
