import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import type { Transaction } from 'kysely';
import { Failure } from '#contract';
import { Logger, Metrics } from '#telemetry';
import { AuditStore } from '../store/audit-store.js';
import type { Tables } from '../store/tables.js';
import { append, isKept, isOpen, lockHead } from './append.js';
import { claim } from './claims.js';
import type { AuditRecord, Link } from './record.js';
import { Signer } from './signer.js';
import type { Added, Wanted } from './wanted.js';

type Db = Transaction<Tables>;

/** Records that one transaction adds at most, and what they are about. */
const MOST_RECORDS = 200;
const MOST_TARGETS = 1000;
/** Clocks of replicas may differ by as much. */
const MOST_AHEAD_MS = 60_000;
/** Those who wait for theirs. */
const MOST_WAITING = 10_000;

interface Waiting extends Wanted {
  /** Nobody waits for it any more. */
  isGivenUp: boolean;
  /** A transaction with it has failed: it may have been kept all the same. */
  isTriedAgain: boolean;
  done(added: Added): void;
  failed(error: unknown): void;
}

export const unavailable = (note: string): Failure => new Failure('AUDIT_UNAVAILABLE', undefined, { note });

/** Is told of every record, after it is kept. */
export type Listener = (links: readonly Link[]) => void;

/** Adds to the one chain of the database. Those who come while others are written are written together, in one transaction. */
@Injectable()
export class Chain {
  readonly signer: Signer;
  private readonly waiting: Waiting[] = [];
  private readonly listeners: Listener[] = [];
  private isWriting = false;
  private isAheadTold = false;
  private readonly written;
  private readonly took;

  constructor(
    settings: Settings,
    private readonly store: AuditStore,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.signer = new Signer(settings.audit.keys);
    this.written = metrics.counter('gateway_audit_records_total', 'Records of the trail by how far the change came', [
      'phase',
    ]);
    this.took = metrics.seconds('gateway_audit_write_seconds', 'How long it took to keep records of the trail', []);
  }

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }

  /**
   * Adds an entry.
   * @param waitMs after which it is given up.
   * @throws Failure AUDIT_UNAVAILABLE where it is not known to be kept.
   */
  add(wanted: Wanted, waitMs: number): Promise<Added> {
    if (this.waiting.length >= MOST_WAITING) return Promise.reject(unavailable('too many wait for the trail'));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        ...wanted,
        ...{ isGivenUp: false, isTriedAgain: false },
        done: (added) => {
          clearTimeout(timer);
          resolve(added);
        },
        failed: (error) => {
          clearTimeout(timer);
          reject(error instanceof Failure ? error : unavailable(this.store.tell().reason));
        },
      };
      const timer = setTimeout(() => {
        waiting.isGivenUp = true;
        reject(unavailable('the trail could not be written in time'));
      }, waitMs);
      this.waiting.push(waiting);
      void this.write();
    });
  }

  private async write(): Promise<void> {
    if (this.isWriting) return;
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const batch = this.nextBatch();
      if (batch.length > 0) await this.commit(batch);
    }
    this.isWriting = false;
  }

  private nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let targets = 0;
    while (batch.length < MOST_RECORDS && targets < MOST_TARGETS) {
      const next = this.waiting[0];
      // One that no database takes must not take others along.
      if (!next || (next.isTriedAgain && batch.length > 0)) break;
      this.waiting.shift();
      if (next.isGivenUp) continue;
      batch.push(next);
      if (next.isTriedAgain) break;
      targets += next.entry.targets.length;
    }
    return batch;
  }

  private async commit(batch: readonly Waiting[]): Promise<void> {
    const startMs = performance.now();
    try {
      const { added, links, checkpoint } = await this.store.write((db) => this.link(db, batch));
      this.took.observe({}, (performance.now() - startMs) / 1000);
      batch.forEach((waiting, at) => waiting.done(added[at] ?? {}));
      this.tell(links);
      if (checkpoint) this.logger.event('info', 'checkpoint of the trail', checkpoint);
    } catch (error) {
      this.tryAgain(batch, error);
    }
  }

  /** Tells of records that are kept. */
  tell(links: readonly Link[]): void {
    for (const { record } of links) this.written.inc({ phase: record.phase });
    for (const listener of this.listeners) listener(links);
  }

  /** Whether records could be added just now: where they could not, it throws. */
  async look(): Promise<void> {
    await this.store.write(async (db) => {
      await lockHead(db, this.store.engine, this.signer);
      await db.updateTable('audit_head').set({ id: 1 }).where('id', '=', 1).execute();
    });
  }

  /** Once, and each by itself: a connection may have been the last that did not know of a restart. */
  private tryAgain(batch: readonly Waiting[], error: unknown): void {
    for (const waiting of batch) if (waiting.isTriedAgain) waiting.failed(error);
    const others = batch.filter(({ isTriedAgain }) => !isTriedAgain);
    for (const waiting of others) waiting.isTriedAgain = true;
    this.waiting.unshift(...others);
  }

  /** In the chain time does not run backwards: one clock that is wrong dates what all others record after it. */
  private lookAtClock(aheadMs: number): void {
    if (aheadMs < MOST_AHEAD_MS || this.isAheadTold) return;
    this.isAheadTold = true;
    const aheadS = Math.round(aheadMs / 1000);
    this.logger.event('error', 'the trail is ahead of this clock: one of the clocks is wrong', { aheadS });
  }

  private async link(db: Db, batch: readonly Waiting[]) {
    const head = await lockHead(db, this.store.engine, this.signer);
    this.lookAtClock(head.time_ms - Date.now());
    const earlier = new Map<Waiting, Added>();
    for (const waiting of batch) {
      const added = await this.condition(db, waiting);
      if (added) earlier.set(waiting, added);
    }
    const wanted = batch.filter((waiting) => !earlier.has(waiting));
    const { links, checkpoint } = await append(
      db,
      head,
      wanted.map(({ entry }) => entry),
      this.signer,
    );
    const records = new Map(wanted.map((waiting, at) => [waiting, links[at]?.record]));
    const added = batch.map((waiting) => earlier.get(waiting) ?? { record: records.get(waiting) as AuditRecord });
    return { added, links, checkpoint };
  }

  /** @returns why the entry is not added; undefined where it is. */
  private async condition(db: Db, waiting: Waiting): Promise<Added | undefined> {
    const { entry, claim: wanted, ifOpen, ifNew, isTriedAgain } = waiting;
    const { id, changeId } = entry;
    if (ifOpen && !(await isOpen(db, changeId))) return {};
    if ((ifNew || isTriedAgain) && (await isKept(db, id))) return {};
    const earlier = wanted && (await claim(db, wanted, changeId));
    return earlier && { earlier };
  }
}
