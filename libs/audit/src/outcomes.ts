import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Logger, Metrics } from '#telemetry';
import { Chain } from './chain/chain.js';
import { type AuditEntry, AuditPhase } from './chain/record.js';
import { AuditStore } from './store/audit-store.js';

/** The caller waits no longer for the outcome to be kept: what became of the change is true without it. */
const WAIT_MS = 1000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
const MOST = 10_000;
/** Tried at once: those who come meanwhile have to get in too. */
const AT_ONCE = 500;
/** At the end of the process. */
const LAST_MS = 2000;

/** Keeps what became of changes, however long the database is away. */
@Injectable()
export class Outcomes implements BeforeApplicationShutdown {
  private readonly left = new Set<AuditEntry>();
  private timer?: NodeJS.Timeout;
  private pauseMs = FIRST_PAUSE_MS;
  private isFull = false;

  constructor(
    private readonly chain: Chain,
    private readonly store: AuditStore,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const waiting = () => [{ value: this.left.size }];
    metrics.gauge('gateway_audit_outcomes_waiting', 'Outcomes of changes that could not be recorded yet', waiting, {
      ofWorkers: 'sum',
    });
  }

  /** Never throws: what cannot be kept now is kept later. */
  async keep(entry: AuditEntry): Promise<void> {
    if (!this.store.tell().isThere) return this.keepLater(entry);
    try {
      await this.chain.add({ entry }, WAIT_MS);
    } catch {
      this.keepLater(entry);
    }
  }

  /** For what nobody waits for. */
  keepLater(entry: AuditEntry): void {
    const isRefused = entry.phase === AuditPhase.REFUSED;
    // What was refused has changed nothing: it leaves room for what has.
    if (this.left.size >= (isRefused ? MOST / 2 : MOST)) return isRefused ? this.tellFull() : this.tellLost(entry);
    this.left.add(entry);
    this.schedule();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    if (this.left.size === 0) return;
    await this.tryAll(LAST_MS);
    for (const entry of this.left) this.tellLost(entry);
  }

  private tellLost({ changeId, phase, operation, targets }: AuditEntry): void {
    this.logger.event('error', 'an outcome is not recorded', { changeId, phase, operation, targets });
  }

  /** Once: there may be as many as callers like. */
  private tellFull(): void {
    if (this.isFull) return;
    this.isFull = true;
    this.logger.event('warn', 'changes that were refused are not recorded: too many wait for the trail');
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => void this.tryAgain(), this.pauseMs).unref();
  }

  private async tryAgain(): Promise<void> {
    await this.tryAll(WAIT_MS);
    this.timer = undefined;
    if (this.left.size === 0) {
      [this.pauseMs, this.isFull] = [FIRST_PAUSE_MS, false];
      return;
    }
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2);
    this.schedule();
  }

  /** What was given up may have been kept all the same. */
  private async tryAll(waitMs: number): Promise<void> {
    const entries = [...this.left];
    for (let begin = 0; begin < entries.length; begin += AT_ONCE) {
      const tries = entries.slice(begin, begin + AT_ONCE).map(async (entry) => {
        await this.chain.add({ entry, ifNew: true }, waitMs);
        this.left.delete(entry);
      });
      const ends = await Promise.allSettled(tries);
      if (ends.some(({ status }) => status === 'rejected')) return;
    }
  }
}
