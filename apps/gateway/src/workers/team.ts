import type { Worker } from 'node:cluster';
import { type Figures, addUp, countsOf, pageOf } from '#telemetry';
import type { Check, Checks } from '../health/checks.js';
import type { Told } from '../health/told.js';
import { askAll } from './asking.js';

/** What operators are told of the workers together: one page of figures, and each check as it stands where it stands worst. */
export class Team implements Told {
  private readonly lastFigures = new Map<Worker, Figures>();
  /** What workers that have ended had counted: a count that went down would be taken for a new start. */
  private counted: Figures = [];
  private counting = Promise.resolve();

  constructor(
    private readonly workers: ReadonlySet<Worker>,
    private readonly size: number,
  ) {}

  async figures(): Promise<{ type: string; text: string }> {
    const told = await askAll(this.workers, 'figures');
    for (const [worker, figures] of told) if (this.workers.has(worker)) this.lastFigures.set(worker, figures);
    // Of one that is silent only what it had counted is still so.
    const last = [...this.lastFigures].map(([worker, figures]) => (told.has(worker) ? figures : countsOf(figures)));
    return pageOf([this.counted, ...last]);
  }

  async checks(): Promise<Checks> {
    const told = [...(await askAll(this.workers, 'checks')).values()];
    const reason = `${told.length} of ${this.size} answer`;
    const workers: Check = { ok: told.length > 0, needed: true, reason };
    return { workers, ...worstOf(told) };
  }

  /** Keeps what it had counted when it was last asked. */
  hasEnded(worker: Worker): void {
    this.counting = this.counting.then(async () => {
      const figures = this.lastFigures.get(worker);
      if (!figures) return;
      this.counted = await addUp([this.counted, countsOf(figures)]);
      this.lastFigures.delete(worker);
    });
  }
}

function worstOf(all: readonly Checks[]): Checks {
  const worst: Record<string, Check> = {};
  for (const checks of all) {
    for (const [name, check] of Object.entries(checks)) if (worst[name]?.ok !== false) worst[name] = check;
  }
  return worst;
}
