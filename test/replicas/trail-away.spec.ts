import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { verifyTrail } from '#audit';
import { readSettings } from '#config';
import { bearer } from '../harness/client.js';
import { Fleet, type Replica } from '../harness/fleet.js';
import { limitFiles } from '../harness/postgres.js';
import { freePort } from '../harness/processes.js';
import { type KeptTrail, Postgres, Sqlite, type TrailDatabase } from '../harness/trail-database.js';
import { KEY } from '../harness/world.js';

const app = bearer(KEY);
const BIG = '9007199254740991';
const UPDATE = '/topapi/v2/department/update';
const NEEDED = { DINGTALK_CLIENT_ID: 'none', DINGTALK_CLIENT_SECRET: 'none', DINGTALK_CORP_ID: 'none' };
/** How long a change may take to be refused: an intent has a second. */
const SOON_MS = 4000;

interface Place {
  readonly database: TrailDatabase;
  readonly trail: KeptTrail;
  readonly pid: number;
}

/** What befalls the database, and how it is well again. */
interface Trouble {
  readonly name: string;
  begin(place: Place): Promise<() => Promise<void>>;
}

const serverOf = ({ database }: Place) => (database as Postgres).server;
const fileOf = ({ trail }: Place) => join(String(trail.environment['DATA_DIR']), 'gateway.db');

/** The version of the file's format that one must know to write to it. */
const WRITE_VERSION_AT = 18;
function setWriteVersion(file: string, version: number): void {
  const opened = openSync(file, 'r+');
  writeSync(opened, Buffer.from([version]), 0, 1, WRITE_VERSION_AT);
  closeSync(opened);
}

const IN_POSTGRES: readonly Trouble[] = [
  {
    name: 'killed and started again',
    begin: async (place) => {
      await serverOf(place).kill();
      return () => serverOf(place).start();
    },
  },
  {
    name: 'frozen',
    begin: async (place) => {
      serverOf(place).freeze();
      return async () => serverOf(place).thaw();
    },
  },
  {
    name: 'slow: somebody holds the lock of the chain',
    begin: async ({ trail }) => {
      const held = trail.ask('begin; select * from audit_head for update; select pg_sleep(600)').catch(() => undefined);
      await pause(200);
      return async () => {
        const sleeping = "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(600)%'";
        await trail.ask(`${sleeping} and pid <> pg_backend_pid()`);
        await held;
      };
    },
  },
  {
    name: 'read-only',
    begin: async (place) => {
      const { trail } = place;
      const [row] = await trail.ask('select current_database() as name');
      const turn = (setting: string) => serverOf(place).say(`alter database ${String(row?.['name'])} ${setting}`);
      await turn('set default_transaction_read_only = on');
      await trail.ask('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()');
      // Connections of then stay read-only, as those to a server that another has taken over from.
      return async () => void (await turn('reset default_transaction_read_only'));
    },
  },
  {
    name: 'full',
    begin: async (place) => {
      await serverOf(place).fill();
      return async () => {
        await serverOf(place).kill();
        await serverOf(place).start();
      };
    },
  },
];

const IN_SQLITE: readonly Trouble[] = [
  {
    name: 'slow: another process holds the lock',
    begin: async (place) => {
      const other = new Database(fileOf(place));
      other.exec('begin immediate');
      return async () => {
        other.exec('rollback');
        other.close();
      };
    },
  },
  {
    name: 'full',
    begin: async (place) => {
      await limitFiles(place.pid, statSync(`${fileOf(place)}-wal`).size);
      return () => limitFiles(place.pid, 'unlimited');
    },
  },
  {
    name: 'read-only, and what was there taken away',
    begin: async (place) => {
      const file = fileOf(place);
      await place.trail.run('pragma wal_checkpoint(truncate)');
      // Another file of that name: nobody goes on with the one that is gone.
      renameSync(file, `${file}.old`);
      for (const rest of ['-wal', '-shm']) rmSync(`${file}${rest}`, { force: true });
      const bytes = readFileSync(`${file}.old`);
      const copy = openSync(file, 'w');
      writeSync(copy, bytes);
      closeSync(copy);
      setWriteVersion(file, 3);
      return async () => setWriteVersion(file, 2);
    },
  },
];

const KINDS: readonly [string, () => Promise<TrailDatabase>, readonly Trouble[]][] = [
  ['SQLite', async () => new Sqlite(), IN_SQLITE],
  ['PostgreSQL', () => Postgres.start(), IN_POSTGRES],
];

async function until(what: string, is: () => Promise<boolean>, withinMs = 25_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await is())) {
    if (Date.now() > endMs) throw new Error(`it never came: ${what}`);
    await pause(100);
  }
}

describe.each(KINDS)('a trail in %s', (_, start, troubles) => {
  let database: TrailDatabase;
  let trail: KeptTrail;
  let fleet: Fleet;
  const replica = () => fleet.replicas[0] as Replica;
  const place = (): Place => ({ database, trail, pid: replica().program.pid ?? 0 });
  const change = (order: number) => replica().client.rest('PATCH', `/v1/departments/${BIG}`, app, { order });
  const read = async () => (await replica().client.rest('GET', `/v1/departments/${BIG}`, app)).status;
  const health = async (word: string) => (await replica().client.raw(`/health/${word}`)).status;
  const sent = () => fleet.sandbox.journal.all(UPDATE).length;
  const verified = () => verifyTrail(readSettings({ ...NEEDED, ...trail.environment }).audit, {});
  const recovered = async () => {
    await until('a change', async () => (await change(Math.ceil(Math.random() * 1000))).status === 200);
    await until('readiness', async () => (await health('ready')) === 200);
    await until('an outcome of everything', async () => (await verified()).unknown.length === 0);
    expect((await verified()).findings).toEqual([]);
  };

  beforeAll(async () => {
    database = await start();
    trail = await database.make();
    fleet = await Fleet.start({ replicas: 1, environment: { ...trail.environment, DINGTALK_TIMEOUT_MS: '3000' } });
    for (let order = 1; order <= 10; order += 1) await change(order);
  });
  afterAll(async () => {
    await fleet.stop();
    await database.stop();
  });

  it.each(troubles.map((one) => [one.name, one] as const))(
    'that is %s refuses changes before DingTalk hears of them; reads go on, and it recovers by itself',
    async (_name, trouble) => {
      const end = await trouble.begin(place());
      try {
        fleet.sandbox.journal.clear();
        const startMs = Date.now();
        const answers = await Promise.all([1, 2, 3].map(change));
        expect(Date.now() - startMs).toBeLessThan(SOON_MS);
        for (const { status, body } of answers) expect([status, body.code]).toEqual([503, 'AUDIT_UNAVAILABLE']);
        expect([sent(), await read(), await health('live')]).toEqual([0, 200, 200]);
        await until('unreadiness', async () => (await health('ready')) === 503);
        expect((await change(4)).body.code).toBe('AUDIT_UNAVAILABLE');
        // What can be read says nothing of what can be recorded.
        await replica().client.rest('GET', '/v1/org-accounts/visibility', app);
        expect(await health('ready')).toBe(503);
      } finally {
        await end();
      }
      await recovered();
    },
  );

  it.each(troubles.filter(({ name }) => !name.startsWith('read-only')).map((one) => [one.name, one] as const))(
    'that is %s in the middle of a change tells the truth about it, and records it when it can',
    async (_name, trouble) => {
      fleet.sandbox.journal.clear();
      fleet.sandbox.levers.add({ kind: 'latency', route: `POST ${UPDATE}`, ms: 1000, times: 1 });
      const order = Math.ceil(Math.random() * 10_000);
      const changed = change(order);
      await until('the change at DingTalk', async () => sent() === 1);
      const end = await trouble.begin(place());
      const { status, body, headers } = await changed.finally(end);
      expect([status, body.department?.order]).toEqual([200, order]);
      const outcome = async () => {
        const answer = await replica().client.rest(
          'GET',
          '/v1/audit-events?phase=DONE&operation=updateDepartment',
          app,
        );
        const events = (answer.body.auditEvents ?? []) as { requestId: string }[];
        return events.some(({ requestId }) => requestId === headers.get('x-request-id'));
      };
      await until('its outcome', outcome);
      await recovered();
    },
  );
});

describe('a gateway', () => {
  it('starts without its database, and finds it when it is there', async () => {
    const database = await Postgres.start();
    const trail = await database.make();
    const { server } = database;
    await server.kill();
    const fleet = await Fleet.start({ replicas: 1, environment: trail.environment });
    const [{ client, program }] = fleet.replicas as [Replica];
    const change = () => client.rest('PATCH', `/v1/departments/${BIG}`, app, { order: 3 });
    expect((await change()).body.code).toBe('AUDIT_UNAVAILABLE');
    expect([(await client.raw('/health/live')).status, (await client.raw('/health/ready')).status]).toEqual([200, 503]);
    expect((await client.rest('GET', `/v1/departments/${BIG}`, app)).status).toBe(200);
    expect(program.stdout).toMatch(/the database of the trail is away: changes are refused/);
    for (const secret of [server.secret, `127.0.0.1:${server.port}`]) expect(program.stdout).not.toContain(secret);
    await server.start();
    await until('a change', async () => (await change()).status === 200);
    await fleet.stop();
    await database.stop();
  });

  it('says with a wrong password that it is refused, and not which it was', async () => {
    const database = await Postgres.start();
    const trail = await database.make();
    const url = String(trail.environment['DATABASE_URL']).replace(database.server.secret, 'wrong-one-of-the-test');
    const fleet = await Fleet.start({ replicas: 1, environment: { DATABASE_URL: url } });
    const [{ client, program }] = fleet.replicas as [Replica];
    const answer = await client.rest('PATCH', `/v1/departments/${BIG}`, app, { order: 3 });
    expect(answer.body.code).toBe('AUDIT_UNAVAILABLE');
    expect(program.stdout).toContain('"reason":"28P01"');
    expect(program.stdout + answer.text).not.toContain('wrong-one-of-the-test');
    await fleet.stop();
    await database.stop();
  });

  it('makes its tables in a database that was put back empty, and needs no right to make any where they are', async () => {
    const database = await Postgres.start();
    const trail = await database.make();
    await trail.run('create role plain login password $$another-password-of-the-test$$');
    const fleet = await Fleet.start({ replicas: 1, environment: trail.environment });
    const [{ client }] = fleet.replicas as [Replica];
    const change = (of = client) => of.rest('PATCH', `/v1/departments/${BIG}`, app, { order: 3 });
    await until('a change', async () => (await change()).status === 200);
    await trail.run('drop schema public cascade', 'create schema public');
    await until('a change', async () => (await change()).status === 200);
    await trail.run('grant usage on schema public to plain');
    await trail.run('grant select, insert, update, delete on all tables in schema public to plain');
    const plain = String(trail.environment['DATABASE_URL']).replace(
      /\/\/[^@]*@/,
      '//plain:another-password-of-the-test@',
    );
    const other = await fleet.add({ DATABASE_URL: plain });
    await until('a change by who may make no tables', async () => (await change(other.client)).status === 200);
    await fleet.stop();
    await database.stop();
  });

  it('with a folder that it cannot make refuses changes, and reads', async () => {
    const fleet = await Fleet.start({ replicas: 1, environment: { DATA_DIR: `/proc/nowhere/${await freePort()}` } });
    const [{ client }] = fleet.replicas as [Replica];
    expect((await client.rest('PATCH', `/v1/departments/${BIG}`, app, { order: 3 })).body.code).toBe(
      'AUDIT_UNAVAILABLE',
    );
    expect((await client.rest('GET', `/v1/departments/${BIG}`, app)).status).toBe(200);
    await fleet.stop();
  });
});
