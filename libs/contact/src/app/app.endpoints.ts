import { endpoint } from '#dingtalk';

/** What the app may see of the organisation, as DingTalk tells it. */
export interface ContactScope {
  readonly departmentIds: readonly string[];
  /** People who were named one by one. */
  readonly people: number;
  /** Fields of people, as `mobile` and `email`. */
  readonly fields: readonly string[];
}

/** Document: obtain-corpsecret-authorization-scope. */
export const getContactScope = endpoint({
  name: 'app.scopes',
  api: 'oapi',
  route: 'GET /auth/scopes',
  bearer: 'app',
  permission: 'qyapi_base',
  effect: 'read',
  write: () => ({}),
  read: (answer): ContactScope => {
    const scopes = answer.part('auth_org_scopes');
    return {
      departmentIds: scopes?.ids('authed_dept') ?? [],
      people: scopes?.texts('authed_user')?.length ?? 0,
      fields: answer.texts('auth_user_field') ?? [],
    };
  },
});
