import { access, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Kysely, sql } from 'kysely';
import type { DatabaseAddress, Settings } from '#config';
import { reasonOf } from './audit-store.js';
import { postgresDialect } from './postgres.dialect.js';

/** Looks whether the database of the trail could be used, and changes nothing. @returns why not; undefined where it could. */
export async function lookAtDatabase({ database, folder }: Settings['audit']): Promise<string | undefined> {
  try {
    await (database ? lookAtPostgres(database) : lookAtFolder(resolve(folder)));
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

async function lookAtPostgres(address: DatabaseAddress): Promise<void> {
  const db = new Kysely<unknown>({ dialect: postgresDialect(address, { most: 1 }) });
  try {
    const mayWrite = sql<{ mayCreate: boolean; isReadOnly: string }>`
      select to_regclass('audit_schema') is not null
        or has_schema_privilege(current_schema(), 'create') as "mayCreate",
        current_setting('transaction_read_only') as "isReadOnly"`;
    const [row] = (await mayWrite.execute(db)).rows;
    if (row?.isReadOnly === 'on') throw new Error('it is read-only');
    if (!row?.mayCreate) throw new Error('the user may not create tables');
  } finally {
    await db.destroy();
  }
}

/** One that is not there yet will be made. */
async function lookAtFolder(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await lookAtFolder(dirname(folder));
  }
}
