import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '#contract';
import { sendProblem } from './problem.js';
import { whenOver } from './when-over.js';

const TICK_MS = 100;
/** One delay as long as that is enough. */
const STALL = 5;
/** Requests at the same time: each holds memory, and whoever waits longest has least of it. */
const MOST_UNDER_WAY = 5000;
const TRY_AGAIN_S = 1;
const STEADY_MS = 1000;

const clockMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** How loaded the process is: how far its event loop lags behind, and how many requests it works on. */
export class Load {
  private lagsMs: readonly [last: number, before: number] = [0, 0];
  private dueMs?: number;
  private lastLagMs = 0;
  private timer?: NodeJS.Timeout;
  private running = 0;

  constructor(
    /** The delay of the event loop from which on it is too much. */
    private readonly mostLagMs: number,
  ) {}

  /** Sheds what it cannot bear: a quick answer that says when to come back, but for whoever asks how the process is. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onListen', async () => this.begin());
    fastify.addHook('onClose', async () => clearInterval(this.timer));
    fastify.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
      this.running += 1;
      whenOver(reply, () => (this.running -= 1));
      const isTooMuch = this.isLagging || this.running > MOST_UNDER_WAY;
      if (!isTooMuch || request.url.startsWith('/health/')) return done();
      sendProblem(reply, new Failure('OVERLOADED', undefined, { retryAfterS: TRY_AGAIN_S }));
    });
  }

  /** Requests that are not answered yet. */
  get underWay(): number {
    return this.running;
  }

  /** Whether it lags for longer than a moment, or has just stood still. */
  get isLagging(): boolean {
    const [last, before] = this.lagsMs;
    // What has piled up may be read before the tick that is overdue.
    const longest = Math.max(last, this.dueMs === undefined ? 0 : clockMs() - this.dueMs);
    return Math.min(last, before) > this.mostLagMs || longest > STALL * this.mostLagMs;
  }

  /** Whether it has gone on evenly for a second: a balancer need not send it anything before. */
  get isSteady(): boolean {
    return !this.isLagging && clockMs() - this.lastLagMs > STEADY_MS;
  }

  private begin(): void {
    this.dueMs = clockMs() + TICK_MS;
    this.timer = setInterval(() => {
      const nowMs = clockMs();
      this.lagsMs = [Math.max(0, nowMs - (this.dueMs ?? nowMs)), this.lagsMs[0]];
      this.dueMs = nowMs + TICK_MS;
      if (this.isLagging) this.lastLagMs = nowMs;
    }, TICK_MS).unref();
  }
}
