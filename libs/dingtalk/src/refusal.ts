import { FAILURES, Failure, type FailureCode } from '#contract';
import { failureCodeOf, mayHaveRun, retryAfterSOf } from './dialect/codes.js';
import type { Refusal } from './dialect/dialect.js';
import type { Endpoint } from './endpoint.js';

/** What the operator is told to do; the log is the only place that names it. */
function noteOf(endpoint: Endpoint<never, unknown>, failure: FailureCode, refusal: Refusal): string {
  const said = `${endpoint.name}: DingTalk says ${refusal.code} at HTTP ${refusal.status}`;
  if (failure !== 'DINGTALK_NOT_PERMITTED') return said;
  const scopes = refusal.scopes.length > 0 ? refusal.scopes : [endpoint.permission ?? 'unknown'];
  return `${said}; permission needed: ${scopes.join(', ')}`;
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
    ...(rule?.field && { fields: [{ field: rule.field, message }] }),
  });
}
