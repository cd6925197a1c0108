// A trail as long as a company has after years, written at once.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'libsql';
import pg from 'pg';
import { GENESIS, linkAfter } from '../../dist/libs/audit/src/chain/record.js';
import { progress } from './setting.mjs';

const OPERATIONS = ['updateDepartment', 'createDepartment', 'updateEmployee', 'setOrgAccountVisibility'];
const pick = (list, index) => list[Math.floor(index / 2) % list.length];

/** As many records as a company has in years: intents and their outcomes, of ten callers. */
function* records(count) {
  let hash = GENESIS;
  const startMs = Date.now() - count * 100;
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const change = Math.floor((sequence - 1) / 2);
    const isIntent = sequence % 2 === 1;
    const outcome = isIntent ? undefined : change % 100 === 7 ? 'FORBIDDEN' : 'ok';
    const timeMs = startMs + sequence * 100;
    const link = linkAfter(hash, {
      ...{ sequence, time: new Date(timeMs).toISOString(), id: randomUUID(), changeId: randomUUID() },
      phase: isIntent ? 'INTENT' : outcome === 'ok' ? 'DONE' : 'REFUSED',
      ...{ requestId: randomUUID(), caller: `app:caller-${change % 10}`, address: '10.0.0.1' },
      operation: pick(OPERATIONS, sequence - 1),
      targets: [`department:${(change * 7919) % 5000}`],
      changes: [{ field: 'brief', before: '之前', after: '之后' }],
      ...(outcome && { outcome, tries: 1, ms: 12 }),
    });
    hash = link.hash;
    yield { link, timeMs };
  }
}

const rowOf = ({ link: { record, body, previousHash, hash }, timeMs }) => [
  ...[record.sequence, record.id, record.changeId, timeMs, record.phase, record.caller, record.operation],
  ...[record.outcome ?? null, body, previousHash, hash],
];
const COLUMNS = 'sequence, id, change_id, time_ms, phase, caller, operation, outcome, body, previous_hash, hash';
const endAt = ({ link, timeMs }) =>
  `update audit_head set sequence = ${link.record.sequence}, hash = '${link.hash}', time_ms = ${timeMs}`;

function fillSqlite({ DATA_DIR }, count) {
  const database = new Database(join(DATA_DIR, 'gateway.db'));
  const insert = database.prepare(`insert into audit_records (${COLUMNS}) values (${COLUMNS.replace(/\w+/g, '?')})`);
  const about = database.prepare('insert into audit_targets (target, sequence) values (?, ?)');
  let last;
  database.exec('begin');
  for (const one of records(count)) {
    insert.run(rowOf(one));
    about.run([one.link.record.targets[0], one.link.record.sequence]);
    last = one;
    if (one.link.record.sequence % 10_000 === 0) progress(`${one.link.record.sequence} records …`);
  }
  database.exec(endAt(last));
  database.exec('commit');
  database.close();
}

async function fillPostgres({ DATABASE_URL }, count) {
  const client = new pg.Client(DATABASE_URL);
  await client.connect();
  const AT_ONCE = 2000;
  let batch = [];
  let last;
  const flush = async () => {
    const columns = batch[0].map((_, column) => batch.map((row) => row[column]));
    const types = ['bigint', 'text', 'text', 'bigint', ...Array(7).fill('text')];
    const unnest = types.map((type, at) => `$${at + 1}::${type}[]`).join(', ');
    await client.query(`insert into audit_records (${COLUMNS}) select * from unnest(${unnest})`, columns);
    const targets = batch.map((row) => JSON.parse(row[8]).targets[0]);
    await client.query('insert into audit_targets (target, sequence) select * from unnest($1::text[], $2::bigint[])', [
      ...[targets, columns[0]],
    ]);
    batch = [];
  };
  for (const one of records(count)) {
    batch.push(rowOf(one));
    last = one;
    if (batch.length < AT_ONCE) continue;
    await flush();
    progress(`${one.link.record.sequence} records …`);
  }
  if (batch.length > 0) await flush();
  await client.query(endAt(last));
  await client.query('analyze audit_records; analyze audit_targets');
  await client.end();
}

/** The records of whoever made the tables. */
async function clear({ DATA_DIR, DATABASE_URL }) {
  const tables = [
    'audit_records',
    'audit_targets',
    'audit_checkpoints',
    'audit_visibility_grants',
    'audit_open_changes',
  ];
  const sql = tables.map((table) => `delete from ${table}`).join('; ');
  if (DATABASE_URL) {
    const client = new pg.Client(DATABASE_URL);
    await client.connect();
    await client.query(sql);
    await client.end();
    return;
  }
  const database = new Database(join(DATA_DIR, 'gateway.db'));
  database.exec(sql);
  database.close();
}

/** Puts so many records where a gateway has made the tables. */
export async function fill(environment, count) {
  await clear(environment);
  await (environment.DATABASE_URL ? fillPostgres(environment, count) : fillSqlite(environment, count));
}
