// What the trail costs, and how it is read when it is long: npm run bench:trail [-- --changes 3000 --records 1000000]
import { parseArgs } from 'node:util';
import { startPostgres } from './postgres.mjs';
import { newFolder, startSandbox } from './programs.mjs';
import { costs } from './trail/costs.mjs';
import { paging } from './trail/paging.mjs';
import { write } from './trail/setting.mjs';

/** The last page of a filter may take so many times as long as the first. */
const MOST_RATIO = 3;

const { values } = parseArgs({
  options: { changes: { type: 'string', default: '3000' }, records: { type: 'string', default: '1000000' } },
});

const postgres = await startPostgres();
if (!postgres) write('There is no PostgreSQL (Debian: apt-get install postgresql): SQLite alone.\n\n');
const sandbox = await startSandbox({ people: 60 });
const stores = [{ name: 'SQLite', environment: () => ({ DATA_DIR: newFolder('data') }) }];
if (postgres)
  stores.push({ name: `PostgreSQL ${postgres.version}`, environment: () => ({ DATABASE_URL: postgres.url }) });

await costs({ sandbox, stores }, Number(values.changes));
const worst = await paging({ sandbox, stores }, Number(values.records));
await sandbox.stop();
await postgres?.stop();
process.exitCode = worst <= MOST_RATIO ? 0 : 1;
