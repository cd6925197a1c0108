import type { FastifyReply } from 'fastify';
import { FAILURES, type Failure, type FailureCode, type FieldFault } from '#contract';
import { currentRequest } from '#telemetry';
import { outcomes } from './outcomes.js';
import { failurePage } from './page.js';

/** A failure as REST tells it: RFC 9457, `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: FailureCode;
  readonly detail: string;
  readonly retryable: boolean;
  readonly requestId: string;
  readonly dingtalkCode?: string;
  readonly dingtalkRequestId?: string;
  readonly errors?: readonly FieldFault[];
}

const problemType = (code: FailureCode): string => `urn:dingtalk-contact-gateway:failure:${code}`;

export function toProblem(failure: Failure, requestId: string): Problem {
  const { status, title, retryable } = FAILURES[failure.code];
  const { dingtalkCode, dingtalkRequestId, fields } = failure.details;
  return {
    type: problemType(failure.code),
    title,
    status,
    code: failure.code,
    detail: failure.detail,
    retryable,
    requestId,
    ...(dingtalkCode && { dingtalkCode }),
    ...(dingtalkRequestId && { dingtalkRequestId }),
    ...(fields && { errors: fields }),
  };
}

/** RFC 6750. */
const REALM = 'Bearer realm="dingtalk-contact-gateway"';

/** Headers that belong to a failure, in both doors. */
export function headersOf({ code, details }: Failure): Record<string, string> {
  const says = code === 'UNAUTHENTICATED' || details.challenge;
  const challenge = says && [REALM, details.challenge].filter(Boolean).join(', ');
  return {
    ...(challenge && { 'www-authenticate': challenge }),
    ...(details.retryAfterS !== undefined && { 'retry-after': String(details.retryAfterS) }),
  };
}

const REFUSED: ReadonlySet<FailureCode> = new Set(['UNAUTHENTICATED', 'FORBIDDEN']);

/** For the line of the request in the log: an operator has to find out why somebody is not let in. */
export function noteFailure(failure: Failure): void {
  const request = currentRequest();
  if (!request) return;
  request.failure = failure.code;
  if (REFUSED.has(failure.code)) request.reason = failure.message;
}

/** Answers a person in a browser with a failure. */
export function sendPage(reply: FastifyReply, failure: Failure): FastifyReply {
  return reply
    .status(failure.row.status)
    .headers(headersOf(failure))
    .type('text/html; charset=utf-8')
    .send(failurePage(failure, reply.request));
}

/** Answers a REST call with a failure. */
export function sendProblem(reply: FastifyReply, failure: Failure): FastifyReply {
  outcomes.refused(reply.request, failure.code);
  return reply
    .status(failure.row.status)
    .headers(headersOf(failure))
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(toProblem(failure, reply.request.id)));
}
