import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Telemetry, runInRequest } from '#telemetry';
import { outcomes } from './outcomes.js';
import { whenOver } from './when-over.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** The caller has gone before the answer: nginx' word for it. */
const GONE = 499;

/** Balancers ask how it is every second or two: that would be most of the log. */
const levelOf = (route: string): 'debug' | 'info' => (route.startsWith('/health/') ? 'debug' : 'info');

/** Tells operators of requests: a line each, figures and the span of a trace. A GraphQL answer of 200 may hold failures. */
export function reportRequests(fastify: FastifyInstance, { logger, metrics, traces }: Telemetry): void {
  const by = ['method', 'route'] as const;
  const ended = metrics.counter(
    'gateway_requests_total',
    'Requests by route, HTTP status (499: the caller has gone) and failure code, which is empty where none failed',
    [...by, 'status', 'code'],
  );
  const took = metrics.seconds('gateway_request_seconds', 'How long requests took', by);
  const report = (request: FastifyRequest, { raw, statusCode, elapsedTime }: FastifyReply) => {
    const { context, failure } = outcomes.of(request);
    const { reason, operation, traced } = context ?? {};
    const status = raw.writableFinished ? statusCode : GONE;
    const route = request.routeOptions.url ?? 'none';
    const method = METHODS.has(request.method) ? request.method : 'other';
    const ms = Math.round(elapsedTime);
    const line = { requestId: request.id, method, route, operation, status, ms, failure, reason };
    const tell = () => logger.event(levelOf(route), 'request', line);
    if (context) runInRequest(context, tell);
    else tell();
    ended.inc({ method, route, status: String(status), code: failure ?? '' });
    took.observe({ method, route }, elapsedTime / 1000);
    const told = { 'http.request.method': method, 'http.route': route, 'http.response.status_code': status };
    traces.end(traced, `${method} ${route}`, { ...told, 'gateway.operation': operation }, failure);
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    whenOver(reply, () => report(request, reply));
    done();
  });
}
