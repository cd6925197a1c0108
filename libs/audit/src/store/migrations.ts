import { type ColumnDataType, type Kysely, type Transaction, sql } from 'kysely';
import { GENESIS } from '../chain/record.js';
import type { Tables } from './tables.js';

/** Which of the two databases it is. */
export type Engine = 'sqlite' | 'postgres';

type Migration = (db: Transaction<Tables>, int: ColumnDataType) => Promise<void>;

async function createRecords(db: Transaction<Tables>, int: ColumnDataType): Promise<void> {
  await db.schema
    .createTable('audit_records')
    .addColumn('sequence', int, (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('change_id', 'text', (column) => column.notNull())
    .addColumn('time_ms', int, (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('caller', 'text', (column) => column.notNull())
    .addColumn('operation', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('previous_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  // Every filter finds its records in the order in which they are told: a page far back costs no more than the first.
  for (const column of ['change_id', 'time_ms', 'phase', 'caller', 'operation', 'outcome'] as const) {
    await db.schema
      .createIndex(`audit_records_by_${column}`)
      .on('audit_records')
      .columns([column, 'sequence'])
      .execute();
  }
  await db.schema
    .createTable('audit_targets')
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('sequence', int, (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_targets_key', ['target', 'sequence'])
    .execute();
  await db.schema.createIndex('audit_targets_by_sequence').on('audit_targets').column('sequence').execute();
}

async function createChain(db: Transaction<Tables>, int: ColumnDataType): Promise<void> {
  await db.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('sequence', int, (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('time_ms', int, (column) => column.notNull())
    .addColumn('base_sequence', int, (column) => column.notNull())
    .addColumn('base_hash', 'text', (column) => column.notNull())
    .addColumn('base_ledger', 'text', (column) => column.notNull())
    .addColumn('checkpoint_ms', int, (column) => column.notNull())
    .addColumn('signed_from', int, (column) => column.notNull())
    .addColumn('signature', 'text')
    .execute();
  const start = { sequence: 0, hash: GENESIS, time_ms: 0, checkpoint_ms: 0, signed_from: 0, signature: null };
  const base = { base_sequence: 0, base_hash: GENESIS, base_ledger: GENESIS };
  await db
    .insertInto('audit_head')
    .values({ id: 1, ...start, ...base })
    .execute();
  await db.schema
    .createTable('audit_checkpoints')
    .addColumn('sequence', int, (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('time_ms', int, (column) => column.notNull())
    .addColumn('signature', 'text')
    .execute();
}

async function createChanges(db: Transaction<Tables>, int: ColumnDataType): Promise<void> {
  await db.schema
    .createTable('audit_open_changes')
    .addColumn('change_id', 'text', (column) => column.primaryKey())
    .addColumn('sequence', int, (column) => column.notNull())
    .addColumn('time_ms', int, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('audit_idempotency_keys')
    .addColumn('key_hash', 'text', (column) => column.notNull())
    .addColumn('ordinal', 'integer', (column) => column.notNull())
    .addColumn('request_hash', 'text', (column) => column.notNull())
    .addColumn('change_id', 'text', (column) => column.notNull())
    .addColumn('time_ms', int, (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_idempotency_keys_key', ['key_hash', 'ordinal'])
    .execute();
  await db.schema
    .createIndex('audit_idempotency_keys_by_time')
    .on('audit_idempotency_keys')
    .column('time_ms')
    .execute();
  await db.schema
    .createTable('audit_visibility_grants')
    .addColumn('to_corp_id', 'text', (column) => column.notNull())
    .addColumn('sequence', int, (column) => column.notNull())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('time_ms', int, (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('fields', 'text', (column) => column.notNull())
    .addColumn('opt_user_id', 'text', (column) => column.notNull())
    .addColumn('caller', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_visibility_grants_key', ['to_corp_id', 'sequence'])
    .execute();
  await db.schema
    .createIndex('audit_visibility_grants_by_sequence')
    .on('audit_visibility_grants')
    .column('sequence')
    .execute();
}

/** Forward only: what has run somewhere is never changed, more is added at the end. */
const MIGRATIONS: readonly Migration[] = [
  async (db, int) => {
    await createRecords(db, int);
    await createChain(db, int);
    await createChanges(db, int);
  },
];

/** `DCG` and a number: no other program that uses the database locks the same. */
const MIGRATION_LOCK = 0x444347_01;

async function versionOf(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('audit_schema').select('version').executeTakeFirst();
  return row?.version ?? 0;
}

/**
 * Brings the tables up to date, however many processes start at once: in SQLite a transaction locks the file, in PostgreSQL
 * there is a lock for it. Where they are, no right to make any is needed.
 * @throws Error where the tables are those of a newer gateway.
 */
export async function migrate(db: Kysely<Tables>, engine: Engine): Promise<void> {
  // Where there is no such table yet, or nothing can be asked, what follows meets it again.
  const isUpToDate = await versionOf(db).then(
    (version) => version === MIGRATIONS.length,
    () => false,
  );
  if (isUpToDate) return;
  await db.transaction().execute(async (transaction) => {
    if (engine === 'postgres') await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction);
    await transaction.schema
      .createTable('audit_schema')
      .ifNotExists()
      .addColumn('version', 'integer', (column) => column.notNull())
      .execute();
    const version = await versionOf(transaction);
    if (version > MIGRATIONS.length) throw new Error('its tables are those of a newer gateway');
    if (version === MIGRATIONS.length) return;
    const int = engine === 'sqlite' ? 'integer' : 'bigint';
    for (const migration of MIGRATIONS.slice(version)) await migration(transaction, int);
    await transaction.deleteFrom('audit_schema').execute();
    await transaction.insertInto('audit_schema').values({ version: MIGRATIONS.length }).execute();
  });
}
