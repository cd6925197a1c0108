import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger as Pino, pino } from 'pino';
import { isoTime } from './iso-time.js';
import { hideSecrets, scrub } from './redact.js';
import { currentRequest } from './request-context.js';
import { standardOutput } from './standard-output.js';

type Line = Record<string, unknown>;

const TROUBLE: ReadonlySet<string> = new Set(['error', 'warn']);

type Level = 'error' | 'warn' | 'info' | 'debug';

/** JSON lines on standard output, each with the request it belongs to. It is Nest's logger too. */
export class Logger implements LoggerService {
  private readonly pino: Pino;
  private readonly destination: DestinationStream & { flush?(): void };

  constructor(level: string, destination?: DestinationStream) {
    const timestamp = () => `,"time":"${isoTime(Date.now())}"`;
    const options = { level, base: undefined, timestamp, formatters: { level: (label: string) => ({ level: label }) } };
    this.destination = destination ?? standardOutput();
    this.pino = pino(options, this.destination);
  }

  /** One thing that happened, with its figures. */
  event(level: Level, message: string, line: Line = {}): void {
    this.write(level, line, message);
  }

  /** Nest tells every route that it maps: that is for whoever looks for it. */
  log(message: unknown, ...context: unknown[]): void {
    this.nest('debug', message, context);
  }
  error(message: unknown, ...context: unknown[]): void {
    this.nest('error', message, context);
  }
  warn(message: unknown, ...context: unknown[]): void {
    this.nest('warn', message, context);
  }
  debug(message: unknown, ...context: unknown[]): void {
    this.nest('debug', message, context);
  }
  verbose(message: unknown, ...context: unknown[]): void {
    this.nest('debug', message, context);
  }

  private nest(level: Level, message: unknown, context: unknown[]): void {
    const text = message instanceof Error ? (message.stack ?? message.message) : String(message);
    this.write(level, { from: context.filter((word) => typeof word === 'string').at(-1) }, scrub(text));
  }

  private write(level: Level, line: Line, message: string): void {
    if (!this.pino.isLevelEnabled(level)) return;
    this.pino[level](inRequest(hideSecrets(line)), message);
    if (TROUBLE.has(level)) this.destination.flush?.();
  }
}

/** A line with the request that it belongs to. Pino's own mixins and formatters would cost half as much again. */
function inRequest(line: Line): Line {
  const request = currentRequest();
  if (!request) return line;
  const { requestId, traced, caller } = request;
  return { requestId, traceId: traced?.traceId, caller, ...line };
}
