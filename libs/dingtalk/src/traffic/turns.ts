import type { Turn } from '#telemetry';

type Line<Item> = Map<string, Item[]>;

/** Of so many places one is for batch work while people wait too: nobody waits for ever. */
const ONE_IN = 4;

/** Who waits, and whose turn is next: people before batch work, and within each of them one of everybody in turn. */
export class Turns<Item> {
  private readonly lines: Readonly<Record<Turn['rank'], Line<Item>>> = { person: new Map(), batch: new Map() };
  private given = 0;
  size = 0;

  add({ name, rank }: Turn, item: Item): void {
    const line = this.lines[rank];
    line.set(name, [...(line.get(name) ?? []), item]);
    this.size += 1;
  }

  next(): Item | undefined {
    const { person, batch } = this.lines;
    this.given += 1;
    const isForBatch = person.size === 0 || (batch.size > 0 && this.given % ONE_IN === 0);
    const line = isForBatch ? batch : person;
    const [entry] = line;
    if (!entry) return undefined;
    const [name, [item, ...others]] = entry;
    // Whoever was served goes to the end.
    line.delete(name);
    if (others.length > 0) line.set(name, others);
    this.size -= 1;
    return item;
  }

  remove({ name, rank }: Turn, item: Item): void {
    const line = this.lines[rank];
    const items = line.get(name) ?? [];
    const others = items.filter((other) => other !== item);
    if (others.length === items.length) return;
    if (others.length > 0) line.set(name, others);
    else line.delete(name);
    this.size -= 1;
  }

  /** How many wait under one name. */
  of({ name, rank }: Turn): number {
    return this.lines[rank].get(name)?.length ?? 0;
  }

  /** How many go before whoever comes now, as far as it is known. */
  before({ name, rank }: Turn): number {
    const line = this.lines[rank];
    const own = this.of({ name, rank }) + 1;
    const same = [...line.values()].reduce((sum, items) => sum + Math.min(items.length, own), 0);
    if (rank === 'person') return same + Math.min(count(this.lines.batch), Math.floor(same / (ONE_IN - 1)));
    return same + Math.min(count(this.lines.person), (ONE_IN - 1) * (same + 1));
  }
}

const count = <Item>(line: Line<Item>): number => [...line.values()].reduce((sum, items) => sum + items.length, 0);
