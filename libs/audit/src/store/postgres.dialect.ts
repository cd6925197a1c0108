import { readFileSync } from 'node:fs';
import { PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import type { DatabaseAddress } from '#config';

/** Of a connection, a statement and a lock: whoever waits longer has given up. */
const PATIENCE_MS = 1000;
/** A replica that hangs in the middle of a transaction must not hold the lock of all others. */
const IDLE_IN_TRANSACTION_MS = 3000;
/** The server itself ends a statement, unless it hangs. */
const SPARE_MS = 200;
const INT8 = 20;

interface PoolOptions {
  readonly most: number;
  readonly patienceMs?: number;
}

/** What replicas are told may not be lost with the server: where a company has that turned off, it is turned on here. */
const onConnect = (patienceMs: number): string =>
  [
    `set statement_timeout = ${patienceMs}`,
    `set lock_timeout = ${patienceMs}`,
    `set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
    `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
  ].join(';');

/** Sequences and times are below 2^53. */
const typesOf = ({ types }: typeof pg) => ({
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    oid === INT8 ? Number : types.getTypeParser(oid, format),
});

function tlsOf({ tls, rootCertificate }: DatabaseAddress): pg.PoolConfig['ssl'] {
  if (tls === 'disable') return false;
  const ca = rootCertificate === undefined ? undefined : readFileSync(rootCertificate, 'utf8');
  return { rejectUnauthorized: tls === 'verify-full', ca };
}

/**
 * An error with a code of SQL's five characters is an answer; all else leaves the connection in the middle of something. One to
 * a server that ends, or that was made read-only, as where another has taken over, leads nowhere any more.
 */
function isAnswer(error: unknown): boolean {
  const code = String((error as { code?: unknown }).code);
  return /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|57P)|^25006$/.test(code);
}

/** A connection that broke, or that did not answer in time, is not used again. */
class Connection implements PostgresPoolClient {
  private isBroken = false;

  constructor(private readonly client: pg.PoolClient) {}

  // Nobody here asks for cursors.
  readonly query = ((sql: string, parameters: readonly unknown[]) =>
    this.run(sql, parameters)) as PostgresPoolClient['query'];

  release(): void {
    this.client.release(this.isBroken);
  }

  private async run(sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
    // It ends with the connection; what has failed is told by whoever met it.
    if (this.isBroken && sql === 'rollback') return { rows: [] };
    if (this.isBroken) throw new Error('the connection is broken');
    try {
      return await this.client.query(sql, [...parameters]);
    } catch (error) {
      this.isBroken ||= !isAnswer(error);
      throw error;
    }
  }
}

class Pool implements PostgresPool {
  private readonly pool: pg.Pool;

  constructor(driver: typeof pg, address: DatabaseAddress, { most, patienceMs = PATIENCE_MS }: PoolOptions) {
    const { host, port, database, user, password } = address;
    this.pool = new driver.Pool({
      ...{ host, port, database, user, password, types: typesOf(driver), ssl: tlsOf(address) },
      application_name: 'dingtalk-contact-gateway',
      max: most,
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: patienceMs + SPARE_MS,
      keepAlive: true,
    });
    this.pool.on('connect', (client) => {
      // One that breaks between two queries tells it twice; whoever asks next hears of it.
      client.on('error', () => undefined);
      client.query(onConnect(patienceMs)).catch(() => undefined);
    });
    // A connection that nobody uses just now broke: the next one is another.
    this.pool.on('error', () => undefined);
  }

  async connect(): Promise<PostgresPoolClient> {
    return new Connection(await this.pool.connect());
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}

/** Where the trail is kept in a file, PostgreSQL's driver is not loaded. */
export const postgresDialect = (address: DatabaseAddress, options: PoolOptions): PostgresDialect =>
  new PostgresDialect({ pool: async () => new Pool((await import('pg')).default, address, options) });
