import { type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { Failure, IDS, type IdName, isId, isPlainText, lengthOf } from '#contract';

/** An id in a path or an argument. */
export class IdPipe implements PipeTransform<unknown, string> {
  constructor(
    private readonly name: IdName,
    /** What null means, where it means something. */
    private readonly fallback?: string,
  ) {}

  transform(told: unknown, { data = 'id' }: ArgumentMetadata): string {
    const value = told ?? this.fallback;
    if (!isId(this.name, value)) throw Failure.badInput(data, IDS[this.name].rule);
    return value;
  }
}

/** An id that may be left out; Relay sends null for what it leaves out. */
export class OptionalIdPipe implements PipeTransform<unknown, string | undefined> {
  private readonly pipe: IdPipe;

  constructor(name: IdName) {
    this.pipe = new IdPipe(name);
  }

  transform(told: unknown, metadata: ArgumentMetadata): string | undefined {
    return told === undefined || told === null ? undefined : this.pipe.transform(told, metadata);
  }
}

/** An id as the one parameter of a query. */
export class IdQueryPipe implements PipeTransform<Readonly<Record<string, unknown>>, string> {
  constructor(
    private readonly param: string,
    private readonly name: IdName,
  ) {}

  transform({ [this.param]: value, ...others }: Readonly<Record<string, unknown>>): string {
    mustBeAlone(others);
    if (value === undefined) throw Failure.badInput(this.param, 'is required');
    if (!isId(this.name, value)) throw Failure.badInput(this.param, IDS[this.name].rule);
    return value;
  }
}

/** What a query holds besides is a name that was mistyped. */
export function mustBeAlone(others: Readonly<Record<string, unknown>>): void {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw Failure.badInput(unknown.slice(0, 64), 'is not known here');
}

const NOT_A_FLAG = 'must be true or false';

/** The `dryRun` of a mutation. `null` is no answer to whether something is to be changed. */
export class DryRunPipe implements PipeTransform<unknown, boolean> {
  transform(value: unknown): boolean {
    if (typeof value !== 'boolean') throw Failure.badInput('dryRun', NOT_A_FLAG);
    return value;
  }
}

/** The same as the one parameter of a query: a name that is mistyped must not turn it into a change. */
export class DryRunQueryPipe implements PipeTransform<Readonly<Record<string, unknown>>, boolean> {
  transform({ dryRun = 'false', ...others }: Readonly<Record<string, unknown>>): boolean {
    mustBeAlone(others);
    if (dryRun !== 'true' && dryRun !== 'false') throw Failure.badInput('dryRun', NOT_A_FLAG);
    return dryRun === 'true';
  }
}

export const MAX_SEARCH = 64;

/** What to search for. */
export class SearchPipe implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    const isRight =
      typeof value === 'string' && isPlainText(value) && value.trim() !== '' && lengthOf(value) <= MAX_SEARCH;
    if (!isRight) throw Failure.badInput('query', `must be 1 to ${MAX_SEARCH} characters`);
    return value;
  }
}
