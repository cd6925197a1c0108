import { type DynamicModule, Module } from '@nestjs/common';
import { Logger } from './logger.js';
import { Metrics } from './metrics.js';
import { Traces } from './traces.js';

/** What the process says, and by which ways. */
export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly traces: Traces;
}

@Module({})
export class TelemetryModule {
  static with({ logger, metrics, traces }: Telemetry): DynamicModule {
    return {
      module: TelemetryModule,
      global: true,
      providers: [
        { provide: Logger, useValue: logger },
        { provide: Metrics, useValue: metrics },
        { provide: Traces, useValue: traces },
      ],
      exports: [Logger, Metrics, Traces],
    };
  }
}
