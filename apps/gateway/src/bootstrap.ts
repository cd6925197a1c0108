import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '#config';
import { type Logger, Metrics, Traces } from '#telemetry';
import { AppModule } from './app.module.js';
import { answerBroken } from './edge/broken-requests.js';
import { MAX_BODY, readJsonBodies } from './edge/json-body.js';
import { serveApiPage } from './edge/api-page.js';
import { concealAnswers } from './edge/field-rights.js';
import { admitOrigins } from './edge/origins.js';
import { reportRequests } from './edge/request-reports.js';
import { handleRequests, refuseAddress, requestIdOf } from './edge/requests.js';
import { RouteTable } from './edge/route-table.js';
import { Running } from './edge/running.js';
import { FastPath } from './prepared/fast-path.js';

const MAX_PARAM_LENGTH = 512;
/** How long a client may take for its headers, and for the whole of its request. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const CHECK_MS = 1000;

/** Input is checked by the rules of its classes: what compiles JSON schemas is not even loaded. */
const refuseSchemas = (): never => {
  throw new Error('Routes have no JSON schemas here.');
};
const noSchemas = { compilersFactory: { buildValidator: refuseSchemas, buildSerializer: refuseSchemas } };

/** Builds the gateway, ready to listen: the same for production, tests and the generated contract. */
export async function createGateway(
  settings: Settings,
  logger: Logger,
  traces = new Traces(),
): Promise<NestFastifyApplication> {
  const routes = new RouteTable();
  const telemetry = { logger, metrics: new Metrics(), traces };
  const running = new Running(settings.overloadLagMs);
  const adapter = new FastifyAdapter({
    ...{ bodyLimit: MAX_BODY, schemaController: noSchemas },
    trustProxy: settings.listen.trustedProxies.length > 0 && [...settings.listen.trustedProxies],
    genReqId: requestIdOf,
    frameworkErrors: refuseAddress,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    forceCloseConnections: 'idle',
    requestTimeout: REQUEST_MS,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: CHECK_MS },
    clientErrorHandler: answerBroken,
  });
  const fastify = adapter.getInstance();
  routes.watch(fastify);
  reportRequests(fastify, telemetry);
  running.watch(fastify);
  handleRequests(fastify, settings, traces, running.drain);
  readJsonBodies(fastify);
  concealAnswers(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(settings, { telemetry, routes, running }),
    adapter,
    {
      // What stops a start is thrown, and told once by whoever starts.
      logger: false,
      bodyParser: false,
      abortOnError: false,
    },
  );
  app.get(FastPath).watch(fastify);
  admitOrigins(app, settings.listen.allowedOrigins);
  if (!settings.production) serveApiPage(app);
  return app;
}
