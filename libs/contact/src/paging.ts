import { Failure, type Page, type PageRequest, fromCursor, toCursor } from '#contract';

/** One page as DingTalk gives it, and where it says that the next one begins. */
export interface Slice<Item> {
  readonly items: readonly Item[];
  readonly next: number | null;
}

/** @throws Failure DINGTALK_UNREADABLE where DingTalk goes back: whoever followed would never come to an end. */
export function mustGoOn({ next }: Slice<unknown>, start: number): void {
  if (next === null || next > start) return;
  throw new Failure('DINGTALK_UNREADABLE', undefined, { note: 'the next page does not lie behind this one' });
}

export interface List<Item> {
  /** Its name, to which its cursors belong. */
  readonly name: string;
  readonly cursorKey: string;
  /** Reads a page of that size, from where DingTalk said that it begins; the first begins at 0. */
  read(start: number, size: number): Promise<Slice<Item>>;
}

/**
 * A page of a long list by Relay's rules, out of as few of DingTalk's pages as it takes. A cursor holds which of these to go
 * on with, of what size, and how many of its items have been told.
 */
export async function pageOf<Item>(list: List<Item>, { first, after, afterField }: PageRequest): Promise<Page<Item>> {
  const cursor = (...position: number[]): string => toCursor(list.name, position, list.cursorKey);
  const begin = after === undefined ? [] : fromCursor(list.name, after, list.cursorKey, afterField);
  const [, size = first] = begin;
  let [start = 0, , told = 0] = begin;
  const edges: { node: Item; cursor: string }[] = [];
  for (;;) {
    const slice = await list.read(start, size);
    mustGoOn(slice, start);
    const { items, next } = slice;
    for (const node of items.slice(told, told + first - edges.length)) {
      told += 1;
      const isLast = told === items.length && next !== null;
      edges.push({ node, cursor: isLast ? cursor(next, size, 0) : cursor(start, size, told) });
    }
    const hasNextPage = told < items.length || next !== null;
    if (edges.length >= first || next === null) return { edges, pageInfo: infoOf(edges, hasNextPage, after) };
    [start, told] = [next, 0];
  }
}

const infoOf = (edges: readonly { cursor: string }[], hasNextPage: boolean, after: string | undefined) => ({
  hasNextPage,
  hasPreviousPage: after !== undefined,
  startCursor: edges[0]?.cursor ?? null,
  endCursor: edges.at(-1)?.cursor ?? null,
});
