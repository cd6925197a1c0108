// A PostgreSQL of the bench's own, of Debian's package.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { freePort, newFolder, startProgram } from './programs.mjs';

const VERSIONS = '/usr/lib/postgresql';
const LONGEST_START_MS = 20_000;

/** It refuses to run as root: Debian's package has made a user for it. */
const asPostgres = (command) =>
  process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...command] : command;

/** @returns undefined where it is not installed. */
export async function startPostgres() {
  const [version] = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort().reverse() : [];
  if (version === undefined) return undefined;
  const bin = (program) => join(VERSIONS, version, 'bin', program);
  const folder = newFolder('postgres');
  chmodSync(dirname(folder), 0o755);
  if (process.getuid() === 0) execFileSync('chown', ['postgres:postgres', folder]);
  const run = ([command, ...options]) => execFileSync(command, options, { stdio: ['ignore', 'ignore', 'pipe'] });
  run(asPostgres([bin('initdb'), '-D', folder, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8']));
  const port = await freePort();
  const [command, ...options] = asPostgres([
    ...[bin('postgres'), '-D', folder, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'],
  ]);
  const { stop } = startProgram(command, [...options, '-c', 'log_min_messages=fatal'], {});
  const url = `postgres://bench@127.0.0.1:${port}/postgres`;
  const endMs = performance.now() + LONGEST_START_MS;
  for (;;) {
    const client = new pg.Client(url);
    const isThere = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => undefined);
    if (isThere) return { url, stop, version };
    if (performance.now() > endMs) throw new Error('PostgreSQL does not start');
    await new Promise((wait) => setTimeout(wait, 100));
  }
}
