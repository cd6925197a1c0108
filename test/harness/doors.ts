import type { Answer, Client } from './client.js';

type HeaderMap = Record<string, string>;

interface Told {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string;
  readonly headers: Headers;
}

/** A way into the gateway that asks who comes. */
export interface Door {
  /** `GET /v1/departments/:id`, `Query.department`. */
  readonly name: string;
  /** The scopes that open it, with a space between; none where any session does. */
  readonly scope?: string;
  /** Whether it is for people only. */
  readonly people: boolean;
  call(client: Client, headers: HeaderMap): Promise<Told>;
}

const ID = '9007199254740991';

const told = ({ status, headers }: Answer, code: string | undefined, message: string): Told => ({
  status,
  headers,
  code,
  message,
});

const rest = (route: string, path: string, scope?: string, more: { people?: boolean; body?: unknown } = {}): Door => ({
  name: route,
  scope,
  people: more.people ?? false,
  call: async (client, headers) => {
    const answer = await client.rest(route.split(' ')[0] ?? 'GET', path, headers, more.body);
    return told(answer, answer.body?.code, answer.body?.detail ?? '');
  },
});

const graphql = (name: string, selection: string, scope: string, people = false): Door => ({
  name,
  scope,
  people,
  call: async (client, headers) => {
    const answer = await client.graphql(
      headers,
      name.startsWith('Query') ? `{ ${selection} }` : `mutation { ${selection} }`,
    );
    const [error] = answer.body.errors ?? [];
    return told(answer, error?.extensions.code, error?.message ?? '');
  },
});

const EMPLOYEE = '{ name: "新人", mobile: "18800001111", deptIdList: ["1"] }';

const VISIBILITY = { toCorpIds: ['ding1'], optUserId: 'lisi' };

/** Every one of them; test/access.spec.ts holds the list against the routes and the schema. */
export const DOORS: readonly Door[] = [
  rest('GET /v1/users/me', '/v1/users/me', 'user:read', { people: true }),
  rest('GET /v1/users/:unionId', '/v1/users/abc', 'user:read', { people: true }),
  rest('GET /v1/departments/:id', `/v1/departments/${ID}`, 'department:read'),
  rest('PATCH /v1/departments/:id', `/v1/departments/${ID}`, 'department:write', { body: { order: 1 } }),
  rest('GET /v1/departments/:id/children', '/v1/departments/1/children', 'department:read'),
  rest('GET /v1/departments/:id/ancestors', `/v1/departments/${ID}/ancestors`, 'department:read'),
  rest('GET /v1/departments/:id/members', '/v1/departments/1/members', 'department:read employee:read'),
  rest('GET /v1/departments/:id/export', `/v1/departments/${ID}/export`, 'department:read employee:read'),
  rest('POST /v1/departments', '/v1/departments', 'department:write', { body: { name: '新部门', parentId: '1' } }),
  rest('DELETE /v1/departments/:id', `/v1/departments/${ID}`, 'department:write'),
  rest('GET /v1/employees', '/v1/employees?query=李四', 'employee:read'),
  rest('GET /v1/employees/:userId', '/v1/employees/lisi', 'employee:read'),
  rest('POST /v1/employees', '/v1/employees', 'employee:write', {
    body: { name: '新人', mobile: '18800001111', deptIdList: ['1'] },
  }),
  rest('PATCH /v1/employees/:userId', '/v1/employees/lisi', 'employee:write', { body: { title: '顾问' } }),
  rest('DELETE /v1/employees/:userId', '/v1/employees/lisi', 'employee:write'),
  rest('PUT /v1/org-accounts/visibility', '/v1/org-accounts/visibility', 'org-account:write', { body: VISIBILITY }),
  rest('GET /v1/org-accounts/visibility', '/v1/org-accounts/visibility?toCorpId=ding1', 'org-account:read'),
  rest('GET /v1/audit-events', '/v1/audit-events', 'audit:read'),
  rest('GET /v1/audit-events/export', '/v1/audit-events/export', 'audit:read'),
  rest('GET /session', '/session', undefined, { people: true }),
  rest('DELETE /session', '/session', undefined, { people: true }),
  rest('DELETE /v1/sessions', '/v1/sessions?userId=nobody', 'session:end'),
  graphql('Query.me', 'me { nick }', 'user:read', true),
  graphql('Query.user', 'user(unionId: "abc") { nick }', 'user:read', true),
  graphql('Query.department', `department(id: "${ID}") { id }`, 'department:read'),
  graphql('Query.departments', 'departments { id }', 'department:read'),
  graphql('Query.employee', 'employee(userId: "lisi") { name }', 'employee:read'),
  graphql('Query.employeeByUnionId', 'employeeByUnionId(unionId: "k93LmWqxRtpb7Slisi") { name }', 'employee:read'),
  graphql('Query.searchEmployees', 'searchEmployees(query: "李四") { nodes { name } }', 'employee:read'),
  graphql(
    'Query.orgAccountVisibilityGrants',
    'orgAccountVisibilityGrants(toCorpId: "ding1") { toCorpId }',
    'org-account:read',
  ),
  graphql('Query.auditEvents', 'auditEvents(first: 1) { nodes { id } }', 'audit:read'),
  graphql(
    'Mutation.createDepartment',
    'createDepartment(department: { name: "新部门", parentId: "1" }) { department { id } }',
    'department:write',
  ),
  graphql('Mutation.deleteDepartment', `deleteDepartment(id: "${ID}") { id }`, 'department:write'),
  graphql('Mutation.createEmployee', `createEmployee(employee: ${EMPLOYEE}) { pending }`, 'employee:write'),
  graphql(
    'Mutation.updateEmployee',
    'updateEmployee(userId: "lisi", changes: { title: "顾问" }) { employee { title } }',
    'employee:write',
  ),
  graphql('Mutation.deleteEmployee', 'deleteEmployee(userId: "lisi") { userId }', 'employee:write'),
  graphql(
    'Mutation.updateDepartment',
    `updateDepartment(id: "${ID}", changes: { order: 1 }) { department { id } }`,
    'department:write',
  ),
  graphql(
    'Mutation.setOrgAccountVisibility',
    'setOrgAccountVisibility(visibility: { toCorpIds: ["ding1"], optUserId: "lisi" }) { visibility { fields } }',
    'org-account:write',
  ),
];

/** Fields answer at HTTP 200 in GraphQL; what refuses the whole request has its own status. */
export const statusAt = ({ name }: Door, status: number): number => (/^(Query|Mutation)\./.test(name) ? 200 : status);

/** Open to everybody, on purpose. */
export const OPEN = [
  'GET /health/live',
  'GET /health/ready',
  'POST /session',
  'GET /session/login',
  'GET /session/callback',
  'GET /',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/swagger-ui.css',
  'GET /docs/swagger-ui-bundle.js',
];

/** GraphQL's own route: its doors are the fields of the schema. */
export const GRAPHQL = ['GET /graphql', 'POST /graphql', 'OPTIONS /graphql'];
