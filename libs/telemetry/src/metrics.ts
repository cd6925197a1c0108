import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** From a cache hit to the longest deadline, in seconds. */
const BUCKETS_S = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Figures for Prometheus, of one gateway. Their labels are words of ours, never values that somebody sends: what grows with
 * the callers would fill the memory.
 */
export class Metrics {
  private readonly registry = new Registry();

  /** What counts up. */
  counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** How long things take. */
  seconds<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: BUCKETS_S, registers: [this.registry] });
  }

  /** What is so just now: read when somebody looks. */
  gauge<Label extends string>(
    name: string,
    help: string,
    read: () => readonly { readonly value: number; readonly labels?: Partial<Record<Label, string>> }[],
    labelNames: readonly Label[] = [],
  ): void {
    const gauge: Gauge<Label> = new Gauge({
      ...{ name, help, labelNames, registers: [this.registry] },
      collect: () => {
        gauge.reset();
        for (const { value, labels = {} } of read()) gauge.set(labels as Record<Label, string>, value);
      },
    });
  }

  /** Memory, processor, event loop and handles of the process besides. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  async page(): Promise<{ type: string; text: string }> {
    return { type: this.registry.contentType, text: await this.registry.metrics() };
  }
}
