import { type AuditRecord, AuditPhase } from '../chain/record.js';

/** OCSF 1.6, class API Activity. */
const CLASS = 6003;
const OTHER = 99;
const ACTIVITIES: readonly (readonly [RegExp, number])[] = [
  [/^create/, 1],
  [/^(?:update|set)/, 3],
  [/^(?:delete|remove)/, 4],
  [/^(?:audit|export)/, 2],
];
const SUCCESS = 1;
const FAILURE = 2;
const UNKNOWN = 0;
const STATUS: Readonly<Record<AuditPhase, number>> = {
  INTENT: UNKNOWN,
  DONE: SUCCESS,
  REFUSED: FAILURE,
  FAILED: FAILURE,
  UNKNOWN,
};
const INFORMATIONAL = 1;
const LOW = 2;

/** A record as a SIEM knows it; what OCSF has no name for is under `unmapped`. */
export function toOcsf(record: AuditRecord, hash: string): object {
  const { id, changeId, sequence, time, phase, caller, address, operation, targets, outcome, requestId } = record;
  const activity = ACTIVITIES.find(([form]) => form.test(operation))?.[1] ?? OTHER;
  const [kind = '', ...name] = caller.split(':');
  const isPerson = kind === 'person';
  const { changes, scope, optUserId, dingtalkCode, dingtalkRequestId, tries, ms, note, traceparent } = record;
  return {
    class_uid: CLASS,
    category_uid: 6,
    activity_id: activity,
    type_uid: CLASS * 100 + activity,
    time: Date.parse(time),
    severity_id: phase === AuditPhase.DONE || phase === AuditPhase.INTENT ? INFORMATIONAL : LOW,
    status_id: STATUS[phase],
    ...(outcome !== undefined && { status_code: outcome }),
    metadata: {
      version: '1.6.0',
      uid: id,
      correlation_uid: changeId,
      sequence,
      product: { name: 'dingtalk-contact-gateway', vendor_name: 'dingtalk-contact-gateway' },
    },
    actor: isPerson ? { user: { uid: name.join(':') } } : { app_name: caller },
    api: { operation, request: { uid: requestId }, ...(outcome !== undefined && { response: { message: outcome } }) },
    src_endpoint: { ip: address ?? '' },
    resources: targets.map((target) => ({ uid: target, type: target.split(':')[0] })),
    unmapped: { phase, hash, changes, scope, optUserId, dingtalkCode, dingtalkRequestId, tries, ms, note, traceparent },
  };
}
