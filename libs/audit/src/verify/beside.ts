import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../store/tables.js';

const AT_ONCE = 1000;

/** Something that is not as it was written. */
export interface Finding {
  /** The record; 0 for the trail as a whole. */
  readonly sequence: number;
  readonly what: string;
}

export type Checkpoint = Selectable<Tables['audit_checkpoints']>;

export async function checkpointsIn(db: Kysely<Tables>): Promise<Checkpoint[]> {
  const all: Checkpoint[] = [];
  for (let last = 0; ; last = all.at(-1)?.sequence ?? 0) {
    const query = db.selectFrom('audit_checkpoints').selectAll().where('sequence', '>', last);
    const page = await query.orderBy('sequence').limit(AT_ONCE).execute();
    all.push(...page);
    if (page.length < AT_ONCE) return all;
  }
}

/**
 * What belongs to no record of the chain, but would be told with them.
 * @param base the last record that was removed as too old; its grants stay.
 */
export async function strangersIn(db: Kysely<Tables>, base: number, last: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  const tables = { audit_records: base, audit_targets: base, audit_visibility_grants: 0 } as const;
  for (const [table, from] of Object.entries(tables) as [keyof typeof tables, number][]) {
    const row = await db
      .selectFrom(table)
      .select('sequence')
      .where((is) => is.or([is('sequence', '<=', from), is('sequence', '>', last)]))
      .limit(1)
      .executeTakeFirst();
    if (row) findings.push({ sequence: row.sequence, what: `stands in ${table}, and is no record of the chain` });
  }
  return findings;
}
