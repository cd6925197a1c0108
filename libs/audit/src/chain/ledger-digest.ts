import type { Kysely } from 'kysely';
import type { Tables } from '../store/tables.js';
import { type Grant, textOf } from './grants.js';
import { hashOf } from './record.js';

/** More than one change may hold. */
const AT_ONCE = 1000;

interface Base {
  readonly base_sequence: number;
  readonly base_ledger: string;
}

/** Databases have orders of text of their own. */
const inOrder = (one: Grant, other: Grant): number =>
  one.sequence - other.sequence || (one.to_corp_id < other.to_corp_id ? -1 : 1);

/**
 * A hash over every grant up to a record, one after the other: grants stay when the records that they follow from are removed,
 * and must not be changed either.
 * @param base up to where it is known.
 */
export async function digestOfGrants(db: Kysely<Tables>, base: Base, upTo: number): Promise<string> {
  let { base_sequence: done, base_ledger: digest } = base;
  for (;;) {
    const rows = await db
      .selectFrom('audit_visibility_grants')
      .selectAll()
      .where('sequence', '>', done)
      .where('sequence', '<=', upTo)
      .orderBy('sequence')
      .limit(AT_ONCE)
      .execute();
    const last = rows.at(-1)?.sequence;
    // The last change of a full page may go on behind it.
    const whole = rows.length < AT_ONCE ? rows : rows.filter(({ sequence }) => sequence !== last);
    for (const row of whole.sort(inOrder)) digest = hashOf(digest, textOf(row));
    if (rows.length < AT_ONCE) return digest;
    done = whole.at(-1)?.sequence ?? upTo;
  }
}
