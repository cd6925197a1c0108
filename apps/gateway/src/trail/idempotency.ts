import { createHash } from 'node:crypto';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Failure } from '#contract';
import { currentRequest } from '#telemetry';

const HEADER = 'idempotency-key';
/** Printable ASCII: it is the caller's own, and compared byte by byte. */
const FORM = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
const RULE = 'must be 1 to 255 printable characters of ASCII';

const hashOf = (asked: unknown): string => createHash('sha256').update(JSON.stringify(asked)).digest('hex');

/** Names the request that is under way: what it changes is changed once. */
function name(key: unknown, field: string, asked: unknown): void {
  if (typeof key !== 'string' || !FORM.test(key)) throw Failure.badInput(field, RULE);
  const request = currentRequest();
  if (request) request.key = { text: key, requestHash: hashOf(asked), begun: 0 };
}

/** Takes the `Idempotency-Key` of a REST request. */
export function keyOfRest(context: ExecutionContext): void {
  if (context.getType<string>() !== 'http') return;
  const { headers, method, url, body } = context.switchToHttp().getRequest<FastifyRequest>();
  const key = headers[HEADER];
  if (key !== undefined) name(key, 'Idempotency-Key', [method, url, body ?? null]);
}

interface Operation {
  readonly extensions?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
}

/** Takes that of a GraphQL request, which stands in `extensions.idempotencyKey` or in the same header. */
export function keyOfGraphQL({ headers }: Pick<FastifyRequest, 'headers'>, text: string, asked: Operation): void {
  const { idempotencyKey } = (asked.extensions ?? {}) as { readonly idempotencyKey?: unknown };
  const header = headers[HEADER];
  if (idempotencyKey === undefined && header === undefined) return;
  if (idempotencyKey !== undefined && header !== undefined && idempotencyKey !== header) {
    throw Failure.badInput('extensions.idempotencyKey', 'is not that of the header Idempotency-Key');
  }
  const { operationName = null, variables = null } = asked;
  name(idempotencyKey ?? header, 'extensions.idempotencyKey', [text, operationName, variables]);
}
