import type { ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import type { GraphQLResolveInfo } from 'graphql';
import { isObject } from '#contract';
import type { GraphQLContext } from '../edge/graphql-context.js';

const isGraphQL = (context: ExecutionContext): boolean => context.getType<string>() === 'graphql';

/** What was asked at a door, in either protocol. */
export function askedAt(context: ExecutionContext): unknown {
  if (isGraphQL(context)) return GqlExecutionContext.create(context).getArgs<unknown>();
  const { body, params } = context.switchToHttp().getRequest<FastifyRequest>();
  return { ...(isObject(body) && body), ...(params as object) };
}

/** Whether it is only asked what would be changed. */
export function isDryRun(context: ExecutionContext): boolean {
  if (isGraphQL(context)) return GqlExecutionContext.create(context).getArgs<{ dryRun?: unknown }>().dryRun === true;
  const { query } = context.switchToHttp().getRequest<FastifyRequest>();
  return (query as { readonly dryRun?: unknown }).dryRun === 'true';
}

/** A door of a GraphQL operation was asked at: what becomes of it is recorded there. */
export function markReached(context: ExecutionContext): void {
  if (!isGraphQL(context)) return;
  const graphql = GqlExecutionContext.create(context);
  const { path } = graphql.getInfo<GraphQLResolveInfo>();
  graphql.getContext<GraphQLContext>().reached.add(String(path.key));
}
