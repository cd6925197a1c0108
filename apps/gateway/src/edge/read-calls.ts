import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Settings } from '#config';
import { currentRequest } from '#telemetry';

/** HEAD is answered by whoever answers GET. */
const READS = new Set(['GET', 'HEAD']);

/**
 * What one REST read may ask of DingTalk is bounded, and all else is finished also for a caller who goes away. GraphQL tells
 * by operation, in `operations.ts`.
 */
@Injectable()
export class ReadCalls implements CanActivate {
  constructor(private readonly settings: Settings) {}

  canActivate(context: ExecutionContext): boolean {
    const request = currentRequest();
    if (!request || context.getType<string>() !== 'http') return true;
    const { method } = context.switchToHttp().getRequest<FastifyRequest>();
    if (READS.has(method)) request.calls = { left: this.settings.dingtalk.callsMax };
    else request.changes = true;
    return true;
  }
}
