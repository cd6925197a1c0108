import { isObject, isSmallJson } from '#contract';

type Fields = Readonly<Record<string, unknown>>;

/** DingTalk's answer is not what its document says. Holds the place, never the value. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads an answer of DingTalk field by field: absent is null, loose typing is understood, nonsense is told. */
export class Reading {
  private readonly fields: Fields;

  constructor(
    private readonly answer: unknown,
    private readonly place = 'answer',
  ) {
    this.fields = isObject(answer) ? answer : {};
  }

  /** The field, which must be there. */
  must(kind: 'text' | 'id', name: string): string;
  must(kind: 'flag', name: string): boolean;
  must(kind: 'text' | 'id' | 'flag', name: string): string | boolean {
    const value = this[kind](name);
    if (value === null) throw this.unreadable(name, 'is missing');
    return value;
  }

  text(name: string): string | null {
    const value = this.fields[name];
    return isAbsent(value) ? null : this.toText(value, name);
  }

  flag(name: string): boolean | null {
    const value = this.fields[name];
    if (isAbsent(value) || typeof value === 'boolean') return value ?? null;
    if (value === 'true' || value === 'false') return value === 'true';
    throw this.unreadable(name, 'is not true or false');
  }

  /** A whole number, exact. */
  whole(name: string): number | null {
    const value = this.fields[name];
    return isAbsent(value) || value === '' ? null : this.toWhole(value, name);
  }

  /** A place in an order: such numbers lie beyond 2^53 at times, and are told rounded. */
  rank(name: string): number | null {
    const value = this.fields[name];
    if (isAbsent(value) || value === '') return null;
    const number = Number(value);
    if (typeof value === 'object' || !Number.isFinite(number)) throw this.unreadable(name, 'is no number');
    return number;
  }

  /** How many there are: a whole number of 31 bits. */
  count(name: string): number | null {
    const value = this.whole(name);
    if (value !== null && (value < 0 || value >= 2 ** 31)) throw this.unreadable(name, 'is no count');
    return value;
  }

  /** A numeric id, as a string. */
  id(name: string): string | null {
    const value = this.whole(name);
    return value === null ? null : String(value);
  }

  texts(name: string): string[] {
    return this.list(name).map((value) => this.toText(value, name));
  }

  /** Numeric ids, as strings. */
  ids(name: string): string[] {
    return this.list(name).map((value) => String(this.toWhole(value, name)));
  }

  part(name: string): Reading | null {
    const value = this.fields[name];
    return isAbsent(value) ? null : this.inner(value, name);
  }

  parts(name: string): Reading[] | null {
    if (isAbsent(this.fields[name])) return null;
    return this.list(name).map((value, index) => this.inner(value, `${name}[${index}]`));
  }

  /** The answer itself as a list of objects. */
  items(): Reading[] {
    if (!Array.isArray(this.answer)) throw new Unreadable(`${this.place} is not a list`);
    return this.answer.map((value, index) => this.inner(value, `[${index}]`));
  }

  /** A JSON object, be it written as an object or as text; what is none, or too large to hand on, is null. */
  json(name: string): Record<string, unknown> | null {
    const value = this.fields[name];
    const object = typeof value === 'string' ? parsed(value) : value;
    return isObject(object) && isSmallJson(object) ? { ...object } : null;
  }

  /** DingTalk's documents show lists as JSON in a text, as `"[2,3,4]"`, and lists of one object as that object. */
  private list(name: string): readonly unknown[] {
    const told = this.fields[name];
    const value = typeof told === 'string' ? (told === '' ? [] : parsed(told)) : told;
    if (isAbsent(value) && isAbsent(told)) return [];
    if (isObject(value)) return [value];
    if (!Array.isArray(value)) throw this.unreadable(name, 'is not a list');
    return value as unknown[];
  }

  private inner(value: unknown, name: string): Reading {
    if (!isObject(value)) throw this.unreadable(name, 'is not an object');
    return new Reading(value, `${this.place}.${name}`);
  }

  private toText(value: unknown, name: string): string {
    if (typeof value === 'string') return value;
    if (Number.isSafeInteger(value) || typeof value === 'boolean') return String(value);
    throw this.unreadable(name, 'is not a text');
  }

  private toWhole(value: unknown, name: string): number {
    const number = typeof value === 'string' && /^-?[0-9]+$/.test(value) ? Number(value) : value;
    // JSON.parse has rounded what lies beyond 2^53 already: it must not pass for exact.
    if (!Number.isSafeInteger(number)) throw this.unreadable(name, 'is not an exact whole number');
    return number as number;
  }

  private unreadable(name: string, fault: string): Unreadable {
    return new Unreadable(`${this.place}.${name} ${fault}`);
  }
}
