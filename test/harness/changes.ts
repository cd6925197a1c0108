import type { Answer } from './client.js';

const BIG = '9007199254740991';
export const NEWCOMER = { userId: 'newcomer', name: '新人', mobile: '18800001111', deptIdList: ['1'] };
export const VISIBILITY = { toCorpIds: ['ding1', 'ding2'], fields: ['mobile', 'status'], optUserId: 'lisi' };

type Headers = Record<string, string>;
type Rest = (method: string, path: string, body?: unknown, headers?: Headers) => Promise<Answer>;
type GraphQL = (query: string, variables?: unknown, headers?: Headers) => Promise<Answer>;

const inline = (value: unknown): string => JSON.stringify(value).replace(/"(\w+)":/g, '$1:');

/** A change, by either door. */
export interface Write {
  readonly operation: string;
  readonly route: string;
  readonly target: string;
  readonly scope: string;
  readonly rest: () => Promise<Answer>;
  readonly graphql: () => Promise<Answer>;
  readonly as: (headers: Headers) => Promise<Answer>[];
}

interface Doors {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly mutation: string;
}

type Of = Omit<Write, 'operation' | 'rest' | 'graphql' | 'as'>;

const change = (operation: string, of: Of, doors: Doors) => ({ operation, of, doors });

const CHANGES = [
  change(
    'updateDepartment',
    { route: '/topapi/v2/department/update', target: `department:${BIG}`, scope: 'department:write' },
    {
      ...{ method: 'PATCH', path: `/v1/departments/${BIG}`, body: { order: 7 } },
      mutation: `updateDepartment(id: "${BIG}", changes: { order: 7 }) { department { id } }`,
    },
  ),
  change(
    'createDepartment',
    { route: '/topapi/v2/department/create', target: 'department', scope: 'department:write' },
    {
      ...{ method: 'POST', path: '/v1/departments', body: { name: '新部门', parentId: '1' } },
      mutation: 'createDepartment(department: { name: "新部门", parentId: "1" }) { department { id } }',
    },
  ),
  change(
    'deleteDepartment',
    { route: '/topapi/v2/department/delete', target: `department:${BIG}`, scope: 'department:write' },
    { method: 'DELETE', path: `/v1/departments/${BIG}`, mutation: `deleteDepartment(id: "${BIG}") { id }` },
  ),
  change(
    'createEmployee',
    { route: '/topapi/v2/user/create', target: 'employee:newcomer', scope: 'employee:write' },
    {
      ...{ method: 'POST', path: '/v1/employees', body: NEWCOMER },
      mutation: `createEmployee(employee: ${inline(NEWCOMER)}) { pending }`,
    },
  ),
  change(
    'updateEmployee',
    { route: '/topapi/v2/user/update', target: 'employee:lisi', scope: 'employee:write' },
    {
      ...{ method: 'PATCH', path: '/v1/employees/lisi', body: { title: '顾问' } },
      mutation: 'updateEmployee(userId: "lisi", changes: { title: "顾问" }) { employee { title } }',
    },
  ),
  change(
    'deleteEmployee',
    { route: '/topapi/v2/user/delete', target: 'employee:lisi', scope: 'employee:write' },
    { method: 'DELETE', path: '/v1/employees/lisi', mutation: 'deleteEmployee(userId: "lisi") { userId }' },
  ),
  change(
    'setOrgAccountVisibility',
    {
      ...{ route: '/v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg', scope: 'org-account:write' },
      target: 'organisation:ding1 organisation:ding2',
    },
    {
      ...{ method: 'PUT', path: '/v1/org-accounts/visibility', body: VISIBILITY },
      mutation: `setOrgAccountVisibility(visibility: { toCorpIds: ["ding1", "ding2"], fields: [MOBILE, STATUS], optUserId: "lisi" }) { visibility { fields } }`,
    },
  ),
];

/** Every change that there is. */
export const changesBy = (rest: Rest, graphql: GraphQL): readonly Write[] =>
  CHANGES.map(({ operation, of, doors }) => {
    const byRest = (headers?: Headers) => rest(doors.method, doors.path, doors.body, headers);
    const byGraphQL = (headers?: Headers) => graphql(`mutation { ${doors.mutation} }`, undefined, headers);
    return { operation, ...of, rest: byRest, graphql: byGraphQL, as: (who) => [byRest(who), byGraphQL(who)] };
  });
