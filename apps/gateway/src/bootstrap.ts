import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '#config';
import type { Logger } from '#telemetry';
import { AppModule } from './app.module.js';
import { MAX_BODY, readJsonBodies } from './edge/json-body.js';
import { serveApiPage } from './edge/api-page.js';
import { admitOrigins } from './edge/origins.js';
import { handleRequests, refuseAddress, requestIdOf } from './edge/requests.js';
import { RouteTable } from './edge/route-table.js';

const MAX_PARAM_LENGTH = 512;

/** Builds the gateway, ready to listen: the same for production, tests and the generated contract. */
export async function createGateway(settings: Settings, logger: Logger): Promise<NestFastifyApplication> {
  const { trustedProxies, allowedOrigins } = settings.listen;
  const routes = new RouteTable();
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    genReqId: requestIdOf,
    frameworkErrors: refuseAddress,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    forceCloseConnections: 'idle',
  });
  const fastify = adapter.getInstance();
  routes.watch(fastify);
  handleRequests(fastify, settings, logger);
  readJsonBodies(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(settings, logger, routes), adapter, {
    // What stops a start is thrown, and told once by whoever starts.
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  admitOrigins(app, allowedOrigins);
  if (!settings.production) serveApiPage(app);
  return app;
}
