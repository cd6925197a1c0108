import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '#config';
import { Failure } from '#contract';
import type { Answer, Dialect } from './dialect/dialect.js';
import { oapi } from './dialect/oapi.dialect.js';
import { v1 } from './dialect/v1.dialect.js';
import type { Api, Endpoint, Written } from './endpoint.js';
import { Reading, Unreadable } from './reading.js';
import { failureOf } from './refusal.js';
import { NetworkFault, type Passage, Wire, type WireAnswer, type WireRequest } from './wire.js';

const DIALECTS: Readonly<Record<Api, Dialect>> = { v1, oapi };

/** The deadline ends the whole call, the reading of the answer included. */
interface Sending extends Passage {
  readonly token?: string;
  /** Is told DingTalk's own id of the answer. */
  readonly record?: { dingtalkRequestId?: string };
}

/** What all requests of an endpoint have in common. */
interface Prepared {
  readonly method: WireRequest['method'];
  readonly origin: string;
  /** The path, cut where its values go; every other part is the name of one. */
  readonly parts: readonly string[];
}

/** Axios is loaded when something is sent by it. */
const exchangeByAxios = async (wire: Wire, request: WireRequest, sending: Sending): Promise<WireAnswer> => {
  const { exchangeByAxios: exchange } = await import('./by-axios.js');
  return exchange(wire, request, sending);
};

const MAX_RETRY_AFTER_S = 86_400;

const SAFE_SEGMENT = /^[A-Za-z0-9_=+-]{1,128}$/;

/** `/v1.0/contact/users/{unionId}` with its values: allow-listed first, since an encoded `..` still climbs. */
function fill(parts: readonly string[], values: Written['path'] = {}): string {
  let path = parts[0] ?? '';
  for (let at = 1; at < parts.length; at += 2) {
    const name = parts[at] ?? '';
    const value = values[name] ?? '';
    if (!SAFE_SEGMENT.test(value)) throw Failure.badInput(name, 'is not an id');
    path += encodeURIComponent(value) + (parts[at + 1] ?? '');
  }
  return path;
}

const toNetworkFailure = ({ reason, sent, system }: NetworkFault): Failure => {
  const details = { note: `${reason}: ${system}`, mayHaveRun: sent };
  if (reason === 'deadline') return new Failure('DINGTALK_TIMEOUT', undefined, details);
  if (reason === 'given up') return new Failure('DINGTALK_TIMEOUT', undefined, { ...details, givenUp: true });
  if (reason === 'too large') return new Failure('DINGTALK_UNREADABLE', undefined, details);
  return new Failure('DINGTALK_UNAVAILABLE', undefined, { ...details, repeat: sent ? 'read' : 'any' });
};

function toAnswer({ status, text, headers }: WireAnswer): Answer {
  const toldS = Number(headers['retry-after']);
  const dateMs = Date.parse(String(headers['date']));
  return {
    status,
    text,
    ...(toldS > 0 && { retryAfterS: Math.min(Math.ceil(toldS), MAX_RETRY_AFTER_S) }),
    ...(Number.isFinite(dateMs) && { dateMs }),
  };
}

/** Sends one call and reads its answer. It knows no token but the one it is handed, and sends nothing twice. */
@Injectable()
export class Transport implements OnApplicationShutdown {
  private readonly wire = new Wire();
  private readonly prepared = new WeakMap<object, Prepared>();

  constructor(private readonly settings: Settings) {}

  onApplicationShutdown(): Promise<void> {
    return this.wire.close();
  }

  /** @throws Failure, and nothing else: no error of axios, which would hold token and body, leaves this file. */
  async send<Input, Output>(endpoint: Endpoint<Input, Output>, input: Input, sending: Sending): Promise<Output> {
    const answer = await this.exchange(endpoint, endpoint.write(input), sending);
    try {
      const opened = DIALECTS[endpoint.api].open(answer);
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

  /** What is read goes by the shortest way; what changes something, and all with `FAST_PATH=off`, by axios. */
  private exchange(endpoint: Endpoint<never, unknown>, written: Written, sending: Sending): Promise<Answer> {
    const request = this.requestOf(endpoint, written, sending.token);
    const isDirect = endpoint.effect === 'read' && this.settings.fastPath;
    const answer = isDirect ? this.wire.exchange(request, sending) : exchangeByAxios(this.wire, request, sending);
    return answer.then(toAnswer, (error: unknown) => {
      if (error instanceof NetworkFault) throw toNetworkFailure(error);
      throw new Failure('INTERNAL', undefined, { note: `${endpoint.name}: the request could not be sent` });
    });
  }

  private requestOf(endpoint: Endpoint<never, unknown>, { path, body }: Written, token?: string): WireRequest {
    const { method, origin, parts } = this.prepare(endpoint);
    const carried = token === undefined ? {} : DIALECTS[endpoint.api].carry(token);
    const query = carried.query ? `?${new URLSearchParams(carried.query)}` : '';
    const headers: Record<string, string> = { accept: 'application/json', ...carried.headers };
    if (body) headers['content-type'] = 'application/json';
    return { method, origin, path: fill(parts, path) + query, headers, body: body && JSON.stringify(body) };
  }

  private prepare(endpoint: Endpoint<never, unknown>): Prepared {
    const known = this.prepared.get(endpoint);
    if (known) return known;
    const { apiUrl, oapiUrl } = this.settings.dingtalk;
    const [method, template = ''] = endpoint.route.split(' ');
    const { origin, pathname } = new URL(endpoint.api === 'v1' ? apiUrl : oapiUrl);
    const parts = (pathname.replace(/\/$/, '') + template).split(/[{}]/);
    const prepared: Prepared = { method: method as Prepared['method'], origin, parts };
    this.prepared.set(endpoint, prepared);
    return prepared;
  }
}
