import type { Desk, Reply, Route } from '../call.js';
import { ROOT } from '../world/world.js';

/** The contact scope of the app: all of it, or the departments right below the root that are in it. */
function scopes(_: unknown, { world }: Desk): Reply {
  const { departments } = world.outOfScope;
  const inScope = world.below(ROOT).flatMap(({ dept_id: id }) => (departments.includes(id) ? [] : [id]));
  return {
    status: 200,
    body: {
      errcode: 0,
      errmsg: 'ok',
      auth_user_field: ['name', 'avatar', 'mobile', 'email', 'jobnumber'],
      condition_field: [],
      auth_org_scopes: { authed_user: [], authed_dept: departments.length === 0 ? [ROOT] : inScope },
    },
  };
}

export const APP_ROUTES: readonly Route[] = [
  { dialect: 'oapi', method: 'GET', path: '/auth/scopes', token: 'app', scope: 'qyapi_base', handle: scopes },
];
