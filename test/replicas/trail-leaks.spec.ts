import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bearer } from '../harness/client.js';
import { type KeptTrail, Postgres, Sqlite, type TrailDatabase } from '../harness/trail-database.js';
import { KEY, TestWorld } from '../harness/world.js';

const app = bearer(KEY);
const TABLES = ['records', 'targets', 'head', 'checkpoints', 'open_changes', 'visibility_grants', 'idempotency_keys'];
const PLANTED = [
  '18800001111',
  '13511112222',
  '13633334444',
  '13755556666',
  'planted@example.com',
  'other@example.com',
];

const KINDS: readonly [string, () => Promise<TrailDatabase>][] = [
  ['SQLite', async () => new Sqlite()],
  ['PostgreSQL', () => Postgres.start()],
];

/** Everything that the database holds; of a file its bytes too, with what was deleted and not yet written over. */
async function everything(trail: KeptTrail): Promise<string> {
  const folder = trail.environment['DATA_DIR'];
  const rows = await Promise.all(TABLES.map((table) => trail.ask(`select * from audit_${table}`)));
  const files = folder === undefined ? [] : readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  return JSON.stringify(rows) + files.join('\n');
}

describe.each(KINDS)('what is kept in %s', (_, start) => {
  it('holds no mobile number, no mail address, no token, no key and no secret; nor does an export', async () => {
    const database = await start();
    const trail = await database.make();
    const world = await TestWorld.start(trail.environment);
    const send = (method: string, path: string, body?: unknown, headers = {}) =>
      world.client.rest(method, path, { ...app, ...headers }, body);
    const person = await world.client.signIn(world.authCode('lisi'));
    const employee = {
      ...{ userId: 'planted', name: '新人', mobile: '18800001111', telephone: '13511112222', deptIdList: ['1'] },
      ...{ email: 'planted@example.com', remark: '备用 13633334444 other@example.com' },
      extension: { 备用手机: '13755556666' },
    };
    expect(
      (await send('POST', '/v1/employees', employee, { 'idempotency-key': 'a-planted-key-of-the-caller' })).status,
    ).toBe(201);
    await send('PATCH', '/v1/employees/planted', { remark: '改 13633334444', telephone: '13511112222' });
    await send('PATCH', '/v1/employees/planted', { remark: 13633334444 });
    await send('PATCH', '/v1/employees/planted', { [`mobile18800001111`]: '13633334444' });
    await world.client.graphql(
      app,
      'mutation { updateEmployee(userId: "planted", changes: { telephone: "13511112222" }) { employee { name } } }',
    );
    await world.client.rest('DELETE', '/v1/employees/planted', person);
    await send('DELETE', '/v1/employees/planted');
    const exports = await Promise.all(
      ['ndjson', 'csv'].map(async (format) => (await send('GET', `/v1/audit-events/export?format=${format}`)).text),
    );
    const kept = await everything(trail);
    expect(kept).toContain('employee:planted');
    const people = world.sandbox.desk.world.people.flatMap(({ mobile, email }) => [mobile, email]);
    const secret = [...PLANTED, ...people, ...world.secrets(), 'a-planted-key-of-the-caller'].filter(Boolean);
    expect(secret.length).toBeGreaterThan(100);
    for (const text of [kept, ...exports]) expect(secret.filter((one) => text.includes(String(one)))).toEqual([]);
    await world.stop();
    await database.stop();
  });
});
