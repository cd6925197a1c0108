import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { mustBeAlone } from './value.pipes.js';

/** Whether the handler of a route takes a query: then it says itself what is wrong with it. */
function takesQuery(context: ExecutionContext): boolean {
  const args: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name);
  return Object.keys(args ?? {}).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
}

/** A query that a route knows nothing of is a mistake: `DELETE …?dryRun=true` must not delete. */
@Injectable()
export class KnownQuery implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType<string>() === 'http' && !takesQuery(context)) {
      const { query, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
      if (routeOptions.url?.startsWith('/v1/')) mustBeAlone(query as Record<string, unknown>);
    }
    return next.handle();
  }
}
