import type { Selectable } from 'kysely';
import type { Tables } from '../store/tables.js';
import { type AuditRecord, AuditPhase } from './record.js';

/** The one change that can never be taken back. */
export const SET_VISIBILITY = 'setOrgAccountVisibility';
const ORGANISATION = 'organisation:';

/** What an organisation was authorised to see by one change; UNKNOWN where it may have been. */
export type Grant = Selectable<Tables['audit_visibility_grants']>;

const isString = (value: unknown): value is string => typeof value === 'string';

/** The ledger follows from the records: whoever has these can make it anew. */
export function grantsOf({ operation, phase, targets, changes, optUserId = '', ...record }: AuditRecord): Grant[] {
  if (operation !== SET_VISIBILITY || (phase !== AuditPhase.DONE && phase !== AuditPhase.UNKNOWN)) return [];
  const told = changes.find(({ field }) => field === 'fields')?.after;
  const fields = JSON.stringify(Array.isArray(told) ? told.filter(isString) : []);
  const { sequence, id, time, caller } = record;
  const organisations = [...new Set(targets)].filter((target) => target.startsWith(ORGANISATION));
  return organisations.map((target) => ({
    ...{ to_corp_id: target.slice(ORGANISATION.length), sequence, event_id: id, time_ms: Date.parse(time) },
    ...{ phase, fields, opt_user_id: optUserId, caller },
  }));
}

/** One text for one grant: it is hashed and compared. */
export const textOf = ({
  sequence,
  to_corp_id,
  event_id,
  time_ms,
  phase,
  fields,
  opt_user_id,
  caller,
}: Grant): string => JSON.stringify([sequence, to_corp_id, event_id, time_ms, phase, fields, opt_user_id, caller]);
