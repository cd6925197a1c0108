import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyTrail } from '#audit';
import { readSettings } from '#config';
import { bearer } from '../harness/client.js';
import { Fleet, type Replica } from '../harness/fleet.js';
import { type KeptTrail, Postgres, Sqlite, type TrailDatabase } from '../harness/trail-database.js';
import { KEY } from '../harness/world.js';

const app = bearer(KEY);
const BIG = '9007199254740991';
const UPDATE = '/topapi/v2/department/update';
const NEEDED = { DINGTALK_CLIENT_ID: 'none', DINGTALK_CLIENT_SECRET: 'none', DINGTALK_CORP_ID: 'none' };

const KINDS: readonly [string, () => Promise<TrailDatabase>][] = [
  ['SQLite', async () => new Sqlite()],
  ['PostgreSQL', () => Postgres.start()],
];

describe.each(KINDS)('replicas that share a trail in %s', (kind, start) => {
  let database: TrailDatabase;
  let trail: KeptTrail;
  let fleet: Fleet;

  beforeAll(async () => {
    database = await start();
    trail = await database.make();
    // All at once, on a database that is empty.
    const environment = { ...trail.environment, AUDIT_KEY: 'a-key-that-signs-the-trail', LOG_LEVEL: 'info' };
    fleet = await Fleet.start({ replicas: 3, environment });
  });
  afterAll(async () => {
    await fleet.stop();
    await database.stop();
  });

  const update = (at: number, order: number, headers = {}) =>
    (fleet.replicas[at % 3] as Replica).client.rest(
      'PATCH',
      `/v1/departments/${BIG}`,
      { ...app, ...headers },
      { order },
    );
  const verified = () =>
    verifyTrail(readSettings({ ...NEEDED, ...trail.environment, AUDIT_KEY: 'a-key-that-signs-the-trail' }).audit, {});

  it('make its tables once', async () => {
    for (let at = 0; at < 3; at += 1) expect((await update(at, at + 1)).status).toBe(200);
    expect(await trail.ask('select version from audit_schema')).toEqual([{ version: 1 }]);
    expect(await trail.ask('select id from audit_head')).toEqual([{ id: 1 }]);
  });

  it('write one chain, however many changes come at once', async () => {
    const before = (await verified()).records;
    const answers = await Promise.all(Array.from({ length: 300 }, (_, at) => update(at, at + 1)));
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    // On a machine that has no time for it an intent may come too late.
    const [made, tooLate] = [count(200), count(503)];
    expect([made + tooLate, made > 200]).toEqual([300, true]);
    const verdict = await verified();
    expect(verdict).toMatchObject({ isBelieved: true, findings: [], unknown: [] });
    expect(verdict.records - before).toBeGreaterThanOrEqual(2 * made);
    expect(verdict.records - before).toBeLessThanOrEqual(2 * 300);
  });

  it('make a change once that is asked of all of them under one key, also after a restart', async () => {
    fleet.sandbox.journal.clear();
    const headers = { 'idempotency-key': `one-for-all-${kind}` };
    const answers = await Promise.all([0, 1, 2].map((at) => update(at, 700, headers)));
    for (const { status } of answers) expect([200, 409]).toContain(status);
    await fleet.replicas[1]?.program.stop('SIGKILL');
    await fleet.replace(fleet.replicas[1] as Replica);
    for (let at = 0; at < 3; at += 1) {
      const again = await update(at, 700, headers);
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    }
    expect(fleet.sandbox.journal.all(UPDATE)).toHaveLength(1);
    expect((await update(2, 701, headers)).body.code).toBe('IDEMPOTENCY_MISMATCH');
  });

  it('tell of what any of them has made', async () => {
    await update(0, 801);
    await update(1, 802);
    const { body } = await (fleet.replicas[2] as Replica).client.rest(
      'GET',
      '/v1/audit-events?limit=2&phase=DONE&operation=updateDepartment',
      app,
    );
    expect(body.auditEvents.map(({ changes }: { changes: object[] }) => changes)).toEqual([
      [{ field: 'order', before: 801, after: 802 }],
      [{ field: 'order', before: 700, after: 801 }],
    ]);
  });

  it('leave tables of a newer gateway alone, and say so', async () => {
    await trail.run('update audit_schema set version = 99');
    const late = await fleet.add();
    const answer = await late.client.rest('PATCH', `/v1/departments/${BIG}`, app, { order: 1 });
    expect([answer.status, answer.body.code]).toEqual([503, 'AUDIT_UNAVAILABLE']);
    expect((await late.client.rest('GET', `/v1/departments/${BIG}`, app)).status).toBe(200);
    expect((await late.client.raw('/health/ready')).status).toBe(503);
    expect(late.program.stdout).toContain('its tables are those of a newer gateway');
    await trail.run('update audit_schema set version = 1');
  });
});
