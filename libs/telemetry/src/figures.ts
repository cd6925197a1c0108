type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** One line of the page of figures. */
interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly metricName?: string;
}

/**
 * A figure that is written on every request and read when somebody looks: what belongs to each combination of labels is
 * found by one string. prom-client, whose own ones sort and check labels each time, makes the page of it.
 */
abstract class Figure<Label extends string, Cell> {
  abstract readonly type: 'counter' | 'histogram';
  readonly aggregator = 'sum';
  private readonly cells = new Map<string, { readonly labels: Labels<Label>; readonly cell: Cell }>();

  constructor(
    readonly name: string,
    readonly help: string,
    private readonly labelNames: readonly Label[],
  ) {
    // One without labels is there from the start.
    if (labelNames.length === 0) this.cellOf({} as Labels<Label>);
  }

  /** As prom-client asks for it. */
  async get() {
    const { name, help, type, aggregator } = this;
    const values = [...this.cells.values()].flatMap(({ labels, cell }) => this.values(labels, cell));
    return { name, help, type, aggregator, values };
  }

  protected cellOf(labels: Labels<Label>): Cell {
    let key = '';
    for (const name of this.labelNames) key += `${labels[name]}\n`;
    const known = this.cells.get(key);
    if (known) return known.cell;
    const cell = this.newCell();
    this.cells.set(key, { labels: { ...labels }, cell });
    return cell;
  }

  protected abstract newCell(): Cell;
  protected abstract values(labels: Labels<Label>, cell: Cell): Value[];
}

/** What counts up. */
export class Count<Label extends string> extends Figure<Label, { value: number }> {
  override readonly type = 'counter';

  inc(labels: Labels<Label>, by = 1): void {
    this.cellOf(labels).value += by;
  }

  protected override newCell() {
    return { value: 0 };
  }

  protected override values(labels: Labels<Label>, { value }: { value: number }): Value[] {
    return [{ value, labels }];
  }
}

/** From a cache hit to the longest deadline. */
const BUCKETS_S = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Spread {
  readonly counts: number[];
  count: number;
  sum: number;
}

/** How long things take, in seconds. */
export class Seconds<Label extends string> extends Figure<Label, Spread> {
  override readonly type = 'histogram';

  observe(labels: Labels<Label>, seconds: number): void {
    const spread = this.cellOf(labels);
    spread.count += 1;
    spread.sum += seconds;
    const at = BUCKETS_S.findIndex((most) => seconds <= most);
    if (at >= 0) spread.counts[at] = (spread.counts[at] ?? 0) + 1;
  }

  protected override newCell(): Spread {
    return { counts: BUCKETS_S.map(() => 0), count: 0, sum: 0 };
  }

  /** Each bucket counts those below it too. */
  protected override values(labels: Labels<Label>, { counts, count, sum }: Spread): Value[] {
    let below = 0;
    const of = (suffix: string, value: number, le?: string): Value => ({
      ...{ metricName: `${this.name}_${suffix}`, value },
      labels: le === undefined ? labels : { le, ...labels },
    });
    const buckets = BUCKETS_S.map((most, at) => of('bucket', (below += counts[at] ?? 0), String(most)));
    return [...buckets, of('bucket', count, '+Inf'), of('sum', sum), of('count', count)];
  }
}
