export { Logger } from './logger.js';
export { scrub } from './redact.js';
export { currentRequest, runInRequest, runUntil } from './request-context.js';
export { TelemetryModule } from './telemetry.module.js';
