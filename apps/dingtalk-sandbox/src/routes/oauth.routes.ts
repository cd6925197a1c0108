import type { Call, Desk, Reply, Route } from '../call.js';
import { oapiError, v1Error, v1Ok } from '../replies.js';

const isApp = ({ tokens }: Desk, clientId: unknown, secret: unknown): boolean =>
  clientId === tokens.credentials.clientId && secret === tokens.credentials.clientSecret;

const wrongApp = (): Reply => v1Error(400, 'invalidClientIdOrSecret', '无效的clientId或者clientSecret');

function accessToken({ fields = {} }: Call, desk: Desk): Reply {
  if (!isApp(desk, fields['appKey'], fields['appSecret'])) return wrongApp();
  const { token, expireIn } = desk.tokens.app();
  return v1Ok({ accessToken: token, expireIn });
}

function corpToken({ fields = {} }: Call, desk: Desk, { corpId }: Readonly<Record<string, string>>): Reply {
  if (corpId !== desk.tokens.credentials.corpId) return v1Error(500, 'unknownError', '未知错误');
  if (fields['grant_type'] !== 'client_credentials') {
    return v1Error(400, 'unsupported.grant.type', 'unsupported grant type');
  }
  if (!isApp(desk, fields['client_id'], fields['client_secret'])) {
    return v1Error(400, 'invalid.client', 'invalid client');
  }
  const { token, expireIn } = desk.tokens.app();
  return v1Ok({ access_token: token, expires_in: expireIn });
}

function getToken({ query }: Call, desk: Desk): Reply {
  if (!query.get('appkey')) return oapiError(40035, '缺少参数 corpid or appkey');
  if (!isApp(desk, query.get('appkey'), query.get('appsecret'))) return oapiError(40096, '不合法的appKey或appSecret');
  const { token, expireIn } = desk.tokens.app();
  return { status: 200, body: { errcode: 0, errmsg: 'ok', access_token: token, expires_in: expireIn } };
}

function userAccessToken({ fields = {} }: Call, desk: Desk): Reply {
  if (!isApp(desk, fields['clientId'], fields['clientSecret'])) return wrongApp();
  const unionId =
    fields['grantType'] === 'refresh_token'
      ? desk.tokens.useRefreshToken(fields['refreshToken'])
      : desk.tokens.useAuthCode(fields['code'], 'login');
  if (unionId === undefined) return v1Error(400, 'invalidParameter.authCode.notFound', '不存在的临时授权码');
  const member = desk.world.byUnionId(unionId);
  const corpId = member?.userid && !member.external ? desk.tokens.credentials.corpId : undefined;
  return v1Ok({ ...desk.tokens.user(unionId), ...(corpId && { corpId }) });
}

/** Tokens of both generations. */
export const OAUTH_ROUTES: readonly Route[] = [
  { dialect: 'v1', method: 'POST', path: '/v1.0/oauth2/accessToken', token: 'none', handle: accessToken },
  { dialect: 'v1', method: 'POST', path: '/v1.0/oauth2/userAccessToken', token: 'none', handle: userAccessToken },
  { dialect: 'v1', method: 'POST', path: '/v1.0/oauth2/{corpId}/token', token: 'none', handle: corpToken },
  { dialect: 'oapi', method: 'GET', path: '/gettoken', token: 'none', handle: getToken },
];
