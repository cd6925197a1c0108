import type { FastifyInstance } from 'fastify';
import { type Telemetry, currentRequest } from '#telemetry';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Tells operators of requests: a line each, figures and the span of a trace. A GraphQL answer of 200 may hold failures. */
export function reportRequests(fastify: FastifyInstance, { logger, metrics, traces }: Telemetry): void {
  const by = ['method', 'route'] as const;
  const ended = metrics.counter(
    'gateway_requests_total',
    'Requests by route, HTTP status and failure code, which is empty where none failed',
    [...by, 'status', 'code'],
  );
  const took = metrics.seconds('gateway_request_seconds', 'How long requests took', by);
  fastify.addHook('onResponse', async (request, reply) => {
    const { failure, reason, operation, traced } = currentRequest() ?? {};
    const { statusCode: status, elapsedTime } = reply;
    const route = request.routeOptions.url ?? 'none';
    const method = METHODS.has(request.method) ? request.method : 'other';
    const ms = Math.round(elapsedTime);
    // Balancers ask how it is every second or two: that would be most of the log.
    const level = route.startsWith('/health/') ? 'debug' : 'info';
    logger.event(level, 'request', { requestId: request.id, method, route, operation, status, ms, failure, reason });
    ended.inc({ method, route, status: String(status), code: failure ?? '' });
    took.observe({ method, route }, elapsedTime / 1000);
    const attributes = {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'gateway.operation': operation,
    };
    traces.end(traced, `${method} ${route}`, attributes, failure);
  });
}
