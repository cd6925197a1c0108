import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WrongAppsFile } from '#access';
import { WrongEnvironment, readSettings } from '#config';
import { Logger } from '#telemetry';
import { createGateway } from './bootstrap.js';

async function start(): Promise<void> {
  const settings = readSettings();
  const logger = new Logger(settings.logLevel);
  const app = await createGateway(settings, logger);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(app));
  await app.listen(settings.listen.port, settings.listen.host);
  logger.event('info', `listening on ${await app.getUrl()}`);
}

/** Finishes what runs; then there is nothing left to wait for. */
async function stop(app: NestFastifyApplication): Promise<void> {
  await app.close();
  process.exit();
}

/** What an operator reads when the start fails: one message, no stack where the reason is known. */
function reasonOf(error: unknown): string {
  if (error instanceof WrongEnvironment || error instanceof WrongAppsFile) return error.message;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE') return `Port ${port} of ${address} is taken: set PORT to a free one.`;
  if (code === 'EADDRNOTAVAIL' || code === 'EACCES') return `HOST and PORT cannot be listened on (${code}).`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

start().catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
});
