import type { Call, Desk, Reply, Route } from './call.js';
import { admit } from './gate.js';
import type { Levers } from './levers.js';
import { oapiError, oapiWrapped, v1Error } from './replies.js';
import { APP_ROUTES } from './routes/app.routes.js';
import { CONTACT_ROUTES } from './routes/contact.routes.js';
import { DEPARTMENT_ROUTES } from './routes/department.routes.js';
import { EMPLOYEE_ROUTES } from './routes/employee.routes.js';
import { OAUTH_ROUTES } from './routes/oauth.routes.js';

export const ROUTES: readonly Route[] = [
  ...OAUTH_ROUTES,
  ...APP_ROUTES,
  ...CONTACT_ROUTES,
  ...EMPLOYEE_ROUTES,
  ...DEPARTMENT_ROUTES,
];

const TOKEN_ROUTE = '/v1.0/oauth2/accessToken';

function match(template: string, path: string): Record<string, string> | undefined {
  const names = [...template.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name as string);
  const found = new RegExp(`^${template.replace(/\{[^}]+\}/g, '([^/]+)')}$`).exec(path);
  if (!found) return undefined;
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]));
}

/** The route of a call and the values in its path. */
export function find(call: Call): { route: Route; params: Record<string, string> } | undefined {
  for (const route of ROUTES) {
    const params = route.method === call.method ? match(route.path, call.path) : undefined;
    if (params) return { route, params };
  }
  return undefined;
}

/** As the real hosts answer to what they do not know. */
function unknownRoute({ method, path }: Call): Reply {
  if (ROUTES.some((route) => match(route.path, path))) {
    return path.startsWith('/v1.0')
      ? v1Error(400, 'method.not.support', 'method not support')
      : oapiError(method === 'GET' ? 43002 : 43001, method === 'GET' ? '需要POST请求' : '需要GET请求');
  }
  if (path.startsWith('/v1.0/')) return v1Error(404, 'error.notFound', '接口路径错误');
  if (path.startsWith('/topapi/')) {
    return { status: 200, body: { errcode: 22, sub_msg: '不合法ApiName', errmsg: `Invalid method[${path}]` } };
  }
  return { status: 200, body: { errcode: 404, errmsg: '请求的URI地址不存在' } };
}

/** Does what a call asks for. */
export function perform(call: Call, desk: Desk, levers: Levers): Reply {
  const found = find(call);
  if (!found) return unknownRoute(call);
  const { route, params } = found;
  const admitted = admit(route, call, desk, levers);
  if ('status' in admitted) return admitted;
  if (route.dialect === 'oapi' && route.method === 'POST' && !call.fields) {
    return oapiWrapped(40035, '不合法的参数');
  }
  const reply = route.handle(call, desk, params, admitted.unionId);
  return route.path === TOKEN_ROUTE && reply.status === 200 ? withOddLife(reply, levers) : reply;
}

function withOddLife(reply: Reply, { settings }: Levers): Reply {
  if (settings.expireIn === undefined) return reply;
  const { expireIn: _, ...body } = reply.body as Record<string, unknown>;
  return { ...reply, body: settings.expireIn === 'missing' ? body : { ...body, expireIn: settings.expireIn } };
}
