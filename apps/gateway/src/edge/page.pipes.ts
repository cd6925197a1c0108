import type { PipeTransform } from '@nestjs/common';
import { Failure, MAX_CURSOR, MAX_PAGE, type PageRequest } from '#contract';
import { mustBeAlone } from './value.pipes.js';

/** How many items a page holds where its caller does not say, by what it lists. */
export const PAGE = { members: 50, search: 20, auditEvents: 50, grants: 100 };

const RULE = `must be a whole number from 1 to ${MAX_PAGE}`;

const mustBeInRange = (value: unknown, field: string): number => {
  if (!Number.isSafeInteger(value) || Number(value) < 1 || Number(value) > MAX_PAGE)
    throw Failure.badInput(field, RULE);
  return Number(value);
};

function mustBeCursor(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_CURSOR) return value;
  throw Failure.badInput(field, 'is not a cursor of this list');
}

/** The `first` of a connection; Relay sends null for what it leaves out. */
export class FirstPipe implements PipeTransform<unknown, number> {
  constructor(private readonly fallback: number) {}

  transform(value: unknown): number {
    return mustBeInRange(value ?? this.fallback, 'first');
  }
}

/** The `after` of a connection. */
export class AfterPipe implements PipeTransform<unknown, string | undefined> {
  transform(value: unknown): string | undefined {
    return value === undefined || value === null ? undefined : mustBeCursor(value, 'after');
  }
}

export const pageFrom = (first: number, after: string | undefined): PageRequest => ({
  first,
  after,
  afterField: 'after',
});

type Query = Readonly<Record<string, unknown>>;

const DIGITS = /^[0-9]{1,3}$/;

/** `limit` and `cursor` of a REST list, and what the query holds besides. */
export function takePage({ limit, cursor, ...others }: Query, fallback: number): { page: PageRequest; others: Query } {
  const number = typeof limit === 'string' && DIGITS.test(limit) ? Number(limit) : limit;
  const first = mustBeInRange(number ?? fallback, 'limit');
  const after = cursor === undefined ? undefined : mustBeCursor(cursor, 'cursor');
  return { page: { first, after, afterField: 'cursor' }, others };
}

/** The same where the query holds nothing else. */
export class PageQueryPipe implements PipeTransform<Query, PageRequest> {
  constructor(private readonly fallback: number) {}

  transform(query: Query): PageRequest {
    const { page, others } = takePage(query, this.fallback);
    mustBeAlone(others);
    return page;
  }
}
