import type { Metrics } from '#telemetry';
import type { Checks } from './checks.js';
import type { Readiness } from './readiness.service.js';

/** What operators are told, of one process or of all workers. */
export interface Told {
  /** The page of figures for Prometheus. */
  figures(): Promise<{ readonly type: string; readonly text: string }>;
  checks(): Promise<Checks>;
}

export function ofOneProcess(metrics: Metrics, readiness: Readiness): Told {
  metrics.watchProcess();
  return { figures: () => metrics.page(), checks: () => readiness.check() };
}
