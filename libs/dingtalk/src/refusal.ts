import { FAILURES, Failure, type FailureCode } from '#contract';
import { failureCodeOf, mayHaveRun, repeatOf, retryAfterSOf } from './dialect/codes.js';
import type { Refusal } from './dialect/dialect.js';
import type { Endpoint } from './endpoint.js';

/** What stands in the way and is no missing permission. */
const REMEDIES: Readonly<Record<string, string>> = {
  '60020': 'the address of the gateway is not on the whitelist of the app',
  'Forbidden.AccessDenied.IpNotInWhiteList': 'the address of the gateway is not on the whitelist of the app',
  '50002': 'the person is outside the contact scope of the app',
  '50004': 'the department is outside the contact scope of the app',
  '50003': 'the app is disabled',
  '50005': 'the app is disabled in the organisation',
  '33001': 'DINGTALK_CORP_ID is not the organisation of the app',
  '90017': 'too many organisations call from this address',
};

/** What the operator is told to do; the log is the only place that names it. */
function noteOf(endpoint: Endpoint<never, unknown>, failure: FailureCode, refusal: Refusal): string {
  const said = `${endpoint.name}: DingTalk says ${refusal.code} at HTTP ${refusal.status}`;
  if (failure !== 'DINGTALK_NOT_PERMITTED') return said;
  const scopes = refusal.scopes.length > 0 ? refusal.scopes : [endpoint.permission ?? 'unknown'];
  return `${said}; ${REMEDIES[refusal.code] ?? `permission needed: ${scopes.join(', ')}`}`;
}

const sentence = (failure: FailureCode, code: string): string =>
  failure === 'REJECTED' ? `DingTalk refused the request with its code ${code}.` : FAILURES[failure].detail;

/** DingTalk's refusal as a failure of ours: the endpoint's own rule first, then the table that all share. */
export function failureOf(endpoint: Endpoint<never, unknown>, refusal: Refusal): Failure {
  const rule = endpoint.refusals?.[refusal.code];
  const code = rule?.failure ?? failureCodeOf(refusal);
  const message = rule?.message ?? sentence(code, refusal.code);
  return new Failure(code, message, {
    dingtalkCode: refusal.code,
    dingtalkRequestId: refusal.requestId,
    note: noteOf(endpoint, code, refusal),
    retryAfterS: retryAfterSOf(refusal),
    mayHaveRun: mayHaveRun(refusal),
    repeat: rule ? undefined : repeatOf(refusal),
    ...(rule?.field && { fields: [{ field: rule.field, message }] }),
  });
}
