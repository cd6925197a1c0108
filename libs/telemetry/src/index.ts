export { Deadline } from './deadline.js';
export { Logger } from './logger.js';
export { Metrics } from './metrics.js';
export { type Figures, addUp, countsOf, pageOf } from './pages.js';
export { scrub } from './redact.js';
export { currentRequest, finished, runInRequest, runUntil } from './request-context.js';
export type { ChangeUnderWay, RequestContext, Turn } from './request-context.js';
export { type Telemetry, TelemetryModule } from './telemetry.module.js';
export { Traces } from './traces.js';
