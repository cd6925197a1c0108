import type { Generated } from 'kysely';

/** Records in the order of the chain. `body` is what counts; the other columns are there to find it by. */
interface AuditRecords {
  readonly sequence: number;
  readonly id: string;
  readonly change_id: string;
  readonly time_ms: number;
  readonly phase: string;
  readonly caller: string;
  readonly operation: string;
  readonly outcome: string | null;
  readonly body: string;
  readonly previous_hash: string;
  readonly hash: string;
}

/** What a record is about: several organisations may be told at once. */
interface AuditTargets {
  readonly target: string;
  readonly sequence: number;
}

/** The one row that all who write lock: where the chain ends, and where it begins since older records were removed. */
interface AuditHead {
  readonly id: Generated<number>;
  readonly sequence: number;
  readonly hash: string;
  readonly time_ms: number;
  readonly base_sequence: number;
  readonly base_hash: string;
  /** Over the grants up to there. */
  readonly base_ledger: string;
  readonly checkpoint_ms: number;
  /** The first record that was signed when it was written; 0 while none is. */
  readonly signed_from: number;
  readonly signature: string | null;
}

interface AuditCheckpoints {
  readonly sequence: number;
  readonly hash: string;
  readonly time_ms: number;
  readonly signature: string | null;
}

/** Intents that have no outcome yet. */
interface OpenChanges {
  readonly change_id: string;
  readonly sequence: number;
  readonly time_ms: number;
}

/** What was authorised to whom. Kept for ever: DingTalk offers no withdrawal. */
interface VisibilityGrants {
  readonly to_corp_id: string;
  readonly sequence: number;
  readonly event_id: string;
  readonly time_ms: number;
  readonly phase: string;
  readonly fields: string;
  readonly opt_user_id: string;
  readonly caller: string;
}

/** Changes that were asked for with an `Idempotency-Key`; of the key its hash. */
interface IdempotencyKeys {
  readonly key_hash: string;
  /** A GraphQL document may hold several changes. */
  readonly ordinal: number;
  readonly request_hash: string;
  readonly change_id: string;
  readonly time_ms: number;
}

interface SchemaVersion {
  readonly version: number;
}

export interface Tables {
  readonly audit_records: AuditRecords;
  readonly audit_targets: AuditTargets;
  readonly audit_head: AuditHead;
  readonly audit_checkpoints: AuditCheckpoints;
  readonly audit_open_changes: OpenChanges;
  readonly audit_visibility_grants: VisibilityGrants;
  readonly audit_idempotency_keys: IdempotencyKeys;
  readonly audit_schema: SchemaVersion;
}
