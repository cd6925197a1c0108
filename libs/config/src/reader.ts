import { readFileSync } from 'node:fs';
import { isLoopback } from './addresses.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables one by one and collects what is wrong with them; says names and rules, never values. */
export class EnvironmentReader {
  readonly faults: string[] = [];

  constructor(private readonly environment: Environment) {}

  text(name: string, fallback?: string): string {
    const value = this.environment[name]?.trim();
    if (value) return value;
    if (fallback === undefined) this.faults.push(`${name} is required.`);
    return fallback ?? '';
  }

  optional(name: string): string | undefined {
    return this.environment[name]?.trim() || undefined;
  }

  secret(name: string): string {
    const value = this.optionalSecret(name);
    if (value === undefined) this.faults.push(`${name} is required.`);
    return value ?? '';
  }

  /** A secret may stand in the variable itself or in a file that `<name>_FILE` names. */
  optionalSecret(name: string): string | undefined {
    const file = this.optional(`${name}_FILE`);
    if (!file) return this.optional(name);
    if (this.optional(name)) this.faults.push(`${name} and ${name}_FILE are both set: keep one.`);
    try {
      const value = readFileSync(file, 'utf8').trim();
      if (!value) this.faults.push(`${name}_FILE names an empty file.`);
      return value;
    } catch {
      this.faults.push(`${name}_FILE names a file that cannot be read.`);
      return '';
    }
  }

  whole(name: string, fallback: number, min: number, max: number): number {
    const value = this.optional(name) ?? String(fallback);
    const number = Number(value);
    if (/^[0-9]+$/.test(value) && number >= min && number <= max) return number;
    this.faults.push(`${name} must be a whole number from ${min} to ${max}.`);
    return fallback;
  }

  choice<Word extends string>(name: string, words: readonly Word[], fallback: Word): Word {
    const value = this.optional(name) ?? fallback;
    const word = words.find((known) => known === value);
    if (word === undefined) this.faults.push(`${name} must be one of ${words.join(', ')}.`);
    return word ?? fallback;
  }

  /** Words of a known set, divided by spaces. */
  words<Word extends string>(name: string, known: readonly Word[], fallback: readonly Word[]): Word[] {
    const value = this.environment[name];
    if (value === undefined) return [...fallback];
    const words = value.split(/[\s,]+/).filter(Boolean);
    const unknown = words.filter((word) => !(known as readonly string[]).includes(word));
    if (unknown.length > 0) this.faults.push(`${name} holds an unknown scope; known are ${known.join(', ')}.`);
    return words as Word[];
  }

  /** Words that each keep a rule, divided by spaces or commas. */
  list(name: string, isRight: (word: string) => boolean, rule: string): string[] {
    const words = (this.environment[name] ?? '').split(/[\s,]+/).filter(Boolean);
    if (!words.every(isRight)) this.faults.push(`${name} ${rule}.`);
    return words;
  }

  /** A value in a notation of its own. */
  parsed<Value>(name: string, fallback: string, parse: (text: string) => Value | undefined, rule: string): Value {
    const value = parse(this.optional(name) ?? fallback);
    if (value === undefined) this.faults.push(`${name} ${rule}.`);
    return value ?? (parse(fallback) as Value);
  }

  /** A base URL without a trailing slash; https unless its host is this machine. */
  url(name: string, fallback: string): string {
    const text = this.optional(name) ?? fallback;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) {
      this.faults.push(`${name} must be an http or https URL.`);
      return fallback;
    }
    if (url.username || url.password || url.search || url.hash) {
      this.faults.push(`${name} must hold no user, query or fragment.`);
    }
    if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
      this.faults.push(`${name} must be https, since its host is not this machine.`);
    }
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  }
}
