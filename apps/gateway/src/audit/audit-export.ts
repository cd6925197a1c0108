import type { AuditEvent } from '#audit';
import { type Exported, formatsWith } from '../export/formats.js';

export const AUDIT_FORMATS = formatsWith([
  ...['id', 'changeId', 'sequence', 'time', 'phase', 'requestId', 'traceparent', 'caller', 'address', 'operation'],
  ...['target', 'optUserId', 'scope', 'changes', 'outcome', 'dingtalkCode', 'dingtalkRequestId', 'tries', 'ms'],
  ...['faults', 'note', 'hash', 'auditEvents', 'code'],
]);

/** The records as an export tells them, with their count at last. */
export async function* toExport(batches: AsyncIterable<readonly AuditEvent[]>): AsyncGenerator<Exported[], void> {
  let count = 0;
  for await (const batch of batches) {
    count += batch.length;
    yield batch.map((auditEvent) => ({ auditEvent }));
  }
  yield [{ summary: { auditEvents: count } }];
}

export const NDJSON_EXAMPLE = [
  '{"auditEvent":{"id":"019a…","phase":"DONE","caller":"app:org-sync","operation":"updateDepartment","target":"department:5",…}}',
  '{"summary":{"auditEvents":1}}',
].join('\n');

export const CSV_EXAMPLE = [
  'record,id,changeId,sequence,time,phase,…',
  'auditEvent,019a…,019a…,2,2026-11-22T08:00:00.000Z,DONE,…',
  'summary,,,,,,…',
].join('\n');
