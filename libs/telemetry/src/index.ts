export { type Deadline, deadlineIn, isTimeUp, leftMs } from './deadline.js';
export { Logger } from './logger.js';
export { Metrics } from './metrics.js';
export { scrub } from './redact.js';
export { type RequestContext, type Turn, currentRequest, finished, runInRequest, runUntil } from './request-context.js';
export { type Telemetry, TelemetryModule } from './telemetry.module.js';
export { Traces } from './traces.js';
