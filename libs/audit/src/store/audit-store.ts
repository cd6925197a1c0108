import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Dialect, Kysely, type Transaction } from 'kysely';
import { Settings } from '#config';
import { Logger } from '#telemetry';
import { type Engine, migrate } from './migrations.js';
import { postgresDialect } from './postgres.dialect.js';
import { LibsqlDialect, isBusy } from './sqlite.dialect.js';
import type { Tables } from './tables.js';

/** Where SQLite keeps it. */
export const fileIn = (folder: string): string => join(folder, 'gateway.db');

/** That long a change of the tables may take. */
const MIGRATION_MS = 30_000;
/** PostgreSQL's code of it. */
const NO_TABLE = '42P01';
/** A store that is away is not asked anew for every request. */
const SPACING_MS = 250;

/** The store as it is open: those who read do not wait for those who write. */
interface Open {
  readonly writer: Kysely<Tables>;
  readonly reader: Kysely<Tables>;
  /** Which file it is: it may be replaced by another of the same name. */
  readonly inode?: number;
}

const open = (dialect: Dialect) => new Kysely<Tables>({ dialect });

/** Why the store cannot be used, in a word: messages may hold addresses. */
export const reasonOf = (error: unknown): string => {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message).slice(0, 100);
};

/**
 * The database of the trail: PostgreSQL, or a file of SQLite. It may go away and come back: it is opened when it is needed,
 * and opened anew after what may have broken it.
 */
@Injectable()
export class AuditStore implements OnApplicationShutdown {
  readonly engine: Engine;
  private opened?: Promise<Open>;
  private openedAtMs = -Infinity;
  /** Why it could not be opened. */
  private failure?: Error;
  private isEnding = false;
  private tellKnown: () => void = () => undefined;
  /** Over once it has been found out how it stands. */
  readonly known = new Promise<void>((known) => (this.tellKnown = known));
  private readonly running = new Map<Promise<unknown>, Open>();
  /** Those that are used no more. */
  private readonly left = new WeakSet<Open>();
  private current?: Open;
  /** Undefined until it is known. */
  private isThere?: boolean;
  private changedAtMs = 0;
  private reason = 'it has not been opened yet';

  constructor(
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {
    this.engine = settings.audit.database ? 'postgres' : 'sqlite';
  }

  /** How it stands, for operators. */
  tell(): { readonly isThere: boolean; readonly reason: string; readonly thereMs: number } {
    const { isThere = false, reason } = this;
    return { isThere, reason, thereMs: isThere ? performance.now() - this.changedAtMs : 0 };
  }

  async onApplicationShutdown(): Promise<void> {
    this.isEnding = true;
    const opened = await this.opened?.catch(() => undefined);
    if (opened) await this.leave(opened);
  }

  /** @param work runs in one transaction; SQLite lets one in at a time, PostgreSQL those who do not ask for the same lock. */
  async write<Result>(work: (db: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    try {
      const result = await this.use(({ writer }) => writer.transaction().execute(work));
      this.note(true, 'it takes records');
      return result;
    } catch (error) {
      this.note(false, reasonOf(error));
      throw error;
    }
  }

  /** What can be read says nothing of whether changes can be recorded. */
  read<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result> {
    return this.use(({ reader }) => work(reader));
  }

  private async use<Result>(work: (open: Open) => Promise<Result>): Promise<Result> {
    const opened = await this.open();
    const running = work(opened);
    this.running.set(running, opened);
    try {
      return await running;
    } catch (error) {
      if (this.isLost(error)) void this.leave(opened);
      throw error;
    } finally {
      this.running.delete(running);
    }
  }

  /** PostgreSQL's pool takes care of its connections itself, but the database may be another, without our tables. */
  private isLost(error: unknown): boolean {
    return this.engine === 'sqlite' ? !isBusy(error) : (error as { code?: unknown }).code === NO_TABLE;
  }

  private async open(): Promise<Open> {
    if (this.isEnding) throw new Error('the gateway ends');
    if (this.opened && !(await this.isReplaced(this.opened))) return this.opened;
    if (performance.now() - this.openedAtMs < SPACING_MS) throw this.failure ?? new Error('it is being opened');
    this.openedAtMs = performance.now();
    const opening = this.engine === 'postgres' ? this.openPostgres() : this.openSqlite();
    this.opened = opening;
    this.failure = undefined;
    opening.then(
      (opened) => (this.current = opened),
      (error: Error) => {
        this.failure = error;
        if (this.opened === opening) this.opened = undefined;
      },
    );
    return opening;
  }

  private async isReplaced(opening: Promise<Open>): Promise<boolean> {
    const opened = await opening;
    if (opened.inode === undefined || (await this.inode()) === opened.inode) return false;
    this.logger.event('error', 'the file of the trail has been replaced, or is gone: the next one is opened');
    void this.leave(opened);
    return true;
  }

  private async openPostgres(): Promise<Open> {
    const { database } = this.settings.audit;
    if (!database) throw new Error('there is no address');
    // What takes long: to bring the tables up to date.
    const migrator = open(postgresDialect(database, { most: 1, patienceMs: MIGRATION_MS }));
    await migrate(migrator, 'postgres').finally(() => migrator.destroy());
    // Whoever reads does not take the connections of those who write.
    return {
      writer: open(postgresDialect(database, { most: 2 })),
      reader: open(postgresDialect(database, { most: 3 })),
    };
  }

  private async openSqlite(): Promise<Open> {
    await mkdir(this.settings.audit.folder, { recursive: true, mode: 0o700 });
    const writer = open(new LibsqlDialect(this.file));
    await migrate(writer, 'sqlite').catch(async (error: unknown) => {
      await writer.destroy();
      throw error;
    });
    return { writer, reader: open(new LibsqlDialect(this.file)), inode: await this.inode() };
  }

  private get file(): string {
    return fileIn(this.settings.audit.folder);
  }

  private inode(): Promise<number | undefined> {
    return stat(this.file).then(
      ({ ino }) => ino,
      () => undefined,
    );
  }

  /** Once nobody uses it any more: a transaction that is cut off may go on holding its lock. */
  private async leave(opened: Open): Promise<void> {
    if (this.left.has(opened)) return;
    this.left.add(opened);
    if (this.current === opened) this.opened = undefined;
    const users = [...this.running].filter(([, used]) => used === opened);
    await Promise.allSettled(users.map(([work]) => work));
    await Promise.all([opened.writer.destroy(), opened.reader.destroy()]);
  }

  private note(isThere: boolean, reason: string): void {
    this.tellKnown();
    const changed = this.isThere !== isThere;
    [this.isThere, this.reason] = [isThere, reason];
    if (!changed) return;
    this.changedAtMs = performance.now();
    const words = isThere
      ? 'the database of the trail is there'
      : 'the database of the trail is away: changes are refused';
    this.logger.event(isThere ? 'info' : 'warn', words, isThere ? {} : { reason });
  }
}
