import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { Settings } from '#config';
import { currentRequest } from '#telemetry';

/** What one REST read may ask of DingTalk is bounded. GraphQL counts by operation, in `doors.plugin.ts`. */
@Injectable()
export class ReadCalls implements NestInterceptor {
  constructor(private readonly settings: Settings) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = currentRequest();
    const isRead = context.getType<string>() === 'http' && READS.has(method(context));
    if (isRead && request) request.calls = { left: this.settings.dingtalk.callsMax };
    return next.handle();
  }
}

/** HEAD is answered by whoever answers GET. */
const READS = new Set(['GET', 'HEAD']);

const method = (context: ExecutionContext): string => context.switchToHttp().getRequest<FastifyRequest>().method;
