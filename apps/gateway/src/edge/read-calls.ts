import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { Settings } from '#config';
import { currentRequest } from '#telemetry';

/**
 * What one REST read may ask of DingTalk is bounded, and all else is finished also for a caller who goes away. GraphQL tells
 * by operation, in `doors.plugin.ts`.
 */
@Injectable()
export class ReadCalls implements NestInterceptor {
  constructor(private readonly settings: Settings) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = currentRequest();
    if (request && context.getType<string>() === 'http') {
      if (READS.has(method(context))) request.calls = { left: this.settings.dingtalk.callsMax };
      else request.changes = true;
    }
    return next.handle();
  }
}

/** HEAD is answered by whoever answers GET. */
const READS = new Set(['GET', 'HEAD']);

const method = (context: ExecutionContext): string => context.switchToHttp().getRequest<FastifyRequest>().method;
