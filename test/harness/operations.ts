import type { Answer } from './client.js';
import { bearer } from './client.js';
import { KEY, type TestWorld } from './world.js';

/** A call of the gateway that stands for its kind, through each door. */
export interface Operation {
  /** The call at DingTalk that it comes down to. */
  readonly route: `${'GET' | 'POST' | 'PUT'} /${string}`;
  readonly isWrite: boolean;
  /** Whether DingTalk can be asked what became of it. */
  readonly canBeReadBack: boolean;
  rest(world: TestWorld): Promise<Answer>;
  graphql(world: TestWorld): Promise<Answer>;
}

const ID = '9007199254740991';
const app = bearer(KEY);
const VISIBILITY = { toCorpIds: ['ding1'], optUserId: 'lisi' };

/** The headers of a person who is signed in. */
export const person: Record<string, string> = {};

export const signIn = async (world: TestWorld): Promise<void> => {
  Object.assign(person, await world.client.signIn(world.authCode('lisi')));
};

export const OPERATIONS = {
  profile: {
    route: 'GET /v1.0/contact/users/{unionId}',
    isWrite: false,
    canBeReadBack: false,
    rest: ({ client }) => client.rest('GET', '/v1/users/me', person),
    graphql: ({ client }) => client.graphql(person, '{ me { nick } }'),
  },
  directory: {
    route: 'POST /topapi/v2/department/listsub',
    isWrite: false,
    canBeReadBack: false,
    rest: ({ client }) => client.rest('GET', '/v1/departments/1/children', app),
    graphql: ({ client }) => client.graphql(app, '{ departments { name } }'),
  },
  update: {
    route: 'POST /topapi/v2/department/update',
    isWrite: true,
    canBeReadBack: true,
    rest: ({ client }) => client.rest('PATCH', `/v1/departments/${ID}`, app, { brief: '介绍' }),
    graphql: ({ client }) =>
      client.graphql(
        app,
        `mutation { updateDepartment(id: "${ID}", changes: { brief: "介绍" }) { department { brief } } }`,
      ),
  },
  visibility: {
    route: 'PUT /v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg',
    isWrite: true,
    canBeReadBack: false,
    rest: ({ client }) => client.rest('PUT', '/v1/org-accounts/visibility', app, VISIBILITY),
    graphql: ({ client }) =>
      client.graphql(
        app,
        'mutation { setOrgAccountVisibility(visibility: { toCorpIds: ["ding1"], optUserId: "lisi" }) { visibility { fields } } }',
      ),
  },
} as const satisfies Record<string, Operation>;

/** How an answer of either door ended: the code of its failure, or `ok`. */
export function codeOf({ status, body }: Answer): string {
  const code: string | undefined = body?.errors?.[0]?.extensions?.code ?? body?.code;
  return code ?? (status < 300 ? 'ok' : `HTTP ${status}`);
}
