import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../apps/dingtalk-sandbox/src/levers.js';
import { type Answer, bearer } from './harness/client.js';
import { KEY, TestWorld } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: '1500' });
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const app = bearer(KEY);
const BIG = '9007199254740991';
const NEWCOMER = { userId: 'newcomer', name: '新人', mobile: '18800001111', deptIdList: ['1'] };

const company = () => world.sandbox.desk.world;
const empty = (): void => {
  for (const person of company().members(Number(BIG))) company().removePerson(person);
};
const inline = (value: unknown): string => JSON.stringify(value).replace(/"(\w+)":/g, '$1:');

interface Write {
  readonly route: string;
  /** What has to be so before. */
  readonly prepare?: () => void;
  readonly rest: () => Promise<Answer>;
  readonly graphql: () => Promise<Answer>;
  /** Whether it is made. */
  readonly isMade: () => boolean;
}

const rest = (method: string, path: string, body?: unknown) => () => world.client.rest(method, path, app, body);
const graphql = (mutation: string) => () => world.client.graphql(app, `mutation { ${mutation} }`);

const WRITES = {
  createDepartment: {
    route: 'POST /topapi/v2/department/create',
    rest: rest('POST', '/v1/departments', { name: '新部门', parentId: '1' }),
    graphql: graphql('createDepartment(department: { name: "新部门", parentId: "1" }) { department { id name } }'),
    isMade: () => [...company().departments.values()].some(({ name }) => name === '新部门'),
  },
  deleteDepartment: {
    route: 'POST /topapi/v2/department/delete',
    prepare: empty,
    rest: rest('DELETE', `/v1/departments/${BIG}`),
    graphql: graphql(`deleteDepartment(id: "${BIG}") { id }`),
    isMade: () => !company().departments.has(Number(BIG)),
  },
  createEmployee: {
    route: 'POST /topapi/v2/user/create',
    rest: rest('POST', '/v1/employees', NEWCOMER),
    graphql: graphql(`createEmployee(employee: ${inline(NEWCOMER)}) { pending employee { userId name } }`),
    isMade: () => company().byUserId('newcomer') !== undefined,
  },
  updateEmployee: {
    route: 'POST /topapi/v2/user/update',
    rest: rest('PATCH', '/v1/employees/lisi', { title: '顾问', extension: { hobby: '旅游' } }),
    graphql: graphql(
      'updateEmployee(userId: "lisi", changes: { title: "顾问", extension: { hobby: "旅游" } }) { employee { title } }',
    ),
    isMade: () => company().byUserId('lisi')?.title === '顾问',
  },
  deleteEmployee: {
    route: 'POST /topapi/v2/user/delete',
    rest: rest('DELETE', '/v1/employees/lisi'),
    graphql: graphql('deleteEmployee(userId: "lisi") { userId }'),
    isMade: () => company().byUserId('lisi') === undefined,
  },
} satisfies Record<string, Write>;

type Name = keyof typeof WRITES;
const NAMES = Object.keys(WRITES) as Name[];
const DOORS = ['rest', 'graphql'] as const;
const each = NAMES.flatMap((name) => DOORS.map((door) => [name, door] as const));

const sent = ({ route }: Write): number => world.calls(route.split(' ')[1]).length;

interface Told {
  code?: string;
  fields?: string[];
  message?: string;
}

const namesOf = (faults?: { field: string }[]): string[] | undefined => faults?.map(({ field }) => field);

/** What came of it, told alike by both doors. */
function told({ status, body }: Answer): Told {
  const error = body?.errors?.[0];
  if (error?.extensions) {
    const { code, fields } = error.extensions;
    return { code, fields: namesOf(fields), message: error.message };
  }
  return status < 300 ? {} : { code: body.code, fields: namesOf(body.errors), message: body.detail };
}

async function meet(name: Name, door: (typeof DOORS)[number], fault?: Omit<Fault, 'route'>) {
  const write: Write = WRITES[name];
  write.prepare?.();
  if (fault) world.sandbox.levers.add({ ...fault, route: write.route });
  world.sandbox.journal.clear();
  return told(await write[door]());
}

describe('a change whose answer is lost', () => {
  const LOST = (['reset', 'cut', 'html', 'hang', 'empty', 'truncate', 'server-error'] as const).flatMap((kind) =>
    each.map(([name, door]) => [kind, name, door] as const),
  );

  it.each(LOST)('by %s is found made by reading back: %s by %s, sent once', async (kind, name, door) => {
    expect(await meet(name, door, { kind, performed: true })).toEqual({});
    expect([WRITES[name].isMade(), sent(WRITES[name])]).toEqual([true, 1]);
  });

  it.each(each)('and that was not made has an outcome that nobody knows: %s by %s, sent once', async (name, door) => {
    expect((await meet(name, door, { kind: 'reset' })).code).toBe('OUTCOME_UNKNOWN');
    expect([WRITES[name].isMade(), sent(WRITES[name])]).toEqual([false, 1]);
  });

  it.each(each)('and cannot be read back has one too: %s by %s', async (name, door) => {
    for (const path of ['department/get', 'department/listsub', 'user/get']) {
      // The read before the change is answered, the one after is not.
      world.sandbox.levers.add({ kind: 'latency', ms: 1, route: `POST /topapi/v2/${path}`, times: 1 });
      world.sandbox.levers.add({ kind: 'busy', route: `POST /topapi/v2/${path}` });
    }
    expect((await meet(name, door, { kind: 'reset', performed: true })).code).toBe('OUTCOME_UNKNOWN');
  });

  it('is not taken for made where it was there before: DingTalk has refused it, and nobody heard', async () => {
    const lost = (route: string) => world.sandbox.levers.add({ kind: 'reset', performed: true, route });
    await world.client.rest('POST', '/v1/employees', app, NEWCOMER);
    lost(WRITES.createEmployee.route);
    const employee = await world.client.rest('POST', '/v1/employees', app, { ...NEWCOMER, title: '另一个' });
    expect(told(employee).code).toBe('OUTCOME_UNKNOWN');
    lost(WRITES.createDepartment.route);
    const twin = await world.client.rest('POST', '/v1/departments', app, { name: '市场部', parentId: '1' });
    expect(told(twin).code).toBe('OUTCOME_UNKNOWN');
    lost(WRITES.deleteDepartment.route);
    expect(told(await world.client.rest('DELETE', '/v1/departments/77', app)).code).toBe('NOT_FOUND');
  });

  it('and that names no userId cannot be told: nobody is taken for the newcomer', async () => {
    const { userId: _, ...nameless } = NEWCOMER;
    world.sandbox.levers.add({ kind: 'reset', performed: true, route: WRITES.createEmployee.route });
    const answer = await world.client.rest('POST', '/v1/employees', app, nameless);
    expect(told(answer).code).toBe('OUTCOME_UNKNOWN');
    expect(world.calls('/topapi/v2/user/create')).toHaveLength(1);
  });

  it('and that changes what DingTalk never tells cannot be told either', async () => {
    world.sandbox.levers.add({ kind: 'reset', performed: true, route: WRITES.updateEmployee.route });
    const answer = await world.client.rest('PATCH', '/v1/employees/lisi', app, { title: '顾问', seniorMode: true });
    expect(told(answer).code).toBe('OUTCOME_UNKNOWN');
  });

  it.each(each)('is another thing than busy, which means that it was not begun: %s by %s', async (name, door) => {
    expect((await meet(name, door, { kind: 'busy' })).code).toBe('DINGTALK_UNAVAILABLE');
  });
});

describe('a refusal of DingTalk', () => {
  const bare = (errcode: number) => ({ kind: 'answer' as const, body: { errcode, errmsg: 'x' } });

  it.each<[Name, number, string, string | undefined]>([
    ['createDepartment', 60003, 'REJECTED', 'parentId'],
    ['createDepartment', 60004, 'REJECTED', 'parentId'],
    ['createDepartment', 60001, 'REJECTED', 'name'],
    ['createDepartment', 60021, 'REJECTED', 'name'],
    ['createDepartment', 60002, 'REJECTED', 'parentId'],
    ['createDepartment', 60011, 'DINGTALK_NOT_PERMITTED', undefined],
    ['deleteDepartment', 60003, 'NOT_FOUND', undefined],
    ['deleteDepartment', 60005, 'REJECTED', 'id'],
    ['deleteDepartment', 60006, 'REJECTED', 'id'],
    ['deleteDepartment', 60007, 'REJECTED', 'id'],
    ['createEmployee', 60102, 'REJECTED', 'userId'],
    ['createEmployee', 60103, 'REJECTED', 'mobile'],
    ['createEmployee', 40104, 'REJECTED', 'mobile'],
    ['createEmployee', 60104, 'REJECTED', 'mobile'],
    ['createEmployee', 60106, 'REJECTED', 'email'],
    ['createEmployee', 60003, 'REJECTED', 'deptIdList'],
    ['createEmployee', 60122, 'REJECTED', 'extension'],
    ['createEmployee', 400002, 'REJECTED', undefined],
    ['createEmployee', 90018, 'DINGTALK_THROTTLED', undefined],
    ['updateEmployee', 60121, 'NOT_FOUND', undefined],
    ['updateEmployee', 40022, 'REJECTED', 'mobile'],
    ['updateEmployee', 60003, 'REJECTED', 'deptIdList'],
    ['updateEmployee', 40031, 'REJECTED', 'managerUserId'],
    ['deleteEmployee', 60121, 'NOT_FOUND', undefined],
    ['deleteEmployee', 33012, 'NOT_FOUND', undefined],
  ])('of %s by %i is told as %s at %s by both doors', async (name, errcode, code, field) => {
    for (const door of DOORS) {
      const { message, ...answer } = await meet(name, door, bare(errcode));
      expect(answer).toEqual({ code, fields: field && [field] });
      expect(message).not.toMatch(/^x$/);
    }
  });

  it.each<[Name, () => void]>([
    ['updateEmployee', () => undefined],
    ['deleteEmployee', () => undefined],
  ])('is not needed for nobody: %s of a stranger is not found, and nothing is sent', async (name) => {
    const lisi = company().byUserId('lisi');
    if (lisi) company().removePerson(lisi);
    for (const door of DOORS) expect((await meet(name, door)).code).toBe('NOT_FOUND');
    expect(sent(WRITES[name])).toBe(0);
  });

  it('of what the sandbox’s company forbids is told as it is: a department with people, the root, a name twice', async () => {
    const fails = async (method: string, path: string, body?: unknown) =>
      told(await world.client.rest(method, path, app, body));
    const home = company().byUserId('lisi')?.departments[0];
    expect(await fails('DELETE', `/v1/departments/${home}`)).toMatchObject({ code: 'REJECTED', fields: ['id'] });
    expect(await fails('DELETE', '/v1/departments/1')).toMatchObject({ code: 'REJECTED', fields: ['id'] });
    expect(await fails('POST', '/v1/departments', { name: '市场部', parentId: '1' })).toMatchObject({
      fields: ['name'],
    });
    expect(await fails('POST', '/v1/departments', { name: 'x', parentId: '77' })).toMatchObject({
      fields: ['parentId'],
    });
    expect(await fails('POST', '/v1/employees', { ...NEWCOMER, mobile: '13800002468' })).toMatchObject({
      fields: ['mobile'],
    });
  });
});
