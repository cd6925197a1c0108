import 'reflect-metadata';
import cluster from 'node:cluster';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '#config';
import { Logger, Metrics, Traces } from '#telemetry';
import { createGateway } from './bootstrap.js';
import { tellDefects } from './defects.js';
import { endBySignals } from './ending.js';
import { type AdminListener, listenForOperators } from './health/admin-listener.js';
import { Readiness } from './health/readiness.service.js';
import { ofOneProcess } from './health/told.js';
import { answerPrimary } from './workers/worker.js';

/** Starts one process of the gateway, which may be one of several workers. */
export async function startGateway(settings: Settings): Promise<void> {
  const logger = new Logger(settings.logLevel);
  const traces = settings.tracing ? await Traces.load() : new Traces();
  const app = await createGateway(settings, logger, traces);
  const admin = settings.admin && (await tellOperators(app, settings.admin));
  endBySignals(app, { settings, logger, admin });
  await app.listen(settings.listen.port, settings.listen.host);
  tellDefects(logger);
  app.useLogger(logger);
  const { host, port, publicUrl } = settings.listen;
  logger.event('info', 'listening', { host, port, publicUrl, ...(admin && { adminUrl: admin.url }) });
  if (settings.production && publicUrl.startsWith('http:')) {
    logger.event('warn', 'PUBLIC_URL is not https: people can sign in on this machine only', { publicUrl });
  }
}

/** Of workers the primary tells. */
async function tellOperators(
  app: NestFastifyApplication,
  settings: NonNullable<Settings['admin']>,
): Promise<AdminListener | undefined> {
  const [metrics, readiness] = [app.get(Metrics), app.get(Readiness)];
  if (cluster.isPrimary) return listenForOperators(ofOneProcess(metrics, readiness), settings);
  metrics.watchProcess();
  answerPrimary({ figures: () => metrics.figures(), checks: () => readiness.check() });
  return undefined;
}
