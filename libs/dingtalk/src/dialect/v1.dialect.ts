import { isObject } from '#contract';
import { Unreadable } from '../reading.js';
import { type Body, bodyOf, isBan, isWord, refusal, requestIdOf, scopesOf, tellsBan } from './body.js';
import type { Answer, Dialect, Opened } from './dialect.js';
import { isOapiRefusal, oapiRefusal } from './oapi.dialect.js';

// DingTalk's raw answers are lower case; its Java gateway has been seen to write PascalCase.
const field = (body: Body, name: string): unknown =>
  body[name] ?? Object.entries(body).find(([key]) => key.toLowerCase() === name)?.[1];

function requiredScopes(body: Body): string[] {
  const detail = field(body, 'accessdenieddetail');
  const scopes = isObject(detail) ? (detail['requiredScopes'] ?? detail['RequiredScopes']) : undefined;
  return Array.isArray(scopes) ? scopesOf(scopes) : [];
}

/** The new generation: token in a header, failures by HTTP status and `code`. */
export const v1: Dialect = {
  carry: (token) => ({ headers: { 'x-acs-dingtalk-access-token': token } }),

  open(answer: Answer): Opened {
    if (answer.status === 429) return refusal(answer, tellsBan(answer) ? 'banned' : 'throttled');
    const body = bodyOf(answer);
    if (isBan(body)) return refusal(answer, 'banned');
    if (isOapiRefusal(body)) return oapiRefusal(answer, body);
    if (answer.status >= 200 && answer.status < 300) return { payload: body };
    const code = field(body, 'code');
    if (!isWord(code)) throw new Unreadable(`no code at HTTP ${answer.status}`);
    return refusal(answer, code, {
      requestId: requestIdOf(field(body, 'requestid')),
      scopes: requiredScopes(body),
    });
  },
};
