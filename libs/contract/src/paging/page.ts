import { ObjectType } from '@nestjs/graphql';
import { Flag, Text } from '../fields/scalars.js';

/** Items of one list that one request may ask for. */
export const MAX_PAGE = 100;
export const MAX_CURSOR = 256;

/** What a caller asks for of a long list. */
export interface PageRequest {
  readonly first: number;
  /** The cursor of the item after which to go on. */
  readonly after?: string;
  /** What the caller calls that: `after` in GraphQL, `cursor` in REST. */
  readonly afterField: 'after' | 'cursor';
}

/** A part of a long list, each item with its cursor. */
export interface Page<Item> {
  readonly edges: readonly { readonly node: Item; readonly cursor: string }[];
  readonly pageInfo: PageInfo;
}

@ObjectType({ description: 'Where a page of a list stands, as Relay has it.' })
export class PageInfo {
  @Flag('Whether more follows.')
  hasNextPage: boolean;

  @Flag('Whether something comes before.')
  hasPreviousPage: boolean;

  @Text('Cursor of the first item; null on an empty page.', { nullable: true, max: MAX_CURSOR })
  startCursor: string | null;

  @Text('Cursor of the last item, to go on after; null on an empty page.', { nullable: true, max: MAX_CURSOR })
  endCursor: string | null;
}

/** Where the page stands that these are of. */
export const pageInfoOf = (
  edges: readonly { readonly cursor: string }[],
  hasNextPage: boolean,
  after: string | undefined,
): PageInfo => ({
  hasNextPage,
  hasPreviousPage: after !== undefined,
  startCursor: edges[0]?.cursor ?? null,
  endCursor: edges.at(-1)?.cursor ?? null,
});
