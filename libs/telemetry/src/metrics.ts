import { Gauge, type Metric, Registry, collectDefaultMetrics } from 'prom-client';
import { Count, Seconds } from './figures.js';

/**
 * Figures for Prometheus, of one gateway. Their labels are words of ours, never values that somebody sends: what grows with
 * the callers would fill the memory.
 */
export class Metrics {
  private readonly registry = new Registry();

  /** What counts up. */
  counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Count<Label> {
    return this.tell(new Count(name, help, labelNames));
  }

  /** How long things take. */
  seconds<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Seconds<Label> {
    return this.tell(new Seconds(name, help, labelNames));
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

  /** A registry asks no more of a figure than these have. */
  private tell<Figure extends Count<string> | Seconds<string>>(figure: Figure): Figure {
    this.registry.registerMetric(figure as unknown as Metric);
    return figure;
  }
}
