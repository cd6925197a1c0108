import cluster, { type Worker } from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '#config';
import { Logger } from '#telemetry';
import { type AdminListener, listenForOperators } from '../health/admin-listener.js';
import type { EndSignal } from './messages.js';
import { Team } from './team.js';
import { onEnd } from './worker.js';

/** One that ends soon after its start is started again after ever longer pauses. */
const LEAST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
const STEADY_MS = 60_000;
/** What the end of a worker may take besides what it bounds itself. */
const SPARE_MS = 5000;

/** The primary of several processes on one port: it starts them, starts them again, ends them, and tells operators of all of them. */
export class Workers {
  private readonly running = new Set<Worker>();
  private readonly team: Team;
  private readonly logger: Logger;
  private admin?: AdminListener;
  private isEnding = false;
  private pauseMs = LEAST_PAUSE_MS;

  constructor(private readonly settings: Settings) {
    this.team = new Team(this.running, settings.workers);
    this.logger = new Logger(settings.logLevel);
  }

  async start(): Promise<void> {
    onEnd((signal) => this.end(signal));
    // Where the first one cannot start none can, and it has said why.
    if (!(await this.add())) process.exit(1);
    if (this.settings.admin) this.admin = await listenForOperators(this.team, this.settings.admin);
    await Promise.all(Array.from({ length: this.settings.workers - 1 }, () => this.add()));
    this.logger.event('info', 'workers run', {
      workers: this.running.size,
      ...(this.admin && { adminUrl: this.admin.url }),
    });
  }

  /** @returns whether it listens; one that has is started again when it ends. */
  private add(): Promise<boolean> {
    const worker = cluster.fork();
    const startMs = performance.now();
    let listens = false;
    this.running.add(worker);
    return new Promise((started) => {
      worker.once('listening', () => started((listens = true)));
      worker.once('exit', (code, signal) => {
        this.running.delete(worker);
        void this.team.hasEnded(worker);
        started(false);
        if (this.isEnding || (!listens && this.running.size === 0)) return;
        if (performance.now() - startMs > STEADY_MS) this.pauseMs = LEAST_PAUSE_MS;
        this.logger.event('error', 'a worker has ended', { worker: worker.id, code, signal, againInMs: this.pauseMs });
        void this.addAgain();
      });
    });
  }

  private async addAgain(): Promise<void> {
    const waitMs = this.pauseMs;
    this.pauseMs = Math.min(2 * waitMs, LONGEST_PAUSE_MS);
    await pause(waitMs);
    if (!this.isEnding) await this.add();
  }

  private end(signal: EndSignal): void {
    for (const worker of this.running) worker.send({ end: signal }, () => undefined);
    if (this.isEnding) return;
    this.isEnding = true;
    const { drainMs, dingtalk } = this.settings;
    void this.finish(drainMs + dingtalk.timeoutMs + SPARE_MS);
  }

  private async finish(withinMs: number): Promise<void> {
    const ended = [...this.running].map((worker) => new Promise((done) => worker.once('exit', done)));
    await Promise.race([Promise.all(ended), pause(withinMs)]);
    for (const worker of this.running) worker.process.kill('SIGKILL');
    this.admin?.close();
    process.exit(0);
  }
}
