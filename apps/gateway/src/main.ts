import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WrongAppsFile } from '#access';
import { WrongEnvironment, readSettings } from '#config';
import { Logger } from '#telemetry';
import { createGateway } from './bootstrap.js';
import { WrongDocumentsFile } from './edge/trusted-documents.js';

async function start(): Promise<void> {
  const settings = readSettings();
  const logger = new Logger(settings.logLevel);
  const app = await createGateway(settings, logger);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(app));
  await app.listen(settings.listen.port, settings.listen.host);
  app.useLogger(logger);
  const { host, port, publicUrl } = settings.listen;
  logger.event('info', 'listening', { host, port, publicUrl });
  if (settings.production && publicUrl.startsWith('http:')) {
    logger.event('warn', 'PUBLIC_URL is not https: people can sign in on this machine only', { publicUrl });
  }
}

/** Finishes what runs; then there is nothing left to wait for. */
async function stop(app: NestFastifyApplication): Promise<void> {
  await app.close();
  process.exit();
}

const CANNOT_LISTEN = new Set(['EADDRNOTAVAIL', 'EACCES', 'ENOTFOUND', 'EAI_AGAIN']);

const isToldWhole = (error: unknown): error is Error =>
  [WrongEnvironment, WrongAppsFile, WrongDocumentsFile].some((known) => error instanceof known);

/** What an operator reads when the start fails: one message, no stack where the reason is known. */
function reasonOf(error: unknown): string {
  if (isToldWhole(error)) return error.message;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE') return `Port ${port} of ${address} is taken: set PORT to a free one.`;
  if (code && CANNOT_LISTEN.has(code)) return `HOST and PORT cannot be listened on (${code}).`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

start().catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
});
