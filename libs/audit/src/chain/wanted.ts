import type { Claim, Earlier } from './claims.js';
import type { AuditEntry, AuditRecord } from './record.js';

/** What is to be added, and on what condition. */
export interface Wanted {
  readonly entry: AuditEntry;
  /** Only where the key has not been used before. */
  readonly claim?: Claim;
  /** Only where the change has no outcome yet. */
  readonly ifOpen?: true;
  /** Only where it was not kept by an earlier try whose answer was lost. */
  readonly ifNew?: true;
}

/** The entry has become a record; or its key was used before; or neither, where the change has an outcome already. */
export type Added = { readonly record: AuditRecord } | { readonly earlier: Earlier } | { readonly record?: undefined };
