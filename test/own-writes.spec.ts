import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bearer } from './harness/client.js';
import { KEY, TestWorld } from './harness/world.js';

let world: TestWorld;

const REMEMBERING = { CACHE_TTL_S: '30', UPSTREAM_CALLS_MAX: '1000' };

beforeAll(async () => {
  world = await TestWorld.start(REMEMBERING);
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.restartGateway(REMEMBERING);
  // Whoever moves the department moves them too.
  for (const person of world.sandbox.desk.world.employees().slice(5, 8)) person.departments = [Number(BIG)];
});
afterEach(() => world.reset());

const app = bearer(KEY);
const BIG = '9007199254740991';
const NEWCOMER = { userId: 'newcomer', name: '新人', mobile: '18800001111', title: '顾问' };

const idOf = (name: string): string =>
  String([...world.sandbox.desk.world.departments.values()].find((one) => one.name === name)?.dept_id);

const PEOPLE = 'userId name title leaderInDept { deptId leader } departments { id name } manager { userId name }';

/** Everything that may show one of the changes below, through both doors. */
function reads(): ({ path: string } | { query: string })[] {
  const departments = [BIG, '1', idOf('财务部')].flatMap((id) => [
    ...['', '/children', '/ancestors', '/members', '/members?limit=2'].map((rest) => ({
      path: `/v1/departments/${id}${rest}`,
    })),
    {
      query: `{ department(id: "${id}") { name order memberCount owningMemberCount parent { name memberCount }
        children { id name memberCount } ancestors { id name memberCount } managers { userId name }
        members(first: 100) { nodes { ${PEOPLE} } } } }`,
    },
  ]);
  const search = `/v1/employees?query=${encodeURIComponent('李')}`;
  const paths = ['/v1/employees/lisi', '/v1/employees?unionId=k93LmWqxRtpb7Slisi', '/v1/employees/newcomer', search];
  return [
    ...departments,
    ...paths.map((path) => ({ path })),
    { query: '{ departments { id name memberCount order } }' },
    { query: '{ searchEmployees(query: "新人") { nodes { userId name title } pageInfo { hasNextPage } } }' },
    { query: `{ employee(userId: "lisi") { ${PEOPLE} } }` },
  ];
}

/** What is told of everything: without what differs from request to request. */
function tell(headers: Record<string, string>): Promise<unknown[]> {
  return Promise.all(
    reads().map(async (read) => {
      const answer =
        'path' in read
          ? await world.client.rest('GET', read.path, headers)
          : await world.client.graphql(headers, read.query);
      return JSON.parse(
        JSON.stringify(answer.body).replace(/"(requestId|dingtalkRequestId)":"[^"]*"/g, '"$1":""'),
      ) as unknown;
    }),
  );
}

type Write = [does: string, run: () => Promise<{ status: number; body: { errors?: unknown } }>];

const rest = (method: string, path: string, body?: unknown) => () => world.client.rest(method, path, app, body);
const graphql = (mutation: string) => () => world.client.graphql(app, `mutation { ${mutation} }`);
const inline = (value: unknown): string => JSON.stringify(value).replace(/"(\w+)":/g, '$1:');

/** Each mutation through each door; in this order they find what they need. */
const writes = (): Write[] => [
  ['REST renames', rest('PATCH', `/v1/departments/${BIG}`, { name: '全球事业部', order: 1 })],
  ['GraphQL renames', graphql(`updateDepartment(id: "${BIG}", changes: { name: "世界部" }) { department { name } }`)],
  ['REST moves', rest('PATCH', `/v1/departments/${BIG}`, { parentId: idOf('财务部') })],
  ['GraphQL moves', graphql(`updateDepartment(id: "${BIG}", changes: { parentId: "1" }) { department { name } }`)],
  ['REST creates a department', rest('POST', '/v1/departments', { name: '新部门', parentId: BIG })],
  [
    'GraphQL creates one',
    graphql('createDepartment(department: { name: "另一部", parentId: "1" }) { department { id } }'),
  ],
  ['REST deletes one', () => rest('DELETE', `/v1/departments/${idOf('新部门')}`)()],
  ['GraphQL deletes one', () => graphql(`deleteDepartment(id: "${idOf('另一部')}") { id }`)()],
  ['REST creates an employee', rest('POST', '/v1/employees', { ...NEWCOMER, deptIdList: [BIG] })],
  [
    'REST changes one',
    rest('PATCH', '/v1/employees/newcomer', { name: '新人甲', title: '经理', managerUserId: 'lisi' }),
  ],
  [
    'GraphQL moves one',
    graphql(`updateEmployee(userId: "newcomer", changes: { deptIdList: ["1"] }) { employee { name } }`),
  ],
  ['REST moves one', rest('PATCH', '/v1/employees/newcomer', { deptIdList: ['1', BIG] })],
  ['REST names a manager', rest('PATCH', `/v1/departments/${BIG}`, { deptManagerUserIdList: ['newcomer'] })],
  [
    'GraphQL clears it',
    graphql(`updateDepartment(id: "${BIG}", changes: { deptManagerUserIdList: [] }) { changes { field } }`),
  ],
  ['REST deletes one', rest('DELETE', '/v1/employees/newcomer')],
  [
    'GraphQL creates one',
    graphql(`createEmployee(employee: ${inline({ ...NEWCOMER, deptIdList: [BIG] })}) { pending }`),
  ],
  ['GraphQL deletes one', graphql('deleteEmployee(userId: "newcomer") { userId }')],
];

describe('whoever changes something reads it changed, wherever it shows, through both doors', () => {
  async function changeAll(): Promise<void> {
    await tell(app);
    for (const [does, run] of writes()) {
      const { status, body } = await run();
      expect([does, status < 300, body?.errors]).toEqual([does, true, undefined]);
      const remembered = await tell(app);
      const now = await tell({ ...app, 'cache-control': 'no-cache' });
      expect([does, remembered]).toEqual([does, now]);
    }
  }

  it('while nobody else asks', changeAll);

  it('while many others ask for the same all the time', async () => {
    let stopped = false;
    const ask = async (): Promise<void> => {
      while (!stopped) await tell(app);
    };
    const others = [ask(), ask()];
    try {
      await changeAll();
    } finally {
      stopped = true;
      await Promise.all(others);
    }
  }, 60_000);
});
