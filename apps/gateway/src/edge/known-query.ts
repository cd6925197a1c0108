import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { changesAtDoor } from '../trail/changes.js';
import { mustBeAlone } from './value.pipes.js';

const known = new WeakMap<object, boolean>();

/** Whether the handler of a route takes a query: then it says itself what is wrong with it. */
function takesQuery(context: ExecutionContext): boolean {
  const handler = context.getHandler();
  const told = known.get(handler);
  if (told !== undefined) return told;
  const args: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), handler.name);
  const takes = Object.keys(args ?? {}).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
  known.set(handler, takes);
  return takes;
}

/**
 * A query that a route knows nothing of is a mistake: `DELETE …?dryRun=true` must not delete.
 * @throws Failure BAD_INPUT
 */
export function mustKnowQuery(context: ExecutionContext): void {
  if (context.getType<string>() !== 'http' || takesQuery(context)) return;
  const { query, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
  if (routeOptions.url?.startsWith('/v1/')) mustBeAlone(query as Record<string, unknown>);
}

/** The same at every door but those of changes, where it is in the trail. */
@Injectable()
export class KnownQuery implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (!changesAtDoor(context)) mustKnowQuery(context);
    return true;
  }
}
