import { Failure, MAX_PAGE, type Page, type PageRequest, fromCursor, pageInfoOf, toCursor } from '#contract';

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
  /** Where DingTalk counts pages, `start` counts their items, and each page begins at a multiple of its size. */
  readonly isCounted?: true;
  /** Reads a page of that size, from where DingTalk said that it begins; the first begins at 0. */
  read(start: number, size: number): Promise<Slice<Item>>;
}

/**
 * A page of a long list by Relay's rules, out of as few of DingTalk's pages as it takes: one, or two where it goes on in
 * the middle of one. A cursor holds where one of these begins, and how many of its items have been told.
 */
export async function pageOf<Item>(list: List<Item>, { first, after, afterField }: PageRequest): Promise<Page<Item>> {
  const cursor = (...position: number[]): string => toCursor(list.name, position, list.cursorKey);
  let [start, told] = beginOf(list, { first, after, afterField });
  const edges: { node: Item; cursor: string }[] = [];
  for (;;) {
    const missing = first - edges.length;
    const slice = await list.read(start, list.isCounted ? first : Math.min(told + missing, MAX_PAGE));
    mustGoOn(slice, start);
    const { items, next } = slice;
    for (const node of items.slice(told, told + missing)) {
      told += 1;
      edges.push({ node, cursor: told === items.length && next !== null ? cursor(next, 0) : cursor(start, told) });
    }
    const hasNextPage = told < items.length || next !== null;
    if (edges.length >= first || next === null) return { edges, pageInfo: pageInfoOf(edges, hasNextPage, after) };
    [start, told] = [next, 0];
  }
}

/** Where to begin to read, and how many of the items there have been told. */
function beginOf({ name, cursorKey, isCounted }: List<unknown>, { first, after, afterField }: PageRequest) {
  const [start = 0, told = 0] = after === undefined ? [] : fromCursor(name, after, cursorKey, afterField);
  const place = start + told;
  // The same item, by the page of this size that it is on.
  return isCounted ? ([place - (place % first), place % first] as const) : ([start, told] as const);
}
