import { Unreadable } from '../reading.js';
import { type Body, bodyOf, isBan, isWord, refusal, requestIdOf, scopesOf, tellsBan } from './body.js';
import type { Answer, Dialect, Opened } from './dialect.js';

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** The `errcode` as text, a number as which it may come included; undefined where there is none. */
const errcodeOf = (body: Body): string | undefined => {
  const code = asText(body['errcode']);
  return isWord(code) ? code : undefined;
};

/** Codes 88 and 15 are wrappers: what happened is in `sub_code`, or in the text alone. */
function effectiveCode(body: Body): string {
  const inText = /subcode=([^\s,\]]+)/.exec(asText(body['errmsg']) ?? '')?.[1];
  return [asText(body['sub_code']), inText].find(isWord) ?? errcodeOf(body) ?? 'unknown';
}

function requiredScopes(body: Body): string[] {
  const listed = /requiredScopes=\[([^\]]*)\]/.exec(asText(body['errmsg']) ?? '')?.[1] ?? '';
  return scopesOf(listed.split(',').map((word) => word.trim()));
}

const MAX_PENALTY_S = 300;

/** A penalty says in its text when it ends, on DingTalk's clock, to the second: `限制将在 2026-11-22 10:00:01 结束`. */
function penaltyS({ dateMs = Date.now() }: Answer, body: Body): number | undefined {
  const [, day, time] = /将在 ?(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) ?结束/.exec(asText(body['errmsg']) ?? '') ?? [];
  const endMs = Date.parse(`${day}T${time}+08:00`);
  if (!Number.isFinite(endMs)) return undefined;
  return Math.min(MAX_PENALTY_S, Math.max(1, Math.ceil((endMs - dateMs) / 1000)));
}

const isSuccess = (body: Body): boolean => /^0+$/.test(errcodeOf(body) ?? '');

export const isOapiRefusal = (body: Body): boolean => errcodeOf(body) !== undefined && !isSuccess(body);

export const oapiRefusal = (answer: Answer, body: Body): Opened =>
  refusal(answer, effectiveCode(body), {
    requestId: requestIdOf(body['request_id']),
    scopes: requiredScopes(body),
    retryAfterS: answer.retryAfterS ?? penaltyS(answer, body),
  });

/** The old generation: token in the query, HTTP 200 for everything, `errcode` tells. */
export const oapi: Dialect = {
  carry: (token) => ({ query: { access_token: token } }),

  open(answer: Answer): Opened {
    if (answer.status === 429) return refusal(answer, tellsBan(answer) ? 'banned' : 'throttled');
    const body = bodyOf(answer);
    if (isBan(body)) return refusal(answer, 'banned');
    if (isOapiRefusal(body)) return oapiRefusal(answer, body);
    if (answer.status !== 200 || !isSuccess(body)) {
      throw new Unreadable(`no errcode that can be read at HTTP ${answer.status}`);
    }
    return { payload: body['result'] ?? body, requestId: requestIdOf(body['request_id']) };
  },
};
