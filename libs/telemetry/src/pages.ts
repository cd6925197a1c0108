import { AggregatorRegistry, type Registry } from 'prom-client';

export interface Page {
  readonly type: string;
  readonly text: string;
}

/** Figures of one process, as they go from one process to another. */
export type Figures = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

export const pageFrom = async (registry: Registry): Promise<Page> => ({
  type: registry.contentType,
  text: await registry.metrics(),
});

const together = (all: readonly Figures[]): Registry => AggregatorRegistry.aggregate([...all]);

/** One page of the figures of several processes. */
export const pageOf = (all: readonly Figures[]): Promise<Page> => pageFrom(together(all));

export const addUp = (all: readonly Figures[]): Promise<Figures> => together(all).getMetricsAsJSON();

const COUNTS = new Set(['counter', 'histogram']);

/** Those that only ever grow. */
export const countsOf = (figures: Figures): Figures => figures.filter(({ type }) => COUNTS.has(String(type)));
