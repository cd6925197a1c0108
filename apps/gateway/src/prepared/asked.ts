import type { FastifyRequest } from 'fastify';
import { isObject } from '#contract';
import type { Asked } from '../edge/trusted-documents.js';

/** What a plain request asks for. */
export interface PlainRequest {
  readonly asked: Asked;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly contentType: string;
}

const JSON_TYPES = new Set(['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8']);

const AS_JSON = 'application/json; charset=utf-8';
const AS_RESPONSE = 'application/graphql-response+json; charset=utf-8';

/** As GraphQL clients ask for it, and what Apollo answers them with. */
const ANSWERED_WITH = new Map<string | undefined, string>([
  [undefined, AS_JSON],
  ['*/*', AS_JSON],
  ['application/json', AS_JSON],
  ['application/json, text/plain, */*', AS_JSON],
  ['application/json, */*', AS_JSON],
  ['application/graphql-response+json', AS_RESPONSE],
  ['application/graphql-response+json, application/json;q=0.9', AS_RESPONSE],
  ['application/graphql-response+json,application/json;q=0.9', AS_RESPONSE],
  [
    'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
    AS_RESPONSE,
  ],
]);

const FIELDS = new Set(['query', 'operationName', 'variables', 'extensions', 'documentId']);
const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/;

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

const isName = (value: unknown): value is string | null | undefined =>
  isAbsent(value) || (typeof value === 'string' && NAME.test(value));

const isMap = (value: unknown): value is PlainRequest['variables'] => isAbsent(value) || isObject(value);

const isKnown = (body: object): boolean => {
  for (const field in body) if (!FIELDS.has(field)) return false;
  return true;
};

/** Whether the request may be sent again and again: only changes are told so. */
const hasKey = (headers: FastifyRequest['headers'], extensions: object | null | undefined): boolean =>
  headers['idempotency-key'] !== undefined || (isObject(extensions) && 'idempotencyKey' in extensions);

/** @returns undefined for whatever is out of the ordinary: Apollo knows what to say to it. */
export function plainRequest({ headers, method, body }: FastifyRequest): PlainRequest | undefined {
  const contentType = ANSWERED_WITH.get(headers.accept);
  if (contentType === undefined || method !== 'POST') return undefined;
  if (!JSON_TYPES.has(String(headers['content-type'])) || !isObject(body) || !isKnown(body)) return undefined;
  const { query, operationName, variables, extensions } = body;
  if (!isAbsent(query) && typeof query !== 'string') return undefined;
  if (!isName(operationName) || !isMap(variables) || !isMap(extensions) || hasKey(headers, extensions))
    return undefined;
  return { asked: body, operationName, variables, contentType };
}
