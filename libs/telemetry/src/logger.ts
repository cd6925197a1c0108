import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger as Pino, pino } from 'pino';
import { hideSecrets, scrub } from './redact.js';
import { currentRequest } from './request-context.js';

type Line = Record<string, unknown>;

/** Lines are written together: so many bytes of them, or what there is after a moment. Trouble is told at once. */
const MIN_BYTES = 8 * 1024;
const FLUSH_MS = 50;
const TROUBLE = new Set(['error', 'warn']);

/** JSON lines on standard output, each with the request it belongs to. It is Nest's logger too. */
export class Logger implements LoggerService {
  private readonly pino: Pino;

  constructor(level: string, destination?: DestinationStream) {
    const options = {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }), log: hideSecrets },
      mixin: () => {
        const request = currentRequest();
        if (!request) return {};
        const { requestId, traced, caller } = request;
        return { requestId, traceId: traced?.traceId, caller };
      },
    };
    // At the end of the process nothing is left.
    const written = () => pino.destination({ sync: false, minLength: MIN_BYTES, periodicFlush: FLUSH_MS });
    this.pino = pino(options, destination ?? written());
  }

  /** One thing that happened, with its figures. */
  event(level: 'error' | 'warn' | 'info' | 'debug', message: string, line: Line = {}): void {
    this.pino[level](line, message);
    if (TROUBLE.has(level)) this.pino.flush();
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

  private nest(level: 'error' | 'warn' | 'info' | 'debug', message: unknown, context: unknown[]): void {
    const text = message instanceof Error ? (message.stack ?? message.message) : String(message);
    this.pino[level]({ from: context.filter((word) => typeof word === 'string').at(-1) }, scrub(text));
  }
}
