import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { verifyTrail } from '#audit';
import { readSettings } from '#config';
import { bearer } from '../harness/client.js';
import { Fleet, type Replica } from '../harness/fleet.js';
import { type KeptTrail, Postgres, Sqlite, type TrailDatabase } from '../harness/trail-database.js';
import { type Environment, KEY, TestWorld } from '../harness/world.js';

const app = bearer(KEY);
const AUDIT_KEY = 'a-key-that-signs-the-trail';
const BIG = '9007199254740991';
const DAY_MS = 86_400_000;
const NEEDED = { DINGTALK_CLIENT_ID: 'none', DINGTALK_CLIENT_SECRET: 'none', DINGTALK_CORP_ID: 'none' };

const KINDS: readonly [string, () => Promise<TrailDatabase>][] = [
  ['SQLite', async () => new Sqlite()],
  ['PostgreSQL', () => Postgres.start()],
];

afterEach(() => {
  jest.restoreAllMocks();
});

async function until(is: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await is()) return;
    await new Promise((wait) => setTimeout(wait, 50));
  }
  throw new Error('it never came');
}

describe.each(KINDS)('old records in %s', (_, start) => {
  let database: TrailDatabase;
  let trail: KeptTrail;
  const grants = async (world: TestWorld) =>
    (await world.client.rest('GET', '/v1/org-accounts/visibility', app)).body.grants;
  const verified = (of: KeptTrail) => verifyTrail(readSettings({ ...NEEDED, ...of.environment, AUDIT_KEY }).audit, {});
  const world = (more: Environment = {}) => TestWorld.start({ ...trail.environment, AUDIT_KEY, ...more });

  beforeAll(async () => {
    database = await start();
    trail = await database.make();
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now - 3 * DAY_MS + Math.round(performance.now()));
    const earlier = await world();
    const visibility = { toCorpIds: ['dingA', 'dingB'], optUserId: 'lisi' };
    await earlier.client.rest('PUT', '/v1/org-accounts/visibility', app, visibility);
    for (let order = 1; order <= 5; order += 1) {
      const headers = { ...app, 'idempotency-key': `old-${order}` };
      await earlier.client.rest('PATCH', `/v1/departments/${BIG}`, headers, { order });
    }
    await earlier.stop();
    jest.restoreAllMocks();
    const later = await world();
    await later.client.rest('PATCH', `/v1/departments/${BIG}`, { ...app, 'idempotency-key': 'new' }, { order: 6 });
    await later.stop();
  });
  afterAll(() => database.stop());

  it('stay where nothing is said of how long', async () => {
    expect(await verified(trail)).toMatchObject({ from: 1, records: 14, findings: [] });
  });

  it('are removed when they are old enough; the chain can be verified, and the ledger tells all', async () => {
    const gateway = await world({ AUDIT_RETENTION_DAYS: '1' });
    await until(async () => (await verified(trail)).from > 1);
    expect(await verified(trail)).toMatchObject({ from: 13, records: 3, to: 15, isBelieved: true, findings: [] });
    const { body } = await gateway.client.rest('GET', '/v1/audit-events?operation=removeAuditRecords', app);
    expect(body.auditEvents).toEqual([
      expect.objectContaining({
        ...{ caller: 'gateway', target: 'trail', phase: 'DONE' },
        changes: [
          { field: 'upTo', before: null, after: 12 },
          { field: 'count', before: null, after: 12 },
        ],
      }),
    ]);
    expect(await grants(gateway)).toHaveLength(2);
    const keys = await trail.ask('select key_hash from audit_idempotency_keys');
    expect(keys).toHaveLength(1);
    await gateway.stop();
  });

  it('leave grants that nobody can change unseen', async () => {
    for (const [statement, found] of [
      [`update audit_visibility_grants set fields = '[]' where to_corp_id = 'dingA'`, 1],
      [`delete from audit_visibility_grants where to_corp_id = 'dingA'`, 1],
    ] as const) {
      const copy = await database.copyOf(trail);
      await copy.run(statement);
      const { findings } = await verified(copy);
      expect(findings).toHaveLength(found);
      expect(findings[0]?.what).toBe('the ledger of grants was changed, where its records are removed');
    }
  });
});

describe('the second place that is told', () => {
  it('has every record as a line of OCSF', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sink-'));
    const file = join(folder, 'trail.ndjson');
    const world = await TestWorld.start({ AUDIT_SINK: file });
    await world.client.rest('PATCH', `/v1/departments/${BIG}`, app, { order: 6 });
    await world.client.rest('DELETE', '/v1/employees/lisi?x=1', app);
    const employee = { name: '新人', mobile: '18800001111', deptIdList: ['1'] };
    await world.client.rest('POST', '/v1/employees', app, employee);
    await world.stop();
    const text = readFileSync(file, 'utf8');
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toHaveLength(5);
    expect(events[1]).toMatchObject({
      ...{ class_uid: 6003, category_uid: 6, activity_id: 3, type_uid: 600303, severity_id: 1, status_id: 1 },
      ...{ status_code: 'ok', actor: { app_name: 'app:everything' }, src_endpoint: { ip: '127.0.0.1' } },
      ...{ metadata: { version: '1.6.0', sequence: 2 }, api: { operation: 'updateDepartment' } },
      resources: [{ uid: `department:${BIG}`, type: 'department' }],
      unmapped: { phase: 'DONE', changes: [{ field: 'order', before: 90, after: 6 }] },
    });
    expect(events[2]).toMatchObject({ activity_id: 4, status_id: 2, status_code: 'BAD_INPUT', severity_id: 2 });
    expect(text).not.toContain('18800001111');
    rmSync(folder, { recursive: true });
  });

  it('is standard output where that is said', async () => {
    const fleet = await Fleet.start({ replicas: 1, environment: { AUDIT_SINK: 'stdout' } });
    const [{ client, program }] = fleet.replicas as [Replica];
    await client.rest('PATCH', `/v1/departments/${BIG}`, app, { order: 6 });
    await fleet.stop();
    const events = program.stdout.split('\n').filter((line) => line.includes('"class_uid":6003'));
    expect(events.map((line) => JSON.parse(line).unmapped.phase)).toEqual(['INTENT', 'DONE']);
  });

  it('may be away: changes are made and recorded all the same, and it is said', async () => {
    const file = join(tmpdir(), 'no-such-folder', 'trail.ndjson');
    const world = await TestWorld.start({ AUDIT_SINK: file });
    for (const order of [1, 2]) {
      expect((await world.client.rest('PATCH', `/v1/departments/${BIG}`, app, { order })).status).toBe(200);
    }
    const said = world.capture.logs.filter((line) =>
      line.includes('AUDIT_SINK fails: records are in the database only'),
    );
    expect([said.length, existsSync(file)]).toEqual([1, false]);
    await world.stop();
  });
});
