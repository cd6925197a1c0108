import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Program, freePort } from './processes.js';

const VERSIONS = '/usr/lib/postgresql';
const [version] = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort().reverse() : [];
if (version === undefined) throw new Error(`there is nothing in ${VERSIONS} (Debian: apt-get install postgresql)`);
const bin = (program: string): string => join(VERSIONS, version, 'bin', program);

const USER = 'gateway';
const PASSWORD = 'password-of-the-database';

/** It refuses to run as root: Debian's package has made a user for it. */
const isRoot = process.getuid?.() === 0;
const asPostgres = (command: readonly string[]): [string, string[]] =>
  isRoot
    ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', ...command]]
    : [command[0] ?? '', command.slice(1)];

async function postgresIds(): Promise<[number, number]> {
  const { stdout } = await new Program('getent', ['passwd', 'postgres']).ended;
  const [, , uid, gid] = stdout.split(':');
  return [Number(uid), Number(gid)];
}

const limit = (pid: number, bytes: number | 'unlimited'): string[] => [
  'prlimit',
  '--pid',
  String(pid),
  `--fsize=${bytes}:`,
];

async function mustRun(...command: [string, string[]]): Promise<void> {
  const { code, stderr } = await new Program(...command).ended;
  if (code !== 0) throw new Error(stderr);
}

/** Of many processes, one may have ended since they were listed. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Files that the process writes end there, as on a disk that is full. */
export function limitFiles(pid: number, bytes: number | 'unlimited'): Promise<void> {
  const [command = '', ...options] = limit(pid, bytes);
  return mustRun(command, options);
}

/** A real PostgreSQL of the test's own, on a free port. */
export class PostgresServer {
  private program?: Program;
  private readonly folder = mkdtempSync(join(tmpdir(), 'postgres-'));

  private constructor(readonly port: number) {}

  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort());
    await server.initialize();
    await server.start();
    return server;
  }

  urlOf(database: string): string {
    return `postgres://${USER}:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
  }

  get secret(): string {
    return PASSWORD;
  }

  /** On the same port, with what it held. */
  async start(): Promise<void> {
    const server = [bin('postgres'), '-D', this.folder, '-p', String(this.port), '-k', this.folder];
    const options = ['listen_addresses=127.0.0.1', 'max_connections=60', 'shared_buffers=16MB', 'autovacuum=off'];
    const command = [...server, ...options.flatMap((option) => ['-c', option])];
    this.program = new Program(...asPostgres(['bash', '-c', 'exec "$@" 2>&1', 'postgres', ...command]));
    await this.program.says('database system is ready to accept connections');
  }

  /** As kill -9 or a loss of power: no process of it has time for anything. */
  async kill(): Promise<void> {
    await this.program?.stop('SIGQUIT');
  }

  /** All of its processes stand still; the parent first, so that it starts no more. */
  freeze(): void {
    for (const pid of this.pids.slice(0, 1)) signal(pid, 'SIGSTOP');
    for (const pid of this.pids) signal(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.pids) signal(pid, 'SIGCONT');
  }

  /** Its disk is full: it cannot write its log, and ends. */
  async fill(): Promise<void> {
    for (const pid of this.pids) {
      await mustRun(...asPostgres(limit(pid, 8192))).catch((error: unknown) => {
        // It may have ended meanwhile; the next one is limited by its parent.
        if (existsSync(`/proc/${pid}`)) throw error;
      });
    }
  }

  async say<Row extends object>(sql: string, database = 'postgres'): Promise<Row[]> {
    const client = new pg.Client({ host: '127.0.0.1', port: this.port, user: USER, password: PASSWORD, database });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get pids(): number[] {
    const pid = this.program?.pid ?? 0;
    const file = `/proc/${pid}/task/${pid}/children`;
    // It may have ended.
    if (!existsSync(file)) return [];
    const children = readFileSync(file, 'utf8');
    return [pid, ...children.split(' ').filter(Boolean).map(Number)];
  }

  private async initialize(): Promise<void> {
    const file = join(this.folder, '..', `${this.folder.split('/').at(-1)}.password`);
    writeFileSync(file, PASSWORD);
    if (isRoot) {
      const [uid, gid] = await postgresIds();
      for (const path of [this.folder, file]) chownSync(path, uid, gid);
    }
    const options = ['-U', USER, '-A', 'scram-sha-256', `--pwfile=${file}`, '-E', 'UTF8', '--locale=C.UTF-8'];
    const made = await new Program(
      ...asPostgres([bin('initdb'), '-D', this.folder, '-N', '--wal-segsize=1', ...options]),
    ).ended;
    rmSync(file);
    if (made.code !== 0) throw new Error(`initdb: ${made.stderr}`);
  }
}
