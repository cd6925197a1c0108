import type { FailureCode } from '#contract';
import type { Refusal } from './dialect.js';

const table = (failure: FailureCode, codes: string): [string, FailureCode][] =>
  codes.split(/\s+/).map((code) => [code, failure]);

/**
 * DingTalk's codes of both generations and what they mean to us. What is not listed is a plain refusal.
 * Source: server-api-error-codes-1, how-to-process-api-throttling, common-errors, and answers seen on the wire.
 */
const CODES: ReadonlyMap<string, FailureCode> = new Map([
  // The token: ended, unknown or revoked. One new token is tried.
  ...table('DINGTALK_TOKEN_REFUSED', 'InvalidAuthentication accesstoken.expired invalidAccessToken'),
  ...table('DINGTALK_TOKEN_REFUSED', '40001 40014 42001'),
  // The app's own credentials.
  ...table('DINGTALK_TOKEN_REFUSED', 'invalidClientIdOrSecret invalid.client unauthorized.client 40089 40096'),
  ...table('DINGTALK_THROTTLED', 'throttled flowLimit invokeFrequency qps.exceed.limit request.overlimit'),
  ...table('DINGTALK_THROTTLED', 'failure.operation.operatingFrequencyTooFast oaplus.query.limit'),
  ...table('DINGTALK_THROTTLED', '90002 90003 90004 90005 90006 90007 90008 90009 90010 90011 90012 90013 90014'),
  ...table('DINGTALK_THROTTLED', '90018 90019'),
  ...table('DINGTALK_QUOTA_SPENT', '90020 Forbidden.AccessDenied.ApiCountLimitForOrg'),
  ...table('DINGTALK_NOT_PERMITTED', 'Forbidden.AccessDenied.AccessTokenPermissionDenied permissions.error'),
  ...table('DINGTALK_NOT_PERMITTED', 'Forbidden.AccessDenied.IpNotInWhiteList apiPermissionDenied permissionDenied'),
  ...table('DINGTALK_NOT_PERMITTED', '43007 50002 50003 50004 50005 52019 60011 60020 33001 90017'),
  ...table('DINGTALK_UNAVAILABLE', 'banned -1 isp.-1 system.busy systemError unknownError server.error serviceError'),
  ...table('DINGTALK_UNAVAILABLE', 'ServiceUnavailable operationTimeout service.timeout 15 90001'),
  ...table('NOT_FOUND', '60003 60121 60111 33012 invalidParameter.user.notFound'),
  // We called what does not exist or forgot the token: a defect here, or a wrong base URL.
  ...table('INTERNAL', '22 404 error.notFound 40000 41001 AuthenticationFailed.MissingParameter Missingbody'),
]);

/** The failure that one of DingTalk's refusals amounts to. */
export function failureCodeOf({ code, status }: Refusal): FailureCode {
  const known = CODES.get(code);
  if (known) return known;
  if (/^Forbidden\.AccessDenied\.Qp[sm]Limit/.test(code)) return 'DINGTALK_THROTTLED';
  if (code.startsWith('isp.') || status >= 500) return 'DINGTALK_UNAVAILABLE';
  return 'REJECTED';
}

/** Busy means not begun. Any other trouble on DingTalk's side may have come after the change was made. */
const NOT_BEGUN = new Set(['banned', '-1', 'isp.-1', 'system.busy', '90001']);

export const mayHaveRun = (refusal: Refusal): boolean =>
  failureCodeOf(refusal) === 'DINGTALK_UNAVAILABLE' && !NOT_BEGUN.has(refusal.code);

/** An address, or a server, that is banned is not to call again; 90001 is a ban of longer. */
const STAYS = new Set(['banned', '90001']);
const BAN_S = 300;
/** Calls a minute are counted by the minute. */
const MINUTE_S = 60;

/** Seconds to wait, for failures that pass by themselves. */
export function retryAfterSOf(refusal: Refusal): number | undefined {
  if (STAYS.has(refusal.code)) return BAN_S;
  if (failureCodeOf(refusal) !== 'DINGTALK_THROTTLED') return refusal.retryAfterS;
  return refusal.retryAfterS ?? (/QpmLimit/.test(refusal.code) ? MINUTE_S : 1);
}

/** Which calls may be sent again at once: throttled ones were not looked at, busy ones are asked again where they read. */
export function repeatOf(refusal: Refusal): 'read' | 'any' | undefined {
  const failure = failureCodeOf(refusal);
  if (failure === 'DINGTALK_THROTTLED') return 'any';
  return failure === 'DINGTALK_UNAVAILABLE' && !STAYS.has(refusal.code) ? 'read' : undefined;
}
