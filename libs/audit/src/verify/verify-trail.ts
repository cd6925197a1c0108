import { existsSync } from 'node:fs';
import { Kysely } from 'kysely';
import type { Settings } from '#config';
import { Signer } from '../chain/signer.js';
import { fileIn } from '../store/audit-store.js';
import { postgresDialect } from '../store/postgres.dialect.js';
import { LibsqlDialect } from '../store/sqlite.dialect.js';
import type { Tables } from '../store/tables.js';
import { type Verdict, Verification, type VerifyOptions } from './verification.js';

/** A page of a long trail takes its time. */
const PATIENCE_MS = 60_000;

/**
 * Looks whether the whole trail is as it was written, while gateways write on.
 * @throws Error where it cannot be read.
 */
export async function verifyTrail(
  { database, folder, keys }: Settings['audit'],
  options: Omit<VerifyOptions, 'db' | 'signer'>,
): Promise<Verdict> {
  const file = fileIn(folder);
  // To open it would make it.
  if (!database && !existsSync(file)) throw new Error(`there is no trail at ${file}`);
  const db = new Kysely<Tables>({
    dialect: database ? postgresDialect(database, { most: 1, patienceMs: PATIENCE_MS }) : new LibsqlDialect(file),
  });
  try {
    const snapshot = db.transaction().setAccessMode('read only').setIsolationLevel('repeatable read');
    return await snapshot.execute((at) => new Verification({ ...options, db: at, signer: new Signer(keys) }).run());
  } finally {
    await db.destroy();
  }
}
