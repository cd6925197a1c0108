import { Unreadable, isFields } from '../reading.js';
import type { Answer, Refusal } from './dialect.js';

export type Body = Readonly<Record<string, unknown>>;

/** The JSON object of an answer. Everything else that DingTalk has been seen to send is unreadable: HTML, nothing, null. */
export function bodyOf(answer: Answer): Body {
  if (answer.text.trim() === '') throw new Unreadable(`empty answer at HTTP ${answer.status}`);
  let body: unknown;
  try {
    body = JSON.parse(answer.text);
  } catch {
    const html = answer.text.trimStart().startsWith('<');
    throw new Unreadable(`${html ? 'HTML' : 'broken JSON'} at HTTP ${answer.status}`);
  }
  if (!isFields(body)) throw new Unreadable(`JSON that is no object at HTTP ${answer.status}`);
  return body;
}

/** An address that called too often is banned for five minutes and told so without any code. */
export const isBan = (body: Body): boolean => body['punish'] === 'deny';

export const refusal = (answer: Answer, code: string, more: Partial<Refusal> = {}): { refusal: Refusal } => ({
  refusal: { code, status: answer.status, scopes: [], retryAfterS: answer.retryAfterS, ...more },
});

const CODE = /^[A-Za-z0-9_.-]{1,100}$/;

/** A code, and not a text with an app key or an address in it: codes go out to callers. */
export const isCode = (value: unknown): value is string => typeof value === 'string' && CODE.test(value);

const SCOPE = /^[A-Za-z0-9_.-]{1,100}$/;

/** Names of permissions, and nothing else that the text may hold: an app key, an address, a link. */
export const scopesOf = (words: readonly unknown[]): string[] =>
  words.filter((word): word is string => typeof word === 'string' && SCOPE.test(word)).slice(0, 10);

const REQUEST_ID = /^[A-Za-z0-9_.-]{1,100}$/;

export const requestIdOf = (value: unknown): string | undefined =>
  typeof value === 'string' && REQUEST_ID.test(value) ? value : undefined;
