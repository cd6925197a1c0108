import type { Selectable, Transaction } from 'kysely';
import type { Tables } from '../store/tables.js';
import type { Engine } from '../store/migrations.js';
import { grantsOf } from './grants.js';
import { type AuditEntry, AuditPhase, type Link, linkAfter } from './record.js';
import type { Signer } from './signer.js';

type Db = Transaction<Tables>;
type Head = Selectable<Tables['audit_head']>;

/** A checkpoint is made after so many records, or after so long where there are fewer. */
const CHECKPOINT_RECORDS = 1000;
const CHECKPOINT_MS = 60_000;

/** The trail was signed with a key that is not known here, or was changed after it was signed. */
class ForeignTrail extends Error {
  constructor() {
    super('the trail is signed with another AUDIT_KEY, or was changed by somebody without it');
  }
}

/** What one transaction has added. */
export interface Appended {
  readonly links: readonly Link[];
  readonly checkpoint?: { readonly sequence: number; readonly hash: string };
}

/** Locks the end of the chain until the transaction is over: however many write, it stays one. */
export async function lockHead(db: Db, engine: Engine, signer: Signer): Promise<Head> {
  const query = db.selectFrom('audit_head').selectAll().where('id', '=', 1);
  // SQLite has locked the whole file already.
  const head = await (engine === 'postgres' ? query.forUpdate() : query).executeTakeFirstOrThrow();
  // To go on behind what somebody else has signed would make it good.
  if (signer.canSign && head.signature !== null && !signer.believes(head.signature, signableOf(head))) {
    throw new ForeignTrail();
  }
  return head;
}

export const signableOf = (head: Head) => ({
  sequence: head.sequence,
  hash: head.hash,
  timeMs: head.time_ms,
  baseSequence: head.base_sequence,
  baseHash: head.base_hash,
  baseLedger: head.base_ledger,
  signedFrom: head.signed_from,
});

/** Adds entries to the end of the chain, which the transaction has locked. */
export async function append(db: Db, head: Head, entries: readonly AuditEntry[], signer: Signer): Promise<Appended> {
  if (entries.length === 0) return { links: [] };
  // Clocks of replicas differ: here time does not run backwards.
  const timeMs = Math.max(Date.now(), head.time_ms);
  const time = new Date(timeMs).toISOString();
  const links: Link[] = [];
  for (const entry of entries) {
    const sequence = head.sequence + links.length + 1;
    links.push(linkAfter(links.at(-1)?.hash ?? head.hash, { sequence, time, ...entry }));
  }
  await insert(db, links, timeMs);
  const last = links.at(-1) as Link;
  const end = { sequence: last.record.sequence, hash: last.hash };
  const isCheckpoint = isDue(head, end.sequence, timeMs);
  // What stands before was signed by nobody when it was written, whoever signs the end of it now.
  const isFirstSigned = signer.canSign && head.signature === null;
  const signed_from = signer.canSign ? (isFirstSigned ? head.sequence + 1 : head.signed_from) : 0;
  const moved = { ...head, ...end, time_ms: timeMs, signed_from, ...(isCheckpoint && { checkpoint_ms: timeMs }) };
  const signature = signer.sign(signableOf(moved));
  await db
    .updateTable('audit_head')
    .set({ ...moved, signature })
    .where('id', '=', 1)
    .execute();
  if (!isCheckpoint) return { links };
  const signed = signer.sign({ ...end, timeMs });
  await db
    .insertInto('audit_checkpoints')
    .values({ ...end, time_ms: timeMs, signature: signed })
    .execute();
  return { links, checkpoint: end };
}

const isDue = (head: Head, sequence: number, timeMs: number): boolean =>
  Math.floor(sequence / CHECKPOINT_RECORDS) > Math.floor(head.sequence / CHECKPOINT_RECORDS) ||
  timeMs - head.checkpoint_ms >= CHECKPOINT_MS;

async function insert(db: Db, links: readonly Link[], timeMs: number): Promise<void> {
  const records = links.map(({ record, body, previousHash, hash }) => ({
    sequence: record.sequence,
    id: record.id,
    change_id: record.changeId,
    time_ms: timeMs,
    phase: record.phase,
    caller: record.caller,
    operation: record.operation,
    outcome: record.outcome ?? null,
    body,
    previous_hash: previousHash,
    hash,
  }));
  await db.insertInto('audit_records').values(records).execute();
  const targets = links.flatMap(({ record: { targets: all, sequence } }) =>
    [...new Set(all)].map((target) => ({ target, sequence })),
  );
  if (targets.length > 0) await db.insertInto('audit_targets').values(targets).execute();
  const grants = links.flatMap(({ record }) => grantsOf(record));
  if (grants.length > 0) await db.insertInto('audit_visibility_grants').values(grants).execute();
  // By this clock, and not by that of the chain, which one wrong clock sets forward.
  await openAndClose(db, links, Date.now());
}

async function openAndClose(db: Db, links: readonly Link[], timeMs: number): Promise<void> {
  const closed = links.filter(({ record }) => record.phase !== AuditPhase.INTENT && record.changeId !== record.id);
  const ids = new Set(closed.map(({ record }) => record.changeId));
  const opened = links.filter(({ record }) => record.phase === AuditPhase.INTENT && !ids.has(record.changeId));
  if (ids.size > 0)
    await db
      .deleteFrom('audit_open_changes')
      .where('change_id', 'in', [...ids])
      .execute();
  if (opened.length === 0) return;
  const rows = opened.map(({ record: { changeId, sequence } }) => ({ change_id: changeId, sequence, time_ms: timeMs }));
  await db.insertInto('audit_open_changes').values(rows).execute();
}

/** Whether the change has no outcome yet. */
export async function isOpen(db: Db, changeId: string): Promise<boolean> {
  const query = db.selectFrom('audit_open_changes').select('sequence').where('change_id', '=', changeId);
  return (await query.executeTakeFirst()) !== undefined;
}

export async function isKept(db: Db, id: string): Promise<boolean> {
  const query = db.selectFrom('audit_records').select('sequence').where('id', '=', id);
  return (await query.executeTakeFirst()) !== undefined;
}
