import { isObject } from '#contract';
import { Unreadable } from '../reading.js';
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
  if (!isObject(body)) throw new Unreadable(`JSON that is no object at HTTP ${answer.status}`);
  return body;
}

/** An address that called too often is banned for five minutes and told so without any code. */
export const isBan = (body: Body): boolean => body['punish'] === 'deny';

/** The same of an answer that need not be JSON. */
export function tellsBan(answer: Answer): boolean {
  try {
    return isBan(bodyOf(answer));
  } catch {
    return false;
  }
}

export const refusal = (answer: Answer, code: string, more: Partial<Refusal> = {}): { refusal: Refusal } => ({
  refusal: { code, status: answer.status, scopes: [], retryAfterS: answer.retryAfterS, ...more },
});

const WORD = /^[A-Za-z0-9_.-]{1,100}$/;

/** A code, an id or the name of a permission, and not a text with an app key or an address in it: such words go out. */
export const isWord = (value: unknown): value is string => typeof value === 'string' && WORD.test(value);

const MAX_SCOPES = 10;

export const scopesOf = (words: readonly unknown[]): string[] => words.filter(isWord).slice(0, MAX_SCOPES);

export const requestIdOf = (value: unknown): string | undefined => (isWord(value) ? value : undefined);
