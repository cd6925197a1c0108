import { isObject } from '#contract';

const MOST_ITEMS = 50;
const MOST_CHARACTERS = 200;
const DEEPEST = 4;

/** Of longer texts the beginning is looked at, and less of it kept. */
const MOST_LOOKED_AT = 400;

const NUMBER_FIELD = /mobile|phone/i;
const EMAIL_FIELD = /mail/i;
const MOBILE = /(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9](?:[ .-]?[0-9]){8}(?![0-9])/g;
const EMAIL = /[^\s@<>"'(),;:]{1,64}@[^\s@<>"'(),;:]+\.[^\s@<>"'(),;:]+/g;

/** `138****5678`: enough to recognise a number that one knows, too little to call it. */
const maskNumber = (text: string): string =>
  text.length < 9 ? '****' : `${text.slice(0, text.length - 8)}****${text.slice(-4)}`;

const maskMobile = (text: string): string => maskNumber(text.replace(/[ .-]/g, ''));

const maskEmail = (text: string): string => `${text.slice(0, 1)}***${text.slice(Math.max(1, text.lastIndexOf('@')))}`;

/** Full-width digits and signs are read as what they mean, where that shows something. */
function masked(text: string): string {
  const plain = text.normalize('NFKC');
  const shown = plain.replace(MOBILE, maskMobile).replace(EMAIL, maskEmail);
  return shown === plain ? text : shown;
}

function text(field: string, value: string): string {
  if (NUMBER_FIELD.test(field)) return maskNumber(value);
  if (EMAIL_FIELD.test(field)) return value.includes('@') ? maskEmail(value) : '***';
  const kept = masked(value.slice(0, MOST_LOOKED_AT));
  return kept.length > MOST_CHARACTERS ? `${kept.slice(0, MOST_CHARACTERS)}…` : kept;
}

/** A number may be one that can be called. */
function number(field: string, value: number): number | string {
  const shown = text(field, String(value));
  return shown === String(value) ? value : shown;
}

/**
 * What may be kept of a value: no mobile number and no email whole, wherever it stands, and not more than a record should hold;
 * `…` stands for what is left out. Flags that are named after such a field, as `hideMobile`, say nothing of it.
 */
export function kept(field: string, value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return text(field, value);
  if (typeof value === 'number') return number(field, value);
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null) return null;
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map((item: unknown) => kept(field, item, depth + 1));
    return value.length > MOST_ITEMS ? [...items, '…'] : items;
  }
  return isObject(value) ? keptObject(value, depth) : '…';
}

function keptObject(value: Readonly<Record<string, unknown>>, depth: number): object {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const told = entries
    .slice(0, MOST_ITEMS)
    .map(([name, inner]) => [text('', name), kept(name, inner, depth + 1)] as const);
  return Object.fromEntries<unknown>(entries.length > MOST_ITEMS ? [...told, ['…', '…']] : told);
}
