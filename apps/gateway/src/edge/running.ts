import type { FastifyInstance } from 'fastify';
import { Drain } from './drain.js';
import { Load } from './load.js';

/** How the process stands: what it has to do, and whether it is about to end. */
export class Running {
  readonly load: Load;
  readonly drain: Drain;

  /** @param mostLagMs the delay of the event loop from which on it is too much. */
  constructor(mostLagMs: number) {
    this.load = new Load(mostLagMs);
    this.drain = new Drain(this.load);
  }

  watch(fastify: FastifyInstance): void {
    this.load.watch(fastify);
    this.drain.watch(fastify);
  }
}
