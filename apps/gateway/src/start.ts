import cluster from 'node:cluster';
import { setFlagsFromString } from 'node:v8';
import { CannotStart, readSettings } from '#config';

/** What is not needed is not loaded: a primary of workers serves nothing itself. */
async function start(): Promise<void> {
  const settings = readSettings();
  if (settings.workers > 1 && cluster.isPrimary) {
    const { Workers } = await import('./workers/workers.js');
    return new Workers(settings).start();
  }
  const { startGateway } = await import('./gateway.js');
  keepYoung();
  return startGateway(settings);
}

/**
 * While requests wait for DingTalk, V8 takes what they are made of for what stays, and makes the next of it among that: as
 * garbage it would hold on to all that came after it. Not before all is loaded: Node's own code would be compiled anew.
 */
const keepYoung = (): void => setFlagsFromString('--no-allocation-site-pretenuring');

const CANNOT_LISTEN = new Set(['EADDRNOTAVAIL', 'EACCES', 'ENOTFOUND', 'EAI_AGAIN']);

/** What an operator reads when the start fails: one message, no stack where the reason is known. */
function reasonOf(error: unknown): string {
  if (error instanceof CannotStart) return error.message;
  const { code, port, address, prefix = '' } = error as Partial<Record<'code' | 'port' | 'address' | 'prefix', string>>;
  if (code === 'EADDRINUSE') return `Port ${port} of ${address} is taken: set ${prefix}PORT to a free one.`;
  if (code && CANNOT_LISTEN.has(code)) return `${prefix}HOST and ${prefix}PORT cannot be listened on (${code}).`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

start().catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  // A listener, or the way to Redis, may be open already.
  process.exit(1);
});
