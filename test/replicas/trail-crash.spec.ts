import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { AuditPhase, type AuditRecord, verifyTrail } from '#audit';
import { readSettings } from '#config';
import { bearer } from '../harness/client.js';
import { Fleet, type Replica } from '../harness/fleet.js';
import { crashChanges, freePort } from '../harness/processes.js';
import { type KeptTrail, Postgres, Sqlite, type TrailDatabase } from '../harness/trail-database.js';
import { KEY } from '../harness/world.js';

const CHANGES = crashChanges;
const KILLS = Math.max(3, CHANGES / 100);
const AT_ONCE = 8;
const app = bearer(KEY);
const BIG = '9007199254740991';
const AUDIT_KEY = 'a-key-that-signs-the-trail';
const NEEDED = { DINGTALK_CLIENT_ID: 'none', DINGTALK_CLIENT_SECRET: 'none', DINGTALK_CORP_ID: 'none' };

const tell = (line: string) => process.stdout.write(`${line}\n`);

/** Each change has a mark of its own, by which it is known at DingTalk and in the trail. */
const KINDS_OF_CHANGE = [
  (mark: string) => ['PATCH', `/v1/departments/${BIG}`, { brief: mark }] as const,
  (mark: string) => ['POST', '/v1/departments', { name: mark, parentId: '1' }] as const,
  (mark: string) => ['PUT', '/v1/org-accounts/visibility', { toCorpIds: [mark], optUserId: 'lisi' }] as const,
];
const MARK = /mark[0-9]+x/;
const WRITES = [
  '/topapi/v2/department/update',
  '/topapi/v2/department/create',
  '/v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg',
];

/** Changes one after the other, while their gateway is killed again and again. */
class Crash {
  /** Marks of changes that DingTalk has seen, and of those that were answered as made. */
  readonly seen = new Set<string>();
  readonly answered = new Set<string>();
  private begun = 0;
  private kills = 0;
  private alive: Promise<unknown> = Promise.resolve();

  constructor(
    readonly kind: string,
    private readonly fleet: Fleet,
  ) {}

  async run(): Promise<void> {
    const work = Promise.all(Array.from({ length: AT_ONCE }, () => this.work()));
    while (this.begun < CHANGES) await this.killOnce();
    await work;
    this.look();
    await this.killInTheMiddle();
  }

  private get replica(): Replica {
    return this.fleet.replicas[0] as Replica;
  }

  private async work(): Promise<void> {
    for (;;) {
      await this.alive;
      if (this.begun >= CHANGES) return;
      this.begun += 1;
      const mark = `mark${this.begun}x`;
      const change = KINDS_OF_CHANGE[this.begun % KINDS_OF_CHANGE.length];
      const [method, path, body] = (change as (typeof KINDS_OF_CHANGE)[number])(mark);
      const status = await this.replica.client.rest(method, path, app, body).then(
        (answer) => answer.status,
        // It was killed.
        () => 0,
      );
      if (status === 200 || status === 201) this.answered.add(mark);
    }
  }

  private async killOnce(): Promise<void> {
    // As many changes between two of them, wherever each of these has got to.
    const next = Math.min(CHANGES, ((this.kills + 0.5 + Math.random()) * CHANGES) / KILLS);
    while (this.begun < next) await pause(5);
    this.look();
    if (this.begun >= CHANGES) return;
    this.kills += 1;
    if (this.kills % 10 === 0) tell(`crash ${this.kind}: ${this.told} …`);
    const old = this.replica;
    this.alive = old.program.stop('SIGKILL').then(() => this.fleet.replace(old));
    await this.alive;
  }

  /** The last change is made, and nobody hears of it: it is still so when it is looked for. */
  private async killInTheMiddle(): Promise<void> {
    const [route] = WRITES;
    this.fleet.sandbox.levers.add({ kind: 'hang', performed: true, route: `POST ${route}`, times: 1 });
    const mark = `mark${CHANGES + 1}x`;
    const sent = this.replica.client
      .rest('PATCH', `/v1/departments/${BIG}`, app, { brief: mark })
      .catch(() => undefined);
    while (!this.seen.has(mark)) {
      await pause(20);
      this.look();
    }
    const old = this.replica;
    await old.program.stop('SIGKILL');
    await sent;
    await this.fleet.replace(old);
  }

  /** The sandbox keeps the last calls only. */
  private look(): void {
    const { journal } = this.fleet.sandbox;
    for (const { path, body } of journal.all()) {
      const mark = WRITES.includes(path) && MARK.exec(body)?.[0];
      if (mark) this.seen.add(mark);
    }
    journal.clear();
  }

  get told(): string {
    return `${this.begun} changes, ${this.kills} times killed, ${this.seen.size} seen by DingTalk`;
  }
}

async function crash(kind: string, start: () => Promise<TrailDatabase>) {
  const database = await start();
  const trail = await database.make();
  const adminPort = await freePort();
  const environment = { ...trail.environment, AUDIT_KEY, DINGTALK_TIMEOUT_MS: '1000', ADMIN_PORT: String(adminPort) };
  const fleet = await Fleet.start({ replicas: 1, environment });
  try {
    const run = new Crash(kind, fleet);
    await run.run();
    await settled(trail);
    const figures = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    const said = fleet.replicas[0]?.program.stdout ?? '';
    const rows = await trail.ask('select body from audit_records order by sequence');
    const records = rows.map(({ body }) => JSON.parse(String(body)) as AuditRecord);
    const verdict = await verifyTrail(readSettings({ ...NEEDED, ...trail.environment, AUDIT_KEY }).audit, {});
    return { run, records, verdict, said, figures };
  } finally {
    await fleet.stop();
    await database.stop();
  }
}

/** The gateway that lives finds what the others have left behind. */
async function settled(trail: KeptTrail): Promise<void> {
  const endMs = Date.now() + 60_000 + 10 * CHANGES;
  while (Date.now() < endMs) {
    const [row] = await trail.ask('select count(*) as open from audit_open_changes');
    if (Number(row?.['open']) === 0) return;
    await pause(250);
  }
  throw new Error('changes without an outcome were not settled');
}

const marksOf = (records: readonly AuditRecord[], phase: AuditPhase) =>
  new Set(records.filter((record) => record.phase === phase).map((record) => MARK.exec(aboutOf(record))?.[0]));

/** What it is about, and not what was there before. */
const aboutOf = ({ targets, changes }: AuditRecord) =>
  JSON.stringify([targets, changes.map(({ field, after }) => [field, after])]);

describe('a gateway that is killed in the middle of changes', () => {
  it(
    'has the intent of every change that DingTalk saw, names those of unknown outcome, and leaves a chain that is whole',
    async () => {
      const all = await Promise.all([
        crash('SQLite', async () => new Sqlite()),
        crash('PostgreSQL', () => Postgres.start()),
      ]);
      for (const { run, records, verdict, said, figures } of all) {
        const intents = marksOf(records, AuditPhase.INTENT);
        const missing = [...run.seen].filter((mark) => !intents.has(mark));
        const done = marksOf(records, AuditPhase.DONE);
        const untold = [...run.answered].filter((mark) => !done.has(mark));
        const ended = new Map<string, number>();
        for (const { changeId, phase } of records) {
          if (phase !== AuditPhase.INTENT) ended.set(changeId, (ended.get(changeId) ?? 0) + 1);
        }
        const settledBack = records.filter(({ note }) => note === 'found as asked by reading back').length;
        const lines = [
          `${run.told}, ${missing.length} of them without an intent`,
          `${verdict.unknown.length} of unknown outcome, ${settledBack} settled by reading back`,
        ];
        tell(`crash ${run.kind}: ${lines.join('; ')}; ${verdict.records} records, ${verdict.findings.length} findings`);
        expect([missing, untold, verdict.findings]).toEqual([[], [], []]);
        expect(new Set(ended.values())).toEqual(new Set([1]));
        expect(ended.size).toBe(records.filter(({ phase }) => phase === AuditPhase.INTENT).length);
        const unknown = records.filter(({ phase }) => phase === AuditPhase.UNKNOWN).map(({ changeId }) => changeId);
        expect([...verdict.unknown].sort()).toEqual(unknown.sort());
        expect(settledBack).toBeGreaterThan(0);
        expect(said).toContain('changes have no recorded outcome');
        // As of the look that has just settled them.
        expect(figures).toMatch(/^gateway_audit_open_changes [1-9]/m);
        expect(figures).toMatch(/^gateway_audit_records_total\{phase="UNKNOWN"\} [1-9]/m);
        expect(run.seen.size).toBeGreaterThan(CHANGES / 2);
      }
    },
    600_000 + CHANGES * 200,
  );
});
