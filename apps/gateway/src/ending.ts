import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '#config';
import { type Logger, Traces } from '#telemetry';
import { Running } from './edge/running.js';
import type { AdminListener } from './health/admin-listener.js';
import type { EndSignal } from './workers/messages.js';
import { onEnd } from './workers/worker.js';

/** What a request may take besides its deadline. */
const SPARE_MS = 1000;

interface Parts {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly admin?: AdminListener;
}

/**
 * Ends the process without a lost request: SIGTERM lets balancers find out first (`DRAIN_S`), SIGINT, as from a terminal, does
 * not. A second signal ends it at once.
 */
export function endBySignals(app: NestFastifyApplication, parts: Parts): void {
  let isEnding = false;
  const end = (signal: EndSignal) => {
    const [drainMs, code] = signal === 'SIGTERM' ? [parts.settings.drainMs, 143] : [0, 130];
    if (isEnding) process.exit(code);
    isEnding = true;
    parts.logger.event('info', 'ending', { signal, drainMs });
    void finish(app, parts, drainMs);
  };
  onEnd(end);
}

async function finish(app: NestFastifyApplication, { settings, logger, admin }: Parts, drainMs: number): Promise<void> {
  const { drain } = app.get(Running);
  const cut = await drain.end(app.getHttpServer(), { drainMs, finishMs: settings.dingtalk.timeoutMs + SPARE_MS });
  if (cut > 0) logger.event('warn', 'requests were cut off: they took longer than the end may', { cut });
  await app.close();
  await app.get(Traces).stop();
  admin?.close();
  process.exit(0);
}
