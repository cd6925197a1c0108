import { type Aggregator, Gauge, type Metric, Registry, collectDefaultMetrics } from 'prom-client';
import { Count, Seconds } from './figures.js';
import { type Figures, type Page, pageFrom } from './pages.js';

interface GaugeOptions<Label extends string> {
  readonly labelNames?: readonly Label[];
  /** Which one is told of several workers. */
  readonly ofWorkers?: Aggregator;
}

/** Of several workers the one that is worst off is told: alerts are about it. */
const OF_ONE_PROCESS = [
  ...['process_resident_memory_bytes', 'nodejs_heap_size_used_bytes', 'nodejs_heap_size_total_bytes'],
  ...['nodejs_eventloop_lag_seconds', 'nodejs_eventloop_lag_p90_seconds', 'nodejs_eventloop_lag_p99_seconds'],
];

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
    { labelNames = [], ofWorkers = 'max' }: GaugeOptions<Label> = {},
  ): void {
    const gauge: Gauge<Label> = new Gauge({
      ...{ name, help, labelNames, aggregator: ofWorkers, registers: [this.registry] },
      collect: () => {
        gauge.reset();
        for (const { value, labels = {} } of read()) gauge.set(labels as Record<Label, string>, value);
      },
    });
  }

  /** Memory, processor, event loop and handles of the process besides. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry });
    for (const name of OF_ONE_PROCESS) Object.assign(this.registry.getSingleMetric(name) ?? {}, { aggregator: 'max' });
  }

  page(): Promise<Page> {
    return pageFrom(this.registry);
  }

  /** What the page is made of, for one page of several workers. */
  figures(): Promise<Figures> {
    return this.registry.getMetricsAsJSON();
  }

  /** A registry asks no more of a figure than these have. */
  private tell<Figure extends Count<string> | Seconds<string>>(figure: Figure): Figure {
    this.registry.registerMetric(figure as unknown as Metric);
    return figure;
  }
}
