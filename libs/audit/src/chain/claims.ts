import type { Transaction } from 'kysely';
import { FAILURES, isFailureCode } from '#contract';
import type { Tables } from '../store/tables.js';
import { AuditPhase, type AuditRecord } from './record.js';

type Db = Transaction<Tables>;

/** For how long a key stands for the request that it first came with. */
export const KEY_LIFE_MS = 24 * 3_600_000;

/** A change that was asked for with an `Idempotency-Key`. */
export interface Claim {
  /** Of the caller and the key. */
  readonly keyHash: string;
  /** Of everything that was asked. */
  readonly requestHash: string;
  /** Which change of the request it is, from 0. */
  readonly ordinal: number;
}

/** What the key was used for before. */
export type Earlier =
  | { readonly is: 'another request' }
  | { readonly is: 'running' }
  | { readonly is: 'over'; readonly record: AuditRecord };

/**
 * A change that was certainly not made, and not for the caller's fault, may be asked for again, which is what the key is for:
 * what has failed in passing, and what an operator has to mend.
 */
function mayRunAgain({ phase, outcome = '' }: AuditRecord): boolean {
  if (phase !== AuditPhase.FAILED && phase !== AuditPhase.REFUSED) return false;
  return !isFailureCode(outcome) || FAILURES[outcome].retryable || FAILURES[outcome].blame !== 'caller';
}

/** @returns what the key was used for; undefined where it is free, and now stands for this change. */
export async function claim(
  db: Db,
  { keyHash, requestHash, ordinal }: Claim,
  changeId: string,
): Promise<Earlier | undefined> {
  const sinceMs = Date.now() - KEY_LIFE_MS;
  const rows = await db
    .selectFrom('audit_idempotency_keys')
    .selectAll()
    .where('key_hash', '=', keyHash)
    .where('time_ms', '>', sinceMs)
    .execute();
  if (rows.some((row) => row.request_hash !== requestHash)) return { is: 'another request' };
  const mine = rows.find((row) => row.ordinal === ordinal);
  const earlier = mine && (await outcomeOf(db, mine.change_id));
  if (earlier) return earlier;
  const row = { key_hash: keyHash, ordinal, request_hash: requestHash, change_id: changeId, time_ms: Date.now() };
  await db
    .insertInto('audit_idempotency_keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['key_hash', 'ordinal']).doUpdateSet(row))
    .execute();
  return undefined;
}

async function outcomeOf(db: Db, changeId: string): Promise<Earlier | undefined> {
  const last = await db
    .selectFrom('audit_records')
    .select('body')
    .where('change_id', '=', changeId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  // Without a record it is about to get one, in this very transaction.
  const record = last && (JSON.parse(last.body) as AuditRecord);
  if (!record || record.phase === AuditPhase.INTENT) return { is: 'running' };
  return mayRunAgain(record) ? undefined : { is: 'over', record };
}
