import { type DynamicModule, Module } from '@nestjs/common';
import { Logger } from './logger.js';
import { Metrics } from './metrics.js';

@Module({})
export class TelemetryModule {
  static with(logger: Logger, metrics: Metrics): DynamicModule {
    return {
      module: TelemetryModule,
      global: true,
      providers: [
        { provide: Logger, useValue: logger },
        { provide: Metrics, useValue: metrics },
      ],
      exports: [Logger, Metrics],
    };
  }
}
