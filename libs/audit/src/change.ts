import { Failure, type FailureCode, type FieldFault, isObject } from '#contract';
import type { ChangeUnderWay } from '#telemetry';
import { type AuditEntry, AuditPhase, type KeptChange } from './chain/record.js';
import { kept } from './kept.js';

/** What somebody wants to change. */
export interface Intent {
  /** The name of the mutation: `updateDepartment`. */
  readonly operation: string;
  /** `department:5`; the kind alone where the id is not known yet. */
  readonly targets: readonly string[];
  /** The fields and what is asked of them. */
  readonly asked: object;
  /** The employee in whose name it is done. */
  readonly optUserId?: string;
}

/** Of an input what is asked: fields that were left out are absent. */
export const askedOf = (asked: object): KeptChange[] =>
  Object.entries(asked)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => ({ field, after: kept(field, value) }));

/** A change that is under way: what becomes known of it, for its outcome. */
export class Change implements ChangeUnderWay {
  tries = 0;
  dingtalkRequestId?: string;
  private readonly startMs = performance.now();
  private known: Partial<AuditEntry> = {};

  /** What it is about, once that is known. */
  isAbout(...targets: readonly string[]): void {
    this.known = { ...this.known, targets };
  }

  /** What differs. */
  changes(fields: readonly { readonly field: string; readonly before?: unknown; readonly after?: unknown }[]): void {
    const changes = fields.map(({ field, before, after }) => ({
      field,
      before: kept(field, isObject(before) ? { ...before } : before),
      after: kept(field, isObject(after) ? { ...after } : after),
    }));
    this.known = { ...this.known, changes };
  }

  note(note: string): void {
    this.known = { ...this.known, note };
  }

  /** What became of it. */
  outcome(error?: unknown): Partial<AuditEntry> & Pick<AuditEntry, 'phase' | 'outcome'> {
    const { tries, dingtalkRequestId } = this;
    const ms = Math.round(performance.now() - this.startMs);
    const done = { ...this.known, tries, dingtalkRequestId, ms };
    return error === undefined
      ? { ...done, phase: AuditPhase.DONE, outcome: 'ok' }
      : { ...done, ...this.failure(error) };
  }

  private failure(error: unknown): Partial<AuditEntry> & Pick<AuditEntry, 'phase' | 'outcome'> {
    // A defect after the change was sent: nobody knows.
    if (!(error instanceof Failure)) {
      return { phase: this.tries > 0 ? AuditPhase.UNKNOWN : AuditPhase.FAILED, outcome: 'INTERNAL' };
    }
    return { phase: this.phaseOf(error), ...toldOf(error) };
  }

  private phaseOf({ code, row }: Failure): AuditPhase {
    if (code === 'OUTCOME_UNKNOWN') return AuditPhase.UNKNOWN;
    return this.tries === 0 && row.blame === 'caller' ? AuditPhase.REFUSED : AuditPhase.FAILED;
  }
}

const wordsOf = (faults: readonly FieldFault[] = []): string =>
  faults.map(({ field, message }) => `${field}: ${message}`).join('; ');

/** What is kept of a failure: what its caller was told. */
export function toldOf(failure: Failure) {
  const { dingtalkCode, dingtalkRequestId, fields } = failure.details;
  const isSaid = failure.row.blame === 'caller' && failure.message !== wordsOf(fields);
  return {
    outcome: failure.code as string,
    ...(dingtalkCode !== undefined && { dingtalkCode }),
    ...(dingtalkRequestId !== undefined && { dingtalkRequestId }),
    // Their names may be the caller's own, of fields that are not known.
    ...(fields && { faults: fields.map(({ field, message }) => ({ field: String(kept('', field)), message })) }),
    ...(isSaid && { note: String(kept('', failure.message)) }),
  };
}

/** The failure that a record tells of. */
export function failureOf({ outcome = '', note, dingtalkCode, dingtalkRequestId, faults }: AuditEntry): Failure {
  const words = note ?? (faults && wordsOf(faults));
  return new Failure(outcome as FailureCode, words, { dingtalkCode, dingtalkRequestId, fields: faults });
}
