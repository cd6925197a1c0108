/** What one route has been asked for. */
interface Rate {
  /** When calls came that were let in, those of the last second. */
  recent: number[];
  calls: number;
  refused: number;
  most: number;
}

const SECOND_MS = 1000;

/** Counts calls by route, in sliding seconds, and says when there are too many. */
export class Quota {
  private readonly rates = new Map<string, Rate>();

  /** Whether the call, which arrived at that time, is one of as many as may come in a second. */
  admit(route: string, arrivedMs: number, qps: number | undefined): boolean {
    const rate = this.rates.get(route) ?? { recent: [], calls: 0, refused: 0, most: 0 };
    this.rates.set(route, rate);
    rate.calls += 1;
    rate.recent = rate.recent.filter((atMs) => arrivedMs - atMs < SECOND_MS);
    if (qps !== undefined && rate.recent.length >= qps) {
      rate.refused += 1;
      return false;
    }
    rate.recent.push(arrivedMs);
    rate.most = Math.max(rate.most, rate.recent.length);
    return true;
  }

  /** Of each route: calls, those refused, and the most that were let in in any second. */
  told(): Record<string, Omit<Rate, 'recent'>> {
    return Object.fromEntries(
      [...this.rates].map(([route, { calls, refused, most }]) => [route, { calls, refused, most }]),
    );
  }

  clear(): void {
    this.rates.clear();
  }
}
