import { type Logger, scrub } from '#telemetry';

/** What nobody has foreseen ends the process, as Node has it, but is told in the log and without secrets. */
export function tellDefects(logger: Logger): void {
  process.on('uncaughtException', (error: unknown, origin: string) => {
    const stack = scrub(String((error as { stack?: unknown } | undefined)?.stack ?? error));
    logger.event('error', 'the gateway ends: a defect', { code: 'INTERNAL', origin, stack });
    process.exit(1);
  });
}
