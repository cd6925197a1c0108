import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WrongAppsFile } from '#access';
import { type Settings, WrongEnvironment, readSettings } from '#config';
import { Logger, Metrics, Traces } from '#telemetry';
import { createGateway } from './bootstrap.js';
import { WrongDocumentsFile } from './edge/trusted-documents.js';
import { endBySignals, tellDefects } from './ending.js';
import { AdminListener } from './health/admin-listener.js';
import { Readiness } from './health/readiness.service.js';

async function start(): Promise<void> {
  const settings = readSettings();
  const logger = new Logger(settings.logLevel);
  const traces = settings.tracing ? await Traces.load() : new Traces();
  const app = await createGateway(settings, logger, traces);
  const admin = settings.admin && (await listenForOperators(app, settings.admin));
  endBySignals(app, { settings, logger, admin });
  await app.listen(settings.listen.port, settings.listen.host);
  tellDefects(logger);
  app.useLogger(logger);
  const { host, port, publicUrl } = settings.listen;
  logger.event('info', 'listening', {
    host,
    port,
    publicUrl,
    ...(admin && { adminUrl: admin.url }),
  });
  if (settings.production && publicUrl.startsWith('http:')) {
    logger.event('warn', 'PUBLIC_URL is not https: people can sign in on this machine only', { publicUrl });
  }
}

async function listenForOperators(
  app: NestFastifyApplication,
  { host, port }: NonNullable<Settings['admin']>,
): Promise<AdminListener> {
  const listener = new AdminListener(app.get(Readiness), app.get(Metrics));
  await listener.listen(port, host).catch((error: Error) => {
    throw Object.assign(error, { prefix: 'ADMIN_' });
  });
  return listener;
}

const CANNOT_LISTEN = new Set(['EADDRNOTAVAIL', 'EACCES', 'ENOTFOUND', 'EAI_AGAIN']);

const isToldWhole = (error: unknown): error is Error =>
  [WrongEnvironment, WrongAppsFile, WrongDocumentsFile].some((known) => error instanceof known);

/** What an operator reads when the start fails: one message, no stack where the reason is known. */
function reasonOf(error: unknown): string {
  if (isToldWhole(error)) return error.message;
  const { code, port, address, prefix = '' } = error as Partial<Record<'code' | 'port' | 'address' | 'prefix', string>>;
  if (code === 'EADDRINUSE') return `Port ${port} of ${address} is taken: set ${prefix}PORT to a free one.`;
  if (code && CANNOT_LISTEN.has(code)) return `${prefix}HOST and ${prefix}PORT cannot be listened on (${code}).`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

start().catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  // A listener, or the way to Redis, may be open already.
  process.exit(1);
});
