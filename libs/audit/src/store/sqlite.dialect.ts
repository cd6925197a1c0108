import { setTimeout as pause } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely';
import Database from 'libsql/promise';
import { Turns } from './turns.js';

/** Others may hold the lock; whoever waits longer has given up. */
const BUSY_MS = 1000;
/** SQLite itself looks less and less often: where several processes write, one of them would never find the lock free. */
const LOOK_MS = 5;
const MOST_STATEMENTS = 100;

export const isBusy = (error: unknown): boolean => String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY');

/** Looks for the lock until it is free. */
async function patiently(work: () => Promise<void>): Promise<void> {
  const endMs = performance.now() + BUSY_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > endMs) throw error;
    }
    await pause(LOOK_MS * (0.5 + Math.random()));
  }
}

interface Statement {
  readonly reader: boolean;
  all(parameters: readonly unknown[]): Promise<unknown[]>;
  run(parameters: readonly unknown[]): { changes: number };
}

/**
 * One connection to the file. Waiting for the lock and writing to the disk go on outside the event loop: `begin` and `commit`
 * are what takes long, and `exec` runs them on a thread of its own.
 */
class SqliteConnection implements DatabaseConnection {
  private readonly statements = new Map<string, Statement>();

  constructor(private readonly database: Database) {}

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = await this.prepared(sql);
    if (statement.reader) return { rows: (await statement.all(parameters)) as Row[] };
    return { rows: [], numAffectedRows: BigInt(statement.run(parameters).changes) };
  }

  async exec(sql: string): Promise<void> {
    await this.database.exec(sql);
  }

  // Kysely asks for it, nobody here does.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('this connection does not stream');
  }

  private async prepared(sql: string): Promise<Statement> {
    const known = this.statements.get(sql);
    if (known) return known;
    const statement = (await this.database.prepare(sql)) as Statement;
    if (this.statements.size >= MOST_STATEMENTS) this.statements.clear();
    this.statements.set(sql, statement);
    return statement;
  }
}

class SqliteDriver implements Driver {
  private readonly turns = new Turns();
  private endTurn: () => void = () => undefined;
  private readonly database: Database;
  private readonly connection: SqliteConnection;

  constructor(file: string) {
    this.database = new Database(file, { timeout: LOOK_MS });
    this.connection = new SqliteConnection(this.database);
  }

  async init(): Promise<void> {
    await patiently(() => this.connection.exec('pragma journal_mode = wal; pragma synchronous = full'));
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    this.endTurn = await this.turns.take();
    return this.connection;
  }

  /** The lock at once: a transaction that reads first and finds that another has written meanwhile cannot go on. */
  beginTransaction(_: DatabaseConnection, { accessMode }: TransactionSettings): Promise<void> {
    return patiently(() => this.connection.exec(accessMode === 'read only' ? 'begin' : 'begin immediate'));
  }

  commitTransaction(): Promise<void> {
    return this.connection.exec('commit');
  }

  /** After some failures SQLite has done so itself. */
  async rollbackTransaction(): Promise<void> {
    await this.connection.exec('rollback').catch(() => undefined);
  }

  async releaseConnection(): Promise<void> {
    this.endTurn();
  }

  async destroy(): Promise<void> {
    this.database.close();
  }
}

/** Kysely's dialect of SQLite over libsql, whose slow parts do not hold up the event loop. */
export class LibsqlDialect implements Dialect {
  constructor(private readonly file: string) {}

  createDriver(): Driver {
    return new SqliteDriver(this.file);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}
