import { Unreadable } from '../reading.js';
import { type Body, bodyOf, isBan, refusal, requestIdOf, scopesOf } from './body.js';
import type { Answer, Dialect, Opened } from './dialect.js';

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** Codes 88 and 15 are wrappers: what happened is in `sub_code`, or in the text alone. */
function effectiveCode(body: Body): string {
  const told = asText(body['sub_code']) ?? /subcode=([^\s,\]]+)/.exec(asText(body['errmsg']) ?? '')?.[1];
  return told || (asText(body['errcode']) ?? '');
}

function requiredScopes(body: Body): string[] {
  const listed = /requiredScopes=\[([^\]]*)\]/.exec(asText(body['errmsg']) ?? '')?.[1] ?? '';
  return scopesOf(listed.split(',').map((word) => word.trim()));
}

export const isOapiRefusal = (body: Body): boolean => Number(asText(body['errcode']) ?? 0) !== 0;

export const oapiRefusal = (answer: Answer, body: Body): Opened =>
  refusal(answer, effectiveCode(body), { requestId: requestIdOf(body['request_id']), scopes: requiredScopes(body) });

/** The old generation: token in the query, HTTP 200 for everything, `errcode` tells. */
export const oapi: Dialect = {
  carry: (token) => ({ query: { access_token: token } }),

  open(answer: Answer): Opened {
    if (answer.status === 429) return refusal(answer, 'throttled');
    const body = bodyOf(answer);
    if (isBan(body)) return refusal(answer, 'banned');
    if (isOapiRefusal(body)) return oapiRefusal(answer, body);
    if (answer.status !== 200 || body['errcode'] === undefined) {
      throw new Unreadable(`no errcode at HTTP ${answer.status}`);
    }
    return { payload: body['result'] ?? body };
  },
};
