import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { type Verdict, verifyTrail } from '#audit';
import { readSettings } from '#config';
import { bearer } from '../harness/client.js';
import { Program } from '../harness/processes.js';
import { type KeptTrail, Postgres, Sqlite, type TrailDatabase } from '../harness/trail-database.js';
import { type Environment, KEY, TestWorld } from '../harness/world.js';

const AUDIT_KEY = 'a-key-that-signs-the-trail';
const NEEDED = { DINGTALK_CLIENT_ID: 'none', DINGTALK_CLIENT_SECRET: 'none', DINGTALK_CORP_ID: 'none' };
const app = bearer(KEY);

interface Row {
  readonly sequence: number;
  readonly body: string;
  readonly previous_hash: string;
  readonly hash: string;
}

/** What somebody who can write to the database does to it. */
interface Tampering {
  readonly what: string;
  readonly statements: readonly string[] | ((rows: readonly Row[]) => readonly string[]);
  /** What is found with the key, and without. */
  readonly finds: RegExp;
  readonly isFoundUnsigned: boolean;
}

const hashOf = (previous: string, body: string) => createHash('sha256').update(`${previous}\n${body}`).digest('hex');
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The chain made anew from a record on, as if it had always been so. */
function forged(rows: readonly Row[], from: number, change: (body: string) => string): string[] {
  let previous = rows.find(({ sequence }) => sequence === from - 1)?.hash ?? '';
  const statements: string[] = [];
  for (const row of rows.filter(({ sequence }) => sequence >= from)) {
    const body = row.sequence === from ? change(row.body) : row.body;
    const hash = hashOf(previous, body);
    statements.push(
      `update audit_records set body = ${quoted(body)}, previous_hash = '${previous}', hash = '${hash}' where sequence = ${row.sequence}`,
      `update audit_checkpoints set hash = '${hash}' where sequence = ${row.sequence}`,
    );
    previous = hash;
  }
  return [...statements, `update audit_head set hash = '${previous}'`];
}

const other = (body: string) => body.replace('app:everything', 'app:somebody-else');
const [FIFTH, LAST] = [5, 28];

const TAMPERINGS: readonly Tampering[] = [
  {
    what: 'the text of a record edited',
    statements: (rows) => [
      `update audit_records set body = ${quoted(other(rows[FIFTH - 1]?.body ?? ''))} where sequence = ${FIFTH}`,
    ],
    ...{ finds: /record 5: was changed: its hash is another/, isFoundUnsigned: true },
  },
  {
    what: 'what a record is found by edited',
    statements: [`update audit_records set caller = 'app:somebody-else' where sequence = ${FIFTH}`],
    ...{ finds: /record 5: its columns do not say what its text says/, isFoundUnsigned: true },
  },
  {
    what: 'a record and its hash edited',
    statements: (rows) => {
      const { body = '', previous_hash: previous = '' } = rows[FIFTH - 1] ?? {};
      const hash = hashOf(previous, other(body));
      return [`update audit_records set body = ${quoted(other(body))}, hash = '${hash}' where sequence = ${FIFTH}`];
    },
    ...{ finds: /record 6: does not follow the record before it/, isFoundUnsigned: true },
  },
  {
    what: 'a record edited, and the whole chain behind it made anew',
    statements: (rows) => [
      ...forged(rows, FIFTH, other),
      `update audit_records set caller = 'app:somebody-else' where sequence = ${FIFTH}`,
    ],
    ...{ finds: /the end of the chain is not signed by any of the keys/, isFoundUnsigned: false },
  },
  {
    what: 'a record that stands before the first',
    statements: [
      `insert into audit_records select -7, 'x', 'x', time_ms, phase, caller, operation, outcome, body, previous_hash, hash from audit_records where sequence = ${LAST}`,
    ],
    ...{ finds: /record -7: stands in audit_records, and is no record of the chain/, isFoundUnsigned: true },
  },
  {
    what: 'a grant of no record',
    statements: [
      `insert into audit_visibility_grants select 'dingEvil', 1000000, event_id, time_ms, phase, fields, opt_user_id, caller from audit_visibility_grants where sequence = (select max(sequence) from audit_visibility_grants) and to_corp_id = 'dingA'`,
    ],
    ...{ finds: /record 1000000: stands in audit_visibility_grants/, isFoundUnsigned: true },
  },
  {
    what: 'a record deleted',
    statements: [
      `delete from audit_records where sequence = ${FIFTH}`,
      `delete from audit_targets where sequence = ${FIFTH}`,
    ],
    ...{ finds: /record 6: records 5 to 5 are missing/, isFoundUnsigned: true },
  },
  {
    what: 'two records swapped',
    statements: [
      'update audit_records set sequence = 1000 where sequence = 5',
      'update audit_records set sequence = 5 where sequence = 7',
      'update audit_records set sequence = 7 where sequence = 1000',
    ],
    ...{ finds: /record 5: does not follow/, isFoundUnsigned: true },
  },
  {
    what: 'the last records cut off',
    statements: [
      `delete from audit_records where sequence > ${LAST - 3}`,
      `delete from audit_checkpoints where sequence > ${LAST - 3}`,
    ],
    ...{ finds: /records \d+ to \d+, the last ones, are missing/, isFoundUnsigned: true },
  },
  {
    what: 'the last records cut off, and the end moved there',
    statements: (rows) => [
      `delete from audit_records where sequence > ${LAST - 3}`,
      `delete from audit_targets where sequence > ${LAST - 3}`,
      `delete from audit_visibility_grants where sequence > ${LAST - 3}`,
      `delete from audit_checkpoints where sequence > ${LAST - 3}`,
      `update audit_head set sequence = ${LAST - 3}, hash = '${rows[LAST - 4]?.hash}'`,
    ],
    ...{ finds: /the end of the chain is not signed/, isFoundUnsigned: false },
  },
  {
    what: 'the first records removed, and the beginning moved',
    statements: (rows) => [
      'delete from audit_records where sequence <= 2',
      'delete from audit_targets where sequence <= 2',
      'delete from audit_checkpoints where sequence <= 2',
      `update audit_head set base_sequence = 2, base_hash = '${rows[1]?.hash}'`,
    ],
    ...{ finds: /the end of the chain is not signed/, isFoundUnsigned: false },
  },
  {
    what: 'a record put in',
    statements: (rows) => {
      const { body = '', hash = '' } = rows[LAST - 1] ?? {};
      return [
        `insert into audit_records select ${LAST + 1}, 'x', 'x', time_ms, phase, caller, operation, outcome, ${quoted(body)}, hash, '${hashOf(hash, body)}' from audit_records where sequence = ${LAST}`,
      ];
    },
    ...{ finds: /the end of the chain is not where it was/, isFoundUnsigned: true },
  },
  {
    what: 'what finds a record by its target removed',
    statements: ["delete from audit_targets where target = 'organisation:dingB'"],
    ...{ finds: /what it is found by was changed/, isFoundUnsigned: true },
  },
  {
    what: 'a grant deleted',
    statements: ["delete from audit_visibility_grants where to_corp_id = 'dingB'"],
    ...{ finds: /the ledger of grants does not say what the record says/, isFoundUnsigned: true },
  },
  {
    what: 'a grant edited',
    statements: [`update audit_visibility_grants set fields = '["status"]' where to_corp_id = 'dingA'`],
    ...{ finds: /the ledger of grants does not say what the record says/, isFoundUnsigned: true },
  },
  {
    what: 'a checkpoint edited',
    statements: [`update audit_checkpoints set hash = '${'0'.repeat(64)}'`],
    ...{ finds: /is not the record of which a checkpoint was made/, isFoundUnsigned: true },
  },
];

const settingsFor = (environment: Environment) => readSettings({ ...NEEDED, ...environment }).audit;

const findingsOf = ({ findings }: Verdict): string =>
  findings.map(({ sequence, what }) => `${sequence === 0 ? 'the trail' : `record ${sequence}`}: ${what}`).join('\n');

const KINDS: readonly [string, () => Promise<TrailDatabase>][] = [
  ['SQLite', async () => new Sqlite()],
  ['PostgreSQL', () => Postgres.start()],
];

describe.each(KINDS)('a trail in %s', (_, start) => {
  let database: TrailDatabase;
  let signed: KeptTrail;
  let unsigned: KeptTrail;

  /** Ten changes, two of them grants, and some that were refused. */
  async function made(environment: Environment): Promise<KeptTrail> {
    const trail = await database.make();
    const world = await TestWorld.start({ ...trail.environment, ...environment });
    for (let order = 1; order <= 10; order += 1) {
      await world.client.rest('PATCH', '/v1/departments/9007199254740991', app, { order });
    }
    const visibility = { toCorpIds: ['dingA', 'dingB'], optUserId: 'lisi' };
    await world.client.rest('PUT', '/v1/org-accounts/visibility', app, visibility);
    await world.client.rest('PUT', '/v1/org-accounts/visibility', app, { ...visibility, toCorpIds: ['dingA'] });
    for (let bad = 0; bad < 4; bad += 1) await world.client.rest('DELETE', '/v1/employees/%20', app);
    await world.stop();
    return trail;
  }

  beforeAll(async () => {
    database = await start();
    [signed, unsigned] = [await made({ AUDIT_KEY }), await made({})];
  });
  afterAll(() => database.stop());

  const verified = (trail: KeptTrail, more: Environment = { AUDIT_KEY }, known: Known = []) =>
    verifyTrail(settingsFor({ ...trail.environment, ...more }), { known });
  type Known = readonly { sequence: number; hash: string }[];
  const rowsOf = async (trail: KeptTrail) =>
    (await trail.ask('select * from audit_records order by sequence')).map((row) => ({
      ...row,
      sequence: Number(row['sequence']),
    })) as unknown as Row[];

  async function tampered(trail: KeptTrail, { statements }: Tampering): Promise<KeptTrail> {
    const copy = await database.copyOf(trail);
    await copy.run(...(typeof statements === 'function' ? statements(await rowsOf(trail)) : statements));
    return copy;
  }

  it('is as it was written', async () => {
    expect(await verified(signed)).toMatchObject({
      ...{ records: LAST, from: 1, to: LAST, isSigned: true, isBelieved: true, unknown: [], findings: [] },
    });
    expect(await verified(unsigned, {})).toMatchObject({ records: LAST, isSigned: false, findings: [] });
  });

  it.each(TAMPERINGS.map((one) => [one.what, one] as const))('shows %s', async (_what, tampering) => {
    expect(findingsOf(await verified(await tampered(signed, tampering)))).toMatch(tampering.finds);
    const { findings } = await verified(await tampered(unsigned, tampering), {});
    expect(findings.length > 0).toBe(tampering.isFoundUnsigned);
  });

  it('shows an older state of itself put back, by what was told of it elsewhere', async () => {
    const { to, lastHash } = await verified(signed);
    const older = await made({ AUDIT_KEY });
    expect((await verified(older)).findings).toEqual([]);
    const verdict = await verified(older, { AUDIT_KEY }, [{ sequence: to, hash: lastHash }]);
    expect(findingsOf(verdict)).toBe(`record ${to}: is not the record that it was when its checkpoint was told`);
  });

  it('is not gone on with by a gateway behind what somebody else has made', async () => {
    const forgedOne = TAMPERINGS.find(({ what }) => what.includes('made anew')) as Tampering;
    const trail = await tampered(signed, forgedOne);
    const world = await TestWorld.start({ ...trail.environment, AUDIT_KEY });
    const change = () => world.client.rest('PATCH', '/v1/departments/9007199254740991', app, { order: 5 });
    expect((await change()).body.code).toBe('AUDIT_UNAVAILABLE');
    expect(world.calls('/topapi/v2/department/update')).toEqual([]);
    expect(world.capture.logs.join('')).toContain('the trail is signed with another AUDIT_KEY, or was changed');
    await world.stop();
  });

  it('shows by where its signatures begin that they were taken away, and all made anew', async () => {
    const rows = await rowsOf(signed);
    const trail = await database.copyOf(signed);
    const strip = ['delete from audit_checkpoints', 'update audit_head set signature = null'];
    await trail.run(...forged(rows, FIFTH, other), ...strip);
    await trail.run(`update audit_records set caller = 'app:somebody-else' where sequence = ${FIFTH}`);
    const world = await TestWorld.start({ ...trail.environment, AUDIT_KEY });
    await world.client.rest('PATCH', '/v1/departments/9007199254740991', app, { order: 5 });
    await world.stop();
    expect(await verified(trail)).toMatchObject({ isBelieved: true, signedFrom: LAST + 1 });
  });

  it('goes on under a new key while the old one is known still, and begins to be signed', async () => {
    for (const [trail, old] of [
      [await database.copyOf(signed), AUDIT_KEY],
      [await database.copyOf(unsigned), undefined],
    ] as const) {
      const key = 'another-key-of-the-trail';
      const both = old === undefined ? key : `${key},${old}`;
      const world = await TestWorld.start({ ...trail.environment, AUDIT_KEY: both });
      const { status } = await world.client.rest('PATCH', '/v1/departments/9007199254740991', app, { order: 5 });
      await world.stop();
      expect(status).toBe(200);
      // What nobody had signed when it was written is told apart.
      const signedFrom = old === undefined ? LAST + 1 : 1;
      expect(await verified(trail, { AUDIT_KEY: both })).toMatchObject({ isBelieved: true, signedFrom, findings: [] });
    }
  });

  it('is looked at by a command, which says what it found and ends accordingly', async () => {
    const verify = (trail: KeptTrail, ...options: string[]) =>
      Program.node(['dist/apps/gateway/src/audit-verify.js', ...options], {
        ...NEEDED,
        ...trail.environment,
        AUDIT_KEY,
      }).ended;
    const good = await verify(signed);
    expect([good.code, good.stderr]).toEqual([0, '']);
    expect(good.stdout).toMatch(
      /^records +28, from 1 to 28\ncheckpoints +1, signed since record 1 was written\nlast record +28:[0-9a-f]{64}\n\nAll is as it was written\.\n$/,
    );
    const bad = await verify(await tampered(signed, TAMPERINGS[0] as Tampering), '--json');
    expect([bad.code, JSON.parse(bad.stdout).findings[0]]).toEqual([
      ...[1, { sequence: FIFTH, what: 'was changed: its hash is another' }],
    ]);
  });
});
