import { Injectable } from '@nestjs/common';
import { type Kysely, type Selectable, sql } from 'kysely';
import { unavailable } from '../chain/chain.js';
import { AuditPhase } from '../chain/record.js';
import { AuditStore } from '../store/audit-store.js';
import type { Tables } from '../store/tables.js';

type Db = Kysely<Tables>;
type Row = Selectable<Tables['audit_visibility_grants']>;

/** What was authorised to one organisation by one change. */
export interface KeptGrant {
  readonly toCorpId: string;
  readonly fields: readonly string[];
  readonly optUserId: string;
  readonly caller: string;
  readonly time: string;
  readonly auditEventId: string;
  /** UNKNOWN where DingTalk's answer was lost. */
  readonly phase: AuditPhase;
}

interface Asked {
  /** That organisation alone. */
  readonly toCorpId?: string;
  /** Organisations behind that one, in the order of their ids. */
  readonly after?: string;
  readonly first: number;
}

/** Earlier grants of one organisation that are told with its last one. */
export const MOST_EARLIER = 20;

/** What was ever authorised to whom, as far as it went through this gateway. */
@Injectable()
export class GrantsLedger {
  constructor(private readonly store: AuditStore) {}

  /**
   * By organisation what was authorised, the last first.
   * @throws Failure AUDIT_UNAVAILABLE
   */
  async read(asked: Asked): Promise<KeptGrant[][]> {
    try {
      return await this.store.read(async (db) => grouped(await rowsOf(db, await organisations(db, asked))));
    } catch {
      throw unavailable(this.store.tell().reason);
    }
  }
}

async function organisations(db: Db, { toCorpId, after, first }: Asked): Promise<string[]> {
  if (toCorpId !== undefined) return [toCorpId];
  const rows = await db
    .selectFrom('audit_visibility_grants')
    .select('to_corp_id')
    .distinct()
    .where('to_corp_id', '>', after ?? '')
    .orderBy('to_corp_id')
    .limit(first)
    .execute();
  return rows.map((row) => row.to_corp_id);
}

async function rowsOf(db: Db, toCorpIds: readonly string[]): Promise<Row[]> {
  if (toCorpIds.length === 0) return [];
  const place = sql<number>`row_number() over (partition by to_corp_id order by sequence desc)`;
  return db
    .selectFrom((inner) =>
      inner
        .selectFrom('audit_visibility_grants')
        .selectAll()
        .select(place.as('place'))
        .where('to_corp_id', 'in', toCorpIds)
        .as('grants'),
    )
    .selectAll()
    .where('place', '<=', MOST_EARLIER + 1)
    .orderBy('to_corp_id')
    .orderBy('sequence', 'desc')
    .execute();
}

function grouped(rows: readonly Row[]): KeptGrant[][] {
  const groups = new Map<string, KeptGrant[]>();
  for (const row of rows) groups.set(row.to_corp_id, [...(groups.get(row.to_corp_id) ?? []), toGrant(row)]);
  return [...groups.values()];
}

const toGrant = (row: Row): KeptGrant => ({
  toCorpId: row.to_corp_id,
  fields: JSON.parse(row.fields) as string[],
  optUserId: row.opt_user_id,
  caller: row.caller,
  time: new Date(row.time_ms).toISOString(),
  auditEventId: row.event_id,
  phase: row.phase as AuditPhase,
});
