import type { Call, Desk, Reply, Route } from './call.js';
import type { Levers } from './levers.js';
import { oapiError, oapiWrapped, v1Error } from './replies.js';

const NOT_A_TOKEN = '不合法的access_token';

function refusedV1(token: string | undefined): Reply {
  return token === undefined
    ? v1Error(400, 'AuthenticationFailed.MissingParameter', '缺少参数：x-acs-dingtalk-access-token')
    : v1Error(400, 'InvalidAuthentication', NOT_A_TOKEN);
}

function refusedOapi(token: string | undefined, levers: Levers): Reply {
  if (token === undefined) return oapiWrapped(40000, 'access_token is blank');
  const { tokenRefusal } = levers.settings;
  return tokenRefusal === '88/40014' ? oapiWrapped(40014, NOT_A_TOKEN) : oapiError(Number(tokenRefusal), NOT_A_TOKEN);
}

const wrongKind = (route: Route): Reply =>
  v1Error(403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied', '没有调用该接口的权限', {
    accessdenieddetail: { requiredScopes: [route.scope] },
  });

const refused = (route: Route, [v1Code, oapiCode]: readonly [string, number], message: string, more = {}): Reply =>
  route.dialect === 'v1' ? v1Error(403, v1Code, message, more) : oapiWrapped(oapiCode, message);

/** What DingTalk's console says against the app, whoever's token it shows. */
function refusedByConsole(route: Route, { settings }: Levers): Reply | undefined {
  if (settings.addressRefused) {
    return refused(route, ['Forbidden.AccessDenied.IpNotInWhiteList', 60020], '访问ip不在白名单之中');
  }
  if (route.scope === undefined || !settings.missingPermissions.includes(route.scope)) return undefined;
  const codes = ['Forbidden.AccessDenied.AccessTokenPermissionDenied', 60011] as const;
  const more = { accessdenieddetail: { requiredScopes: [route.scope] } };
  return refused(route, codes, `应用尚未开通所需的权限：[${route.scope}]`, more);
}

const tokenOf = (route: Route, { headers, query, fields }: Call): string | undefined => {
  if (route.dialect === 'v1') return headers['x-acs-dingtalk-access-token'] as string | undefined;
  const inBody = fields?.['access_token'];
  return query.get('access_token') ?? (typeof inBody === 'string' ? inBody : undefined);
};

const issuedFor = (token: string | undefined, { tokens }: Desk, { settings }: Levers) =>
  token === undefined || settings.refuseAllTokens ? undefined : tokens.find(token);

/** Lets a call through as strictly as the real one: the right kind of token, in the right place. */
export function admit(route: Route, call: Call, desk: Desk, levers: Levers): { unionId?: string } | Reply {
  if (route.dialect === 'v1' && call.text !== '' && !call.isJson) {
    return v1Error(400, 'Missingbody', 'body is mandatory for this action.');
  }
  if (route.token === 'none') return {};
  const token = tokenOf(route, call);
  const issued = issuedFor(token, desk, levers);
  // The old generation does not know a person's token at all.
  if (!issued || (route.dialect === 'oapi' && issued.kind === 'user')) {
    return route.dialect === 'v1' ? refusedV1(token) : refusedOapi(token, levers);
  }
  if (issued.kind !== route.token) return wrongKind(route);
  return refusedByConsole(route, levers) ?? { unionId: issued.unionId };
}
