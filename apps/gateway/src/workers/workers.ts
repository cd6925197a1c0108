import cluster, { type Worker } from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '#config';
import { Logger } from '#telemetry';
import { type AdminListener, listenForOperators } from '../health/admin-listener.js';
import { tellDefects } from '../defects.js';
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
  private readonly listening = new Set<Worker>();
  private readonly team: Team;
  private readonly logger: Logger;
  private admin?: AdminListener;
  private hasStarted = false;
  private isEnding = false;
  private pauseMs = LEAST_PAUSE_MS;

  constructor(private readonly settings: Settings) {
    this.team = new Team(this.listening, settings.workers);
    this.logger = new Logger(settings.logLevel);
  }

  async start(): Promise<void> {
    tellDefects(this.logger);
    onEnd((signal) => this.end(signal));
    // Where the first one cannot start none can, and it has said why.
    this.hasStarted = await this.add();
    if (this.isEnding) return;
    if (!this.hasStarted) process.exit(1);
    if (this.settings.admin) this.admin = await listenForOperators(this.team, this.settings.admin);
    if (this.isEnding) return;
    await Promise.all(Array.from({ length: this.settings.workers - 1 }, () => this.add()));
    const adminUrl = this.admin?.url;
    this.logger.event('info', 'workers run', { workers: this.running.size, ...(adminUrl && { adminUrl }) });
  }

  /** @returns whether it has come to listen. */
  private add(): Promise<boolean> {
    const worker = cluster.fork();
    const startMs = performance.now();
    this.running.add(worker);
    return new Promise((started) => {
      worker.once('listening', () => {
        this.listening.add(worker);
        started(true);
      });
      const over = (reason: object) => {
        if (!this.running.delete(worker)) return;
        this.listening.delete(worker);
        this.team.hasEnded(worker);
        started(false);
        if (this.isEnding || !this.hasStarted) return;
        if (performance.now() - startMs > STEADY_MS) this.pauseMs = LEAST_PAUSE_MS;
        this.logger.event('error', 'a worker has ended', { worker: worker.id, ...reason, againInMs: this.pauseMs });
        void this.addAgain();
      };
      worker.once('exit', (code, signal) => over({ code, signal }));
      // The system has no process for it just now.
      worker.on('error', ({ message }) => over({ reason: message }));
    });
  }

  private async addAgain(): Promise<void> {
    const waitMs = this.pauseMs;
    this.pauseMs = Math.min(2 * waitMs, LONGEST_PAUSE_MS);
    await pause(waitMs);
    if (!this.isEnding) await this.add();
  }

  private end(signal: EndSignal): void {
    if (this.isEnding) this.exit(signal === 'SIGTERM' ? 143 : 130);
    this.isEnding = true;
    const { drainMs, dingtalk } = this.settings;
    void this.finish(signal, drainMs + dingtalk.timeoutMs + SPARE_MS);
  }

  private async finish(signal: EndSignal, withinMs: number): Promise<void> {
    const ended = [...this.running].map((worker) => new Promise((done) => worker.once('exit', done)));
    for (const worker of this.running) {
      // One that does not listen yet does not hear either, and serves nobody.
      if (this.listening.has(worker)) worker.send({ end: signal }, () => undefined);
      else worker.process.kill('SIGKILL');
    }
    await Promise.race([Promise.all(ended), pause(withinMs)]);
    this.exit(0);
  }

  /** Workers end with the primary, also one that hangs. */
  private exit(code: number): never {
    for (const worker of this.running) worker.process.kill('SIGKILL');
    process.exit(code);
  }
}
