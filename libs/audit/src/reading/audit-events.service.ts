import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { type Page, type PageRequest, fromCursor, pageInfoOf, toCursor } from '#contract';
import { type Kysely, sql } from 'kysely';
import { unavailable } from '../chain/chain.js';
import type { AuditRecord } from '../chain/record.js';
import { AuditStore } from '../store/audit-store.js';
import { Trail } from '../trail.js';
import type { Tables } from '../store/tables.js';
import type { AuditEvent } from './audit-event.model.js';
import type { AuditFilter } from './audit-filter.model.js';

type Db = Kysely<Tables>;

/** Records that an export reads at once. */
const BATCH = 500;

/** Reads the trail, the newest record first. Whoever reads it is in it. */
@Injectable()
export class AuditEvents {
  constructor(
    private readonly settings: Settings,
    private readonly store: AuditStore,
    private readonly trail: Trail,
  ) {}

  /** @throws Failure AUDIT_UNAVAILABLE; BAD_INPUT for a cursor of another list. */
  async page(filter: AuditFilter, { first, after, afterField }: PageRequest): Promise<Page<AuditEvent>> {
    const list = `audit-events ${JSON.stringify(Object.entries(filter).sort())}`;
    const { cursorKey } = this.settings.reads;
    const [before] = after === undefined ? [] : fromCursor(list, after, cursorKey, afterField);
    await this.trail.readBy('auditEvents', filter);
    const found = await this.read(filter, first + 1, before);
    const edges = found.slice(0, first).map((node) => ({ node, cursor: toCursor(list, [node.sequence], cursorKey) }));
    return { edges, pageInfo: pageInfoOf(edges, found.length > first, after) };
  }

  /** All of them, a few at a time. */
  async *all(filter: AuditFilter): AsyncGenerator<AuditEvent[], void> {
    await this.trail.readBy('exportAuditEvents', filter);
    let before: number | undefined;
    do {
      const events = await this.read(filter, BATCH, before);
      if (events.length > 0) yield events;
      before = events.length < BATCH ? undefined : events.at(-1)?.sequence;
    } while (before !== undefined);
  }

  private async read(filter: AuditFilter, limit: number, before?: number): Promise<AuditEvent[]> {
    try {
      return await this.store.read((db) => find(db, filter, limit, before));
    } catch {
      throw unavailable(this.store.tell().reason);
    }
  }
}

async function find(db: Db, filter: AuditFilter, limit: number, before = Infinity): Promise<AuditEvent[]> {
  const { caller, operation, outcome, phase, target } = filter;
  const [from, to] = [await sequenceAt(db, filter.from), await sequenceAt(db, filter.to)];
  // The index that finds them has them in this order: a page far back costs no more than the first.
  const sequence = sql<number>`${sql.ref(target === undefined ? 'record.sequence' : 'about.sequence')}`;
  const end = Math.min(before, to ?? Infinity);
  const rows = await db
    .selectFrom('audit_records as record')
    .$if(target !== undefined, (query) =>
      query
        .innerJoin('audit_targets as about', 'about.sequence', 'record.sequence')
        .where('about.target', '=', String(target)),
    )
    .select(['record.body', 'record.hash'])
    .where((is) =>
      is.and([
        ...Object.entries({ caller, operation, outcome, phase }).flatMap(([column, value]) =>
          value === undefined ? [] : [is(sql.ref(`record.${column}`), '=', value)],
        ),
        ...(from === undefined ? [] : [is(sequence, '>=', from)]),
        ...(end === Infinity ? [] : [is(sequence, '<', end)]),
      ]),
    )
    .orderBy(sequence, 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ body, hash }) => toEvent(JSON.parse(body) as AuditRecord, hash));
}

/** The first record of that time or later: in the chain time goes forward only. */
async function sequenceAt(db: Db, time: string | undefined): Promise<number | undefined> {
  if (time === undefined) return undefined;
  const first = await db
    .selectFrom('audit_records')
    .select('sequence')
    .where('time_ms', '>=', Date.parse(time))
    .orderBy('time_ms')
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst();
  return first?.sequence ?? Number.MAX_SAFE_INTEGER;
}

function toEvent(record: AuditRecord, hash: string): AuditEvent {
  const { id, changeId, sequence, time, phase, requestId, traceparent = null, caller, address = null } = record;
  const { operation, targets, optUserId = null, scope = null, changes, outcome = null } = record;
  const { dingtalkCode = null, dingtalkRequestId = null, tries = null, ms = null, faults = [], note = null } = record;
  return {
    ...{ id, changeId, sequence, time, phase, requestId, traceparent, caller, address, operation },
    ...{ target: targets.join(' '), optUserId, scope },
    changes: changes.map(({ field, before = null, after = null }) => ({ field, before, after })),
    ...{ outcome, dingtalkCode, dingtalkRequestId, tries, ms, faults: [...faults], note, hash },
  };
}
