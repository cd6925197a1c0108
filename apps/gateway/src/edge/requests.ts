import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '#config';
import { type Quota, secondsOf } from '#access';
import { Failure } from '#contract';
import { Deadline, type RequestContext, Stage, type Traces, currentRequest, runInRequest } from '#telemetry';
import type { Drain } from './drain.js';
import { PAGE_POLICY, headersFor } from './headers.js';
import { outcomes } from './outcomes.js';
import { sendProblem } from './problem.js';
import { whenOver } from './when-over.js';

const SANE_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's own request id, if it sent a sane one. */
export function requestIdOf(request: IncomingMessage): string {
  const id = request.headers['x-request-id'];
  return typeof id === 'string' && SANE_ID.test(id) ? id : randomUUID();
}

/** How the request stands against its limit, as the IETF's draft of RateLimit headers has it. */
function tellQuota(reply: FastifyReply, quota: Quota | undefined): void {
  if (!quota) return;
  const { name, most, windowMs, left, resetMs } = quota;
  reply.header('ratelimit-policy', `"${name}";q=${most};w=${secondsOf(windowMs)}`);
  reply.header('ratelimit', `"${name}";r=${left};t=${secondsOf(resetMs)}`);
}

/** `Cache-Control: no-cache`, as a browser sends when a person reloads. */
const asksAnew = (cacheControl = ''): boolean =>
  /(?:^|,)\s*(?:no-cache|no-store|max-age=0)\s*(?:,|$)/i.test(cacheControl);

let lastOrigin: string | undefined;

/** Whoever calls calls by the same name again and again. */
function isHost(protocol: string, host: string): boolean {
  const origin = `${protocol}://${host}`;
  if (origin === lastOrigin) return true;
  if (!URL.canParse(origin)) return false;
  lastOrigin = origin;
  return true;
}

/** What is wrong with a request before it is looked at. */
function faultOf({ protocol, host, url, headers }: FastifyRequest): Failure | undefined {
  // What builds URLs of it would fail on it, deep inside.
  if (!isHost(protocol, host)) return Failure.badInput('host', 'the header is not the name of a host');
  if (!isText(url)) return Failure.badInput('query', 'is not percent-encoded UTF-8');
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return undefined;
  return new Failure('UNSUPPORTED_MEDIA_TYPE', 'The body is not to be compressed.');
}

/** Whether what is percent-encoded in an address is UTF-8: others replace in silence what is not. */
function isText(url: string): boolean {
  if (!url.includes('%')) return true;
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

type Done = (error: Error | null, payload?: unknown) => void;

/** What fails on the way from a stage is a failure of the request: nobody else is around there who would tell it. */
function goOn(reply: FastifyReply, done: Done, payload?: unknown): void {
  try {
    done(null, payload);
  } catch (error) {
    // One of them may be what cannot be written.
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
    done(error as Error);
  }
}

/** What every request gets, whatever it asks for: an id, a deadline, headers. */
export function handleRequests(fastify: FastifyInstance, settings: Settings, traces: Traces, drain: Drain): void {
  const headers = headersFor(settings.listen.publicUrl.startsWith('https:'));
  const [arrived, answered] = [new Stage(), new Stage()];
  fastify.addHook('onRequest', (request, reply, done) => {
    // HTTP/1.0 need not name a host, and the health checks of some balancers do not.
    request.raw.headers.host ??= 'localhost';
    const fault = faultOf(request);
    if (fault) sendProblem(reply, fault);
    else done();
  });

  // After the body is read: reading it may leave the asynchronous context of earlier hooks.
  fastify.addHook('preValidation', (request, reply, done) => {
    const deadline = new Deadline(settings.dingtalk.timeoutMs);
    const readsThrough = asksAnew(request.headers['cache-control']);
    const traced = traces.begin(request.headers['traceparent']);
    const { follow } = drain;
    const { id: requestId, ip: address } = request;
    // Written out: what is spread and added to is slow on Node.js 20.
    const context: RequestContext = { requestId, deadline, readsThrough, traced, follow, address };
    outcomes.within(request, context);
    whenOver(reply, () => {
      if (reply.raw.writableFinished) deadline.close();
      else if (!context.changes) deadline.end();
    });
    runInRequest(context, () => arrived.enter(() => goOn(reply, done as Done)));
  });

  fastify.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-request-id', request.id);
    const { traced, key } = currentRequest() ?? {};
    if (traced?.span) reply.header('traceparent', traced.traceparent);
    if (key?.isReplayed) reply.header('idempotency-replayed', 'true');
    tellQuota(reply, (request as { quota?: Quota }).quota);
    if (String(reply.getHeader('content-type')).startsWith('text/html')) {
      reply.header('content-security-policy', PAGE_POLICY);
    }
    for (const [name, value] of headers) if (!reply.hasHeader(name)) reply.header(name, value);
    answered.enter(() => goOn(reply, done, payload));
  });
}

/** An address that cannot be read, as one with a broken percent sign: no route and no hook ever sees it. */
export function refuseAddress(_: unknown, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id).headers(Object.fromEntries(headersFor(false)));
  sendProblem(reply, Failure.badInput('path', 'cannot be read or is too long'));
}
