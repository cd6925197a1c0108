import type { Judge } from './breaker.js';

const WINDOW_MS = 10_000;
const SLICE_MS = 1000;
/** With fewer calls than that, trouble may be chance. */
const LEAST = 20;

interface Slice {
  readonly startMs: number;
  calls: number;
  troubles: number;
}

/** Opens where more than half of the calls of the last ten seconds met trouble, and twenty of them at least. */
export class RecentCalls implements Judge {
  private slices: Slice[] = [];

  succeeded(): void {
    this.count(false);
  }

  /** @returns whether it opens: then it begins to count anew. */
  failed(): boolean {
    this.count(true);
    const sum = (of: 'calls' | 'troubles') => this.slices.reduce((total, slice) => total + slice[of], 0);
    const calls = sum('calls');
    const opens = calls >= LEAST && sum('troubles') > calls / 2;
    if (opens) this.slices = [];
    return opens;
  }

  private count(isTrouble: boolean): void {
    const nowMs = performance.now();
    this.slices = this.slices.filter(({ startMs }) => nowMs - startMs < WINDOW_MS);
    let last = this.slices.at(-1);
    if (!last || nowMs - last.startMs >= SLICE_MS) this.slices.push((last = { startMs: nowMs, calls: 0, troubles: 0 }));
    last.calls += 1;
    if (isTrouble) last.troubles += 1;
  }
}
