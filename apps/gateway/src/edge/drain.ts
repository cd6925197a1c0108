import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import type { Load } from './load.js';

const LOOK_MS = 50;
/** Nobody is connected for so long: there is nobody who would have to find out. */
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
  private unfinished = 0;

  constructor(private readonly load: Load) {}

  watch(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (_, reply, payload, done) => {
      if (this.isBegun) reply.header('connection', 'close');
      done(null, payload);
    });
  }

  /** Whether the process is about to end: a balancer is to send it nothing more. */
  get isDraining(): boolean {
    return this.isBegun;
  }

  /** Work that is finished also where nobody waits for its answer any more. */
  readonly follow = (work: Promise<unknown>): void => {
    this.unfinished += 1;
    const end = () => (this.unfinished -= 1);
    work.then(end, end);
  };

  /** @returns the number of requests that were cut off, since they took too long. */
  async end(server: Server, { drainMs, finishMs }: Patience): Promise<number> {
    this.isBegun = true;
    await this.untilQuiet(server, drainMs);
    server.close();
    const finishedMs = performance.now() + finishMs;
    while (performance.now() < finishedMs && this.running > 0) {
      server.closeIdleConnections();
      await pause(LOOK_MS);
    }
    server.closeAllConnections();
    return this.running;
  }

  private get running(): number {
    return Math.max(this.load.underWay, this.unfinished);
  }

  private async untilQuiet(server: Server, mostMs: number): Promise<void> {
    const connections = promisify(server.getConnections.bind(server));
    const endMs = performance.now() + mostMs;
    let lastMs = performance.now();
    while (performance.now() < endMs && performance.now() - lastMs < QUIET_MS) {
      if (this.running > 0 || (await connections()) > 0) lastMs = performance.now();
      await pause(LOOK_MS);
    }
  }
}
