import { type Kysely, type Selectable } from 'kysely';
import { signableOf } from '../chain/append.js';
import { digestOfGrants } from '../chain/ledger-digest.js';
import { AuditPhase, type AuditRecord, GENESIS, hashOf } from '../chain/record.js';
import type { Signer } from '../chain/signer.js';
import type { Tables } from '../store/tables.js';
import { Derived, recordOf } from './derived.js';
import { type Checkpoint, type Finding, checkpointsIn, strangersIn } from './beside.js';

type Db = Kysely<Tables>;
type Row = Selectable<Tables['audit_records']>;
type Head = Selectable<Tables['audit_head']>;

const AT_ONCE = 1000;
const MOST_FINDINGS = 100;

export interface Verdict {
  readonly records: number;
  readonly from: number;
  readonly to: number;
  readonly lastHash: string;
  readonly checkpoints: number;
  /** The first record that was signed when it was written; 0 while none is. */
  readonly signedFrom: number;
  /** Whether there is a signature, and whether it is of one of the keys that were given. */
  readonly isSigned: boolean;
  readonly isBelieved: boolean;
  /** Changes without a known outcome, by the ids of their intents. */
  readonly unknown: readonly string[];
  /** How many findings there are; of very many the first are told. */
  readonly found: number;
  readonly findings: readonly Finding[];
}

export interface VerifyOptions {
  readonly db: Db;
  readonly signer: Signer;
  /** Told from elsewhere, as by the log: the record of that number has that hash. */
  readonly known?: readonly { readonly sequence: number; readonly hash: string }[];
  /** Is told how far it has come. */
  readonly progress?: (done: number, of: number) => void;
}

/** Reads the whole trail and looks whether it is as it was written. */
export class Verification {
  private readonly findings: Finding[] = [];
  private readonly hashes = new Map<number, string>();
  private readonly open = new Set<string>();
  private readonly unknown = new Set<string>();
  private count = 0;
  private checkpoints = 0;

  constructor(private readonly options: VerifyOptions) {}

  async run(): Promise<Verdict> {
    const { db, signer, known = [] } = this.options;
    const head = await db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirstOrThrow();
    const marks = await checkpointsIn(db);
    this.checkpoints = marks.length;
    const wanted = new Set([...marks, ...known].map(({ sequence }) => sequence));
    const last = await this.walk(head, wanted);
    this.lookAtHead(head, last);
    for (const mark of marks) this.lookAtCheckpoint(mark);
    for (const { sequence, hash } of known) this.lookAtKnown(sequence, hash, head);
    await this.lookAtLedger(head);
    this.findings.push(...(await strangersIn(db, head.base_sequence, last.sequence)));
    return {
      records: this.count,
      from: head.base_sequence + 1,
      to: last.sequence,
      lastHash: last.hash,
      checkpoints: this.checkpoints,
      signedFrom: head.signed_from,
      isSigned: head.signature !== null,
      isBelieved: signer.canSign && signer.believes(head.signature, signableOf(head)),
      unknown: [...new Set([...this.unknown, ...this.open])],
      found: this.findings.length,
      findings: this.findings.slice(0, MOST_FINDINGS),
    };
  }

  private find(sequence: number, what: string): void {
    this.findings.push({ sequence, what });
  }

  /** From where the chain begins to its end. */
  private async walk(head: Head, wanted: ReadonlySet<number>): Promise<{ sequence: number; hash: string }> {
    let last = { sequence: head.base_sequence, hash: head.base_hash };
    if (head.base_sequence === 0 && head.base_hash !== GENESIS) this.find(0, 'the beginning of the chain was changed');
    for (;;) {
      const rows = await this.page(last.sequence);
      const derived = await Derived.of(this.options.db, rows);
      for (const row of rows) {
        this.lookAt(row, last, derived);
        last = { sequence: row.sequence, hash: row.hash };
        if (wanted.has(row.sequence)) this.hashes.set(row.sequence, row.hash);
      }
      this.count += rows.length;
      this.options.progress?.(last.sequence - head.base_sequence, head.sequence - head.base_sequence);
      if (rows.length < AT_ONCE) return last;
    }
  }

  private page(after: number): Promise<Row[]> {
    const { db } = this.options;
    return db
      .selectFrom('audit_records')
      .selectAll()
      .where('sequence', '>', after)
      .orderBy('sequence')
      .limit(AT_ONCE)
      .execute();
  }

  private lookAt(row: Row, last: { sequence: number; hash: string }, derived: Derived): void {
    const { sequence } = row;
    if (sequence !== last.sequence + 1) {
      this.find(sequence, `records ${last.sequence + 1} to ${sequence - 1} are missing`);
    } else if (row.previous_hash !== last.hash) {
      this.find(sequence, 'does not follow the record before it: one of the two was changed or put there');
    }
    if (hashOf(row.previous_hash, row.body) !== row.hash) this.find(sequence, 'was changed: its hash is another');
    const record = recordOf(row.body);
    if (!record || !isAsWritten(row, record)) this.find(sequence, 'its columns do not say what its text says');
    if (!record) return;
    for (const what of derived.faultsOf(record)) this.find(sequence, what);
    this.follow(record);
  }

  private follow({ phase, changeId, id }: AuditRecord): void {
    if (phase === AuditPhase.INTENT) this.open.add(id);
    else this.open.delete(changeId);
    if (phase === AuditPhase.UNKNOWN) this.unknown.add(changeId);
    else if (phase !== AuditPhase.INTENT) this.unknown.delete(changeId);
  }

  private lookAtHead(head: Head, last: { sequence: number; hash: string }): void {
    const { signer } = this.options;
    if (head.sequence > last.sequence) {
      this.find(head.sequence, `records ${last.sequence + 1} to ${head.sequence}, the last ones, are missing`);
    } else if (head.sequence < last.sequence || head.hash !== last.hash) {
      this.find(head.sequence, 'the end of the chain is not where it was');
    }
    if (signer.canSign && !signer.believes(head.signature, signableOf(head))) {
      this.find(0, 'the end of the chain is not signed by any of the keys');
    }
  }

  private lookAtCheckpoint({ sequence, hash, time_ms: timeMs, signature }: Checkpoint): void {
    const { signer } = this.options;
    if (this.hashes.get(sequence) !== hash) this.find(sequence, 'is not the record of which a checkpoint was made');
    // Those from before there was a key have none.
    if (signer.canSign && signature !== null && !signer.believes(signature, { sequence, hash, timeMs })) {
      this.find(sequence, 'its checkpoint is not signed by any of the keys');
    }
  }

  private lookAtKnown(sequence: number, hash: string, head: Head): void {
    if (sequence <= head.base_sequence) return;
    if (this.hashes.get(sequence) !== hash)
      this.find(sequence, 'is not the record that it was when its checkpoint was told');
  }

  private async lookAtLedger(head: Head): Promise<void> {
    const digest = await digestOfGrants(
      this.options.db,
      { base_sequence: 0, base_ledger: GENESIS },
      head.base_sequence,
    );
    if (digest !== head.base_ledger) this.find(0, 'the ledger of grants was changed, where its records are removed');
  }
}

const isAsWritten = (row: Row, record: AuditRecord): boolean =>
  [row.sequence, row.id, row.change_id, row.time_ms, row.phase, row.caller, row.operation, row.outcome].join('\n') ===
  [
    ...[record.sequence, record.id, record.changeId, Date.parse(record.time), record.phase],
    ...[record.caller, record.operation, record.outcome ?? null],
  ].join('\n');
