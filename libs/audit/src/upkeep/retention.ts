import { Injectable } from '@nestjs/common';
import type { Transaction } from 'kysely';
import { v7 as uuid } from 'uuid';
import { Settings } from '#config';
import { Logger } from '#telemetry';
import { append, lockHead } from '../chain/append.js';
import { Chain } from '../chain/chain.js';
import { digestOfGrants } from '../chain/ledger-digest.js';
import { KEY_LIFE_MS } from '../chain/claims.js';
import { AuditPhase, type Link } from '../chain/record.js';
import { AuditStore } from '../store/audit-store.js';
import type { Tables } from '../store/tables.js';

const DAY_MS = 86_400_000;
/** Removed in one transaction: others wait for its end. */
const AT_ONCE = 1000;

const REMOVE_RECORDS = 'removeAuditRecords';

/** Removes what is older than it is to be kept. The chain begins later then, which is recorded in it and signed. */
@Injectable()
export class Retention {
  constructor(
    private readonly settings: Settings,
    private readonly store: AuditStore,
    private readonly chain: Chain,
    private readonly logger: Logger,
  ) {}

  async run(): Promise<void> {
    await this.store.write((db) =>
      db
        .deleteFrom('audit_idempotency_keys')
        .where('time_ms', '<', Date.now() - KEY_LIFE_MS)
        .execute(),
    );
    const { keptDays } = this.settings.audit;
    if (keptDays === undefined) return;
    const beforeMs = Date.now() - keptDays * DAY_MS;
    for (;;) {
      const { count, links } = await this.store.write((db) => this.remove(db, beforeMs));
      if (count === 0) return;
      this.chain.tell(links);
      this.logger.event('info', 'old records of the trail are removed', { count });
    }
  }

  /** @returns how many records were removed, and what tells of it. */
  private async remove(db: Transaction<Tables>, beforeMs: number): Promise<{ count: number; links: readonly Link[] }> {
    const head = await lockHead(db, this.store.engine, this.chain.signer);
    const old = await db
      .selectFrom('audit_records')
      .select(['sequence', 'hash'])
      .where('time_ms', '<', beforeMs)
      .orderBy('sequence')
      .limit(AT_ONCE)
      .execute();
    const open = await db.selectFrom('audit_open_changes').select('sequence').orderBy('sequence').limit(1).execute();
    const end = open[0]?.sequence ?? Infinity;
    // The last record stays: it is where the chain goes on.
    const removed = old.filter(({ sequence }) => sequence < Math.min(end, head.sequence));
    const last = removed.at(-1);
    if (!last) return { count: 0, links: [] };
    const id = uuid();
    const changes = [
      { field: 'upTo', after: last.sequence },
      { field: 'count', after: removed.length },
    ];
    const ledger = await digestOfGrants(db, head, last.sequence);
    const base = { ...head, base_sequence: last.sequence, base_hash: last.hash, base_ledger: ledger };
    const entry = { id, changeId: id, phase: AuditPhase.DONE, outcome: 'ok', requestId: '', caller: 'gateway' };
    const told = [{ ...entry, operation: REMOVE_RECORDS, targets: ['trail'], changes }];
    const { links } = await append(db, base, told, this.chain.signer);
    for (const table of ['audit_records', 'audit_targets', 'audit_checkpoints'] as const) {
      await db.deleteFrom(table).where('sequence', '<=', last.sequence).execute();
    }
    return { count: removed.length, links };
  }
}
