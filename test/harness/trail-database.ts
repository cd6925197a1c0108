import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { PostgresServer } from './postgres.js';
import type { Environment } from './world.js';

/** A trail that a test may do to as it likes. */
export interface KeptTrail {
  /** What a gateway is told to use it. */
  readonly environment: Environment;
  /** Statements without an answer, one after the other. */
  run(...statements: readonly string[]): Promise<void>;
  ask(query: string): Promise<Record<string, unknown>[]>;
}

/** A database of either kind. */
export interface TrailDatabase {
  readonly kind: 'SQLite' | 'PostgreSQL';
  /** A new trail, empty. */
  make(): Promise<KeptTrail>;
  /** A trail that holds what another does, which nobody uses just now. */
  copyOf(trail: KeptTrail): Promise<KeptTrail>;
  stop(): Promise<void>;
}

class SqliteTrail implements KeptTrail {
  readonly environment: Environment;

  constructor(private readonly folder: string) {
    this.environment = { DATA_DIR: folder, DATABASE_URL: undefined };
  }

  async run(...statements: readonly string[]): Promise<void> {
    this.with((database) => {
      for (const statement of statements) database.exec(statement);
    });
  }

  async ask(query: string): Promise<Record<string, unknown>[]> {
    return this.with((database) => database.prepare(query).all() as Record<string, unknown>[]);
  }

  private with<Result>(work: (database: Database.Database) => Result): Result {
    const database = new Database(join(this.folder, 'gateway.db'), { timeout: 5000 });
    try {
      return work(database);
    } finally {
      database.close();
    }
  }
}

export class Sqlite implements TrailDatabase {
  readonly kind = 'SQLite';
  private readonly folder = mkdtempSync(join(tmpdir(), 'trails-'));
  private count = 0;

  async make(): Promise<SqliteTrail> {
    return new SqliteTrail(this.next());
  }

  async copyOf(trail: KeptTrail): Promise<SqliteTrail> {
    const folder = this.next();
    cpSync(String(trail.environment['DATA_DIR']), folder, { recursive: true });
    return new SqliteTrail(folder);
  }

  async stop(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private next(): string {
    this.count += 1;
    return join(this.folder, String(this.count));
  }
}

class PostgresTrail implements KeptTrail {
  readonly environment: Environment;

  constructor(
    private readonly server: PostgresServer,
    readonly name: string,
  ) {
    this.environment = { DATABASE_URL: server.urlOf(name) };
  }

  async run(...statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.ask(statement);
  }

  ask(query: string): Promise<Record<string, unknown>[]> {
    return this.server.say(query, this.name);
  }
}

export class Postgres implements TrailDatabase {
  readonly kind = 'PostgreSQL';
  private count = 0;

  private constructor(readonly server: PostgresServer) {}

  static async start(): Promise<Postgres> {
    return new Postgres(await PostgresServer.start());
  }

  make(): Promise<PostgresTrail> {
    return this.create('template1');
  }

  copyOf(trail: KeptTrail): Promise<PostgresTrail> {
    return this.create((trail as PostgresTrail).name);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  private async create(template: string): Promise<PostgresTrail> {
    this.count += 1;
    const name = `trail${this.count}`;
    await this.server.say(`create database ${name} template ${template}`);
    return new PostgresTrail(this.server, name);
  }
}
