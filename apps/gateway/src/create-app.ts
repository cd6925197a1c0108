import { parseArgs } from 'node:util';
import { WrongAppsFile, createKey, hashKey, parseApps } from '#access';
import { SCOPES, isScope } from '#contract';

const USAGE = [
  'Usage: npm run app:create -- <id> --scope <scope> [--scope <scope> …]',
  `Scopes: ${SCOPES.join(', ')}`,
].join('\n');

/** The new key and the entry for the apps file, which holds the key's hash only. */
function create(id: string, scopes: readonly string[]): string {
  const key = createKey();
  const entry = { id, keyHashes: [hashKey(key)], scopes };
  parseApps(JSON.stringify([entry]));
  return [
    `Key of ${id}, shown this once:`,
    '',
    `  ${key}`,
    '',
    'Entry for the file that INTERNAL_APPS_FILE names (a JSON list of such entries):',
    '',
    JSON.stringify(entry, null, 2),
    '',
  ].join('\n');
}

function run(): string {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { scope: { type: 'string', multiple: true } },
  });
  const [id] = positionals;
  if (id === undefined || positionals.length > 1 || !values.scope) throw new Error(USAGE);
  const unknown = values.scope.find((scope) => !isScope(scope));
  if (unknown !== undefined) throw new Error(`There is no scope ${unknown}.\n${USAGE}`);
  return create(id, values.scope);
}

try {
  process.stdout.write(run());
} catch (error) {
  const reason =
    error instanceof WrongAppsFile
      ? error.faults.join('\n').replaceAll('entry 0: ', '')
      : String((error as Error).message);
  process.stderr.write(reason.includes(USAGE) ? `${reason}\n` : `${reason}\n${USAGE}\n`);
  process.exitCode = 1;
}
