import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { Settings } from '#config';
import { Failure } from '#contract';
import { Logger } from '#telemetry';
import { Chain } from './chain/chain.js';
import { type AuditEntry, AuditPhase, type AuditRecord } from './chain/record.js';
import { kept } from './kept.js';
import { AuditStore } from './store/audit-store.js';

/** Whoever lives has recorded the outcome by then: a request's own time is added. */
const SPARE_MS = 10_000;
/** Looked for at once. They are settled one after the other: DingTalk has others to answer. */
const MOST = 1000;
const MOST_TOLD = 20;
/** For so long it is tried to ask DingTalk what became of a change. */
const PATIENCE_MS = 600_000;
/** At one look: others have to be looked after too. */
const LONGEST_MS = 20_000;

interface OpenChange {
  readonly change_id: string;
  readonly time_ms: number;
}

/** Looks at DingTalk for what a change was to bring about; where it throws, it is asked again for a while. */
export type ReadBack = (record: AuditRecord) => Promise<boolean>;

/** Values of which a part was kept only say nothing. */
const isWhole = (value: unknown): boolean => !/\*\*\*|…/.test(JSON.stringify(value ?? null));

/** Whether a thing is as a change wanted it, as far as the record tells; false where the record does not tell it whole. */
export const isAsRecorded = ({ changes }: AuditRecord, thing: object): boolean =>
  changes.every(
    ({ field, after }) =>
      isWhole(after) && isDeepStrictEqual(kept(field, (thing as Record<string, unknown>)[field]), after),
  );

/** Finds changes whose process ended before their outcome was recorded, and finds out what became of them where that can be. */
@Injectable()
export class Unknowns {
  private readonly readBacks = new Map<string, ReadBack>();
  private readonly abandonedMs: number;
  /** Changes without an outcome that nobody makes any more, as of the last look. */
  abandoned = 0;
  private isTold = false;

  constructor(
    settings: Settings,
    private readonly store: AuditStore,
    private readonly chain: Chain,
    private readonly logger: Logger,
  ) {
    this.abandonedMs = settings.dingtalk.timeoutMs + SPARE_MS;
  }

  /** How it is found out what became of an operation. */
  readBackBy(operation: string, readBack: ReadBack): void {
    this.readBacks.set(operation, readBack);
  }

  /** Looks for changes without an outcome, and settles those that nobody is about to. */
  async settle(): Promise<void> {
    const rows = await this.store.read((db) =>
      db.selectFrom('audit_open_changes').select(['change_id', 'time_ms']).orderBy('sequence').limit(MOST).execute(),
    );
    const abandoned = rows.filter((row) => row.time_ms < Date.now() - this.abandonedMs);
    this.abandoned = abandoned.length;
    this.tellOnce(rows.map((row) => row.change_id));
    const { thereMs } = this.store.tell();
    // Others may be about to record what they could not while the database was away.
    if (thereMs < SPARE_MS) return;
    const endMs = performance.now() + LONGEST_MS;
    for (const row of abandoned) {
      if (performance.now() > endMs) return;
      await this.settleOne(row);
    }
  }

  /** At the start: what an earlier process has left behind. */
  private tellOnce(ids: readonly string[]): void {
    if (this.isTold) return;
    this.isTold = true;
    if (ids.length === 0) return;
    const line = { count: ids.length, changeIds: ids.slice(0, MOST_TOLD) };
    this.logger.event('warn', 'changes have no recorded outcome: they run elsewhere, or their process ended', line);
  }

  private async settleOne({ change_id: changeId, time_ms: timeMs }: OpenChange): Promise<void> {
    const intent = await this.intentOf(changeId);
    if (!intent) return;
    const isMade = await this.lookAtDingTalk(intent);
    if (isMade === undefined && Date.now() - timeMs < PATIENCE_MS) return;
    const { sequence: _, time: __, ...entry } = intent;
    const found: Partial<AuditEntry> = isMade
      ? { phase: AuditPhase.DONE, outcome: 'ok', note: 'found as asked by reading back' }
      : {
          phase: AuditPhase.UNKNOWN,
          outcome: 'OUTCOME_UNKNOWN',
          note: 'its process ended before the outcome was recorded',
        };
    const outcome: AuditEntry = { ...entry, phase: AuditPhase.UNKNOWN, ...found, id: uuid() };
    const added = await this.chain.add({ entry: outcome, ifOpen: true }, SPARE_MS);
    if (!('record' in added) || !added.record) return;
    const { operation, targets, phase, caller } = outcome;
    this.logger.event('warn', 'a change had no recorded outcome', { changeId, operation, targets, phase, by: caller });
  }

  /** @returns undefined where DingTalk cannot be asked just now. */
  private async lookAtDingTalk(intent: AuditRecord): Promise<boolean | undefined> {
    try {
      return (await this.readBacks.get(intent.operation)?.(intent)) ?? false;
    } catch (error) {
      // What is not there was not made so.
      return error instanceof Failure && error.code === 'NOT_FOUND' ? false : undefined;
    }
  }

  private async intentOf(changeId: string): Promise<AuditRecord | undefined> {
    const row = await this.store.read((db) =>
      db.selectFrom('audit_records').select('body').where('id', '=', changeId).executeTakeFirst(),
    );
    return row && (JSON.parse(row.body) as AuditRecord);
  }
}
