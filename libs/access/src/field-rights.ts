import { type Caller, type Scope, isObject } from '#contract';

/** Fields that say how to reach a person, on whatever type they stand, by their names; `orgEmailType` is none. */
const PERSONAL: readonly [RegExp, Scope][] = [
  [/mobile/i, 'user:read:mobile'],
  [/e-?mail(?!type)/i, 'user:read:email'],
];

const BEFORE_AFTER = new Set(['before', 'after']);

/** The scope that a field of a record needs; undefined for one that is free to whoever may read the record. */
export function scopeOf(name: string, record?: unknown): Scope | undefined {
  // A change tells which field it is of by another: { field: 'mobile', before, after }.
  const told = BEFORE_AFTER.has(name) && isObject(record) ? record['field'] : name;
  return typeof told === 'string' ? scopeFor(told) : undefined;
}

const scopes = new Map<string, Scope | undefined>();
/** Names of fields are few; those of free JSON may be any. */
const MAX_NAMES = 1000;

function scopeFor(name: string): Scope | undefined {
  if (scopes.has(name)) return scopes.get(name);
  const scope = PERSONAL.find(([form]) => form.test(name))?.[1];
  if (scopes.size < MAX_NAMES) scopes.set(name, scope);
  return scope;
}

const isSame = (one: unknown, other: string | null): boolean => typeof one === 'string' && one === other;

function isOwn(caller: Caller, record: unknown): boolean {
  if (caller.kind !== 'person' || !isObject(record)) return false;
  return isSame(record['unionId'], caller.unionId) || isSame(record['userId'], caller.userId);
}

/** Whether a caller may read such a field of that record. A person's default scopes hold for their own record only. */
export function mayRead(caller: Caller, scope: Scope, record: unknown): boolean {
  if (caller.kind === 'app' || isOwn(caller, record)) return caller.scopes.has(scope);
  return caller.scopesForAll.has(scope);
}

/** `139****1234`; undefined for what is not such a number. */
const masked = (value: unknown): string | undefined =>
  typeof value === 'string' && /^1[0-9]{10}$/.test(value) ? `${value.slice(0, 3)}****${value.slice(-4)}` : undefined;

/** A copy of an answer in which what the caller may not read is masked or absent, however deep it stands. */
export function conceal(answer: unknown, caller: Caller): unknown {
  if (Array.isArray(answer)) return answer.map((item) => conceal(item, caller));
  if (!isObject(answer)) return answer;
  const shown = Object.entries(answer).map(([name, value]) => {
    const scope = scopeOf(name, answer);
    // A flag that is named after the field, as hideMobile, is no number.
    if (!scope || typeof value === 'boolean' || mayRead(caller, scope, answer)) return [name, conceal(value, caller)];
    return [name, masked(value)];
  });
  return Object.fromEntries(shown.filter(([, value]) => value !== undefined));
}
