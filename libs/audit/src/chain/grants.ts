import { type AuditRecord, AuditPhase } from './record.js';

/** The one change that can never be taken back. */
export const SET_VISIBILITY = 'setOrgAccountVisibility';
const ORGANISATION = 'organisation:';

/** What an organisation was authorised to see by one change; UNKNOWN where it may have been. */
export interface Grant {
  readonly toCorpId: string;
  readonly fields: readonly string[];
  readonly optUserId: string;
}

const isString = (value: unknown): value is string => typeof value === 'string';

/** The ledger follows from the records: whoever has these can make it anew. */
export function grantsOf({ operation, phase, targets, changes, optUserId = '' }: AuditRecord): Grant[] {
  if (operation !== SET_VISIBILITY || (phase !== AuditPhase.DONE && phase !== AuditPhase.UNKNOWN)) return [];
  const told = changes.find(({ field }) => field === 'fields')?.after;
  const fields = Array.isArray(told) ? told.filter(isString) : [];
  const organisations = [...new Set(targets)].filter((target) => target.startsWith(ORGANISATION));
  return organisations.map((target) => ({ toCorpId: target.slice(ORGANISATION.length), fields, optUserId }));
}
