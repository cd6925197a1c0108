import { createHash } from 'node:crypto';
import type { FieldFault } from '#contract';

/** How far a change has come. */
export enum AuditPhase {
  INTENT = 'INTENT',
  DONE = 'DONE',
  REFUSED = 'REFUSED',
  FAILED = 'FAILED',
  UNKNOWN = 'UNKNOWN',
}

/** A field that was to be changed; values as `kept.ts` lets them be kept. */
export interface KeptChange {
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What is to be recorded. */
export interface AuditEntry {
  /** UUIDv7. */
  readonly id: string;
  /** The id of the intent, which its outcome has as well; that of the entry itself where there is no intent. */
  readonly changeId: string;
  readonly phase: AuditPhase;
  readonly requestId: string;
  readonly traceparent?: string;
  /** `app:org-sync`, `person:<userId>`, or `gateway` for what it does of itself. */
  readonly caller: string;
  /** From where, as far as proxies are believed. */
  readonly address?: string;
  /** `updateDepartment`, `auditEvents`. */
  readonly operation: string;
  /** `department:5`, `employee:manager4220`, `organisation:ding…`; the kind alone where the id is not known. */
  readonly targets: readonly string[];
  /** The employee in whose name it is done. */
  readonly optUserId?: string;
  /** The scope that allowed it. */
  readonly scope?: string;
  readonly changes: readonly KeptChange[];
  /** `ok` or a failure code; absent in an intent. */
  readonly outcome?: string;
  readonly dingtalkCode?: string;
  readonly dingtalkRequestId?: string;
  /** How often the change was sent to DingTalk. */
  readonly tries?: number;
  readonly ms?: number;
  /** The bad fields of an input, by path. */
  readonly faults?: readonly FieldFault[];
  /** What else is to be known, in our own words. */
  readonly note?: string;
}

/** An entry that has its place in the chain. */
export interface AuditRecord extends AuditEntry {
  /** From 1, without a gap. */
  readonly sequence: number;
  /** ISO 8601; never before that of the record before. */
  readonly time: string;
}

/** A record as it is kept: its text, and the hash over the hash before and the text. */
export interface Link {
  readonly record: AuditRecord;
  readonly body: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** What stands before the first record. */
export const GENESIS = '0'.repeat(64);

export const hashOf = (previousHash: string, body: string): string =>
  createHash('sha256').update(`${previousHash}\n${body}`).digest('hex');

export function linkAfter(previousHash: string, record: AuditRecord): Link {
  const body = JSON.stringify(record);
  return { record, body, previousHash, hash: hashOf(previousHash, body) };
}
