import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { whenOver } from './when-over.js';

const LOOK_MS = 50;
/** Nobody is connected and nobody has asked for so long: there is nobody who would have to find out. */
const QUIET_MS = 1000;

interface Patience {
  /** How long new requests are still taken. */
  readonly drainMs: number;
  /** How long what runs by then may take. */
  readonly finishMs: number;
}

/** The end of a process, without a lost request: others are told first, then nothing new is taken, then what runs is finished. */
export class Drain {
  private isBegun = false;
  private underWay = 0;
  private lastMs = 0;

  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', async ({ url }: FastifyRequest, reply: FastifyReply) => {
      if (url.startsWith('/health/')) return;
      this.underWay += 1;
      this.lastMs = performance.now();
      whenOver(reply, () => (this.underWay -= 1));
    });
    fastify.addHook('onSend', async (_, reply) => {
      if (this.isBegun) reply.header('connection', 'close');
    });
  }

  /** Whether the process is about to end: a balancer is to send it nothing more. */
  get isDraining(): boolean {
    return this.isBegun;
  }

  /** @returns the number of requests that were cut off, since they took too long. */
  async end(server: Server, { drainMs, finishMs }: Patience): Promise<number> {
    this.isBegun = true;
    this.lastMs = performance.now();
    const drainedMs = this.lastMs + drainMs;
    while (performance.now() < drainedMs && !(await this.isQuiet(server))) await pause(LOOK_MS);
    server.close();
    const finishedMs = performance.now() + finishMs;
    while (performance.now() < finishedMs && this.underWay > 0) {
      server.closeIdleConnections();
      await pause(LOOK_MS);
    }
    server.closeAllConnections();
    return this.underWay;
  }

  private async isQuiet(server: Server): Promise<boolean> {
    if (performance.now() - this.lastMs < QUIET_MS) return false;
    return (await promisify(server.getConnections.bind(server))()) === 0;
  }
}
