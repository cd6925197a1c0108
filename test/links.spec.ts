import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type FieldError, bearer } from './harness/client.js';
import { KEY, TestWorld, keyOf } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const app = bearer(KEY);
const BIG = '9007199254740991';

/** How often each of DingTalk's calls is made for one operation. */
async function counted(query: string, variables?: unknown) {
  await world.client.rest('GET', '/v1/departments/1', app);
  world.sandbox.journal.clear();
  const { body } = await world.client.graphql(app, query, variables);
  const counts: Record<string, number> = {};
  for (const { path } of world.calls()) {
    const name = path.replace(/^\/topapi\/(v2\/)?|^\/v1.0\/contact\//, '');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return { ...body, counts };
}

/** Fills a department with people who are in one of three others too. */
function crowd(size: number): number[] {
  const { world: company } = world.sandbox.desk;
  const homes = company.below(1).map(({ dept_id }) => dept_id);
  const others = homes.slice(0, 3);
  company
    .employees()
    .slice(0, size)
    .forEach((person, index) => {
      person.departments = [Number(BIG), others[index % 3] ?? 1];
    });
  return others;
}

describe('a page of 50 employees', () => {
  const page = (fields: string) => `{ department(id: "${BIG}") { members(first: 50) { nodes { ${fields} } } } }`;

  it('with their departments makes one call for each distinct department', async () => {
    const others = crowd(50);
    const { data, errors, counts } = await counted(page('name departments { id name memberCount }'));
    expect(errors).toBeUndefined();
    expect(data.department.members.nodes).toHaveLength(50);
    expect(data.department.members.nodes[0].departments).toHaveLength(2);
    expect(counts).toEqual({ 'user/list': 1, 'department/get': 1 + others.length });
  });

  it('with what the list tells makes one call', async () => {
    crowd(50);
    const { errors, counts } = await counted(page('userId name title mobile email deptIdList hiredDate active'));
    expect(errors).toBeUndefined();
    expect(counts).toEqual({ 'user/list': 1, 'department/get': 1 });
  });

  it('with their managers reads each employee and each manager once', async () => {
    crowd(50);
    const company = world.sandbox.desk.world;
    const bosses = company.employees().slice(50, 52);
    company
      .employees()
      .slice(0, 50)
      .forEach((person, index) => (person.manager = bosses[index % 2]?.userid));
    const { data, errors, counts } = await counted(page('name managerUserId manager { name title }'));
    expect(errors).toBeUndefined();
    expect(data.department.members.nodes[1].manager.name).toBe(bosses[1]?.name);
    expect(counts).toEqual({ 'user/list': 1, 'department/get': 1, 'user/get': 52 });
  });

  it('through edges, aliases and fragments alike reads nothing twice', async () => {
    crowd(50);
    const { errors, counts } =
      await counted(`{ a: department(id: "${BIG}") { ...F } b: department(id: "${BIG}") { ...F } }
      fragment F on Department { members { edges { node { name departments { name } } } nodes { departments { order } } } }`);
    expect(errors).toBeUndefined();
    expect(counts).toEqual({ 'user/list': 1, 'department/get': 4 });
  });
});

describe('links', () => {
  it('lead from a department to all around it', async () => {
    const { data, errors } = await counted(`{ departments { name parent { name parent { name } }
      children { name parent { id } ancestors { name } managers { name departments { name } } } } }`);
    expect(errors).toBeUndefined();
    const center = data.departments.find(({ name }: { name: string }) => name === '研发中心');
    expect(center.parent).toEqual({ name: '星河科技有限公司', parent: null });
    const platform = center.children.find(({ name }: { name: string }) => name === '平台研发部');
    expect(platform.ancestors.map(({ name }: { name: string }) => name)).toEqual(['研发中心', '星河科技有限公司']);
  });

  it('leave out departments and people who are gone', async () => {
    const company = world.sandbox.desk.world;
    Object.assign(company.departments.get(Number(BIG)) ?? {}, { dept_manager_userid_list: ['gone', 'lisi'] });
    Object.assign(company.byUserId('lisi') ?? {}, { departments: [1, -1], manager: 'gone' });
    const { data, errors } = await counted(
      `{ department(id: "${BIG}") { managers { userId manager { name } departments { id } } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.department.managers).toEqual([{ userId: 'lisi', manager: null, departments: [{ id: '1' }] }]);
  });

  it('and fields that lists do not tell leave the list whole where one cannot be read', async () => {
    const [first] = world.sandbox.desk.world.below(1).map(({ dept_id }) => dept_id);
    world.sandbox.desk.world.outOfScope = { departments: [first ?? 0], people: [] };
    const { data, errors } = await counted('{ departments { name deptManagerUserIdList memberCount } }');
    expect(errors).toHaveLength(2);
    const told = data.departments.filter(
      (one: { deptManagerUserIdList: unknown }) => one.deptManagerUserIdList !== null,
    );
    expect([told.length, data.departments.every(({ name }: { name: string }) => name)]).toEqual([
      data.departments.length - 1,
      true,
    ]);
  });

  it('that cannot be read are null, each with its error, and take nothing else along', async () => {
    const [first, second] = world.sandbox.desk.world.below(1).map(({ dept_id }) => dept_id);
    world.sandbox.desk.world.outOfScope = { departments: [first ?? 0], people: [] };
    const { data, errors } = await counted(
      '{ departments { id name children { name } members(first: 1) { nodes { name } } } }',
    );
    const told = (id?: number) => data.departments.find((one: { id: string }) => one.id === String(id));
    expect(told(first)).toMatchObject({ name: expect.any(String), children: null, members: null });
    expect(told(second)).toMatchObject({ children: expect.any(Array), members: { nodes: expect.any(Array) } });
    expect(errors.map(({ extensions }: FieldError) => extensions.code)).toEqual([
      ...['DINGTALK_NOT_PERMITTED', 'DINGTALK_NOT_PERMITTED'],
    ]);
    const log = world.capture.logs.filter((line) => line.includes('50004')).at(-1);
    expect(log).toContain('outside the contact scope');
  });

  it('ask for their own scope', async () => {
    const query = `{ department(id: "1") { name members { nodes { name } } managers { name } children { name } } }`;
    const { body } = await world.client.graphql(bearer(keyOf('department:read')), query);
    expect(body.data.department).toMatchObject({ name: '星河科技有限公司', members: null, managers: null });
    expect(body.data.department.children.length).toBeGreaterThan(5);
    expect(body.errors.map(({ message }: FieldError) => message)).toEqual(
      Array(2).fill('The caller lacks the scope employee:read.'),
    );
    const reversed = await world.client.graphql(
      bearer(keyOf('employee:read')),
      '{ employee(userId: "lisi") { name departments { name } } }',
    );
    expect(reversed.body.data.employee).toEqual({ name: '李四', departments: null });
  });

  it('that lead round and round end where an answer would grow without end', async () => {
    const round = (levels: number): string => (levels === 0 ? 'id' : `parent { children { ${round(levels - 1)} } }`);
    const { data, errors } = await counted(`{ department(id: "${BIG}") { name ${round(6)} } }`);
    expect(data.department.name).toBe('海外事业部');
    expect(errors[0]).toMatchObject({
      message: expect.stringContaining('more than 10000 departments'),
      extensions: { code: 'BAD_INPUT' },
    });
    expect(JSON.stringify(data).length).toBeLessThan(2_000_000);
  });

  it('after a change in the same document are read anew', async () => {
    const change = (name: string) =>
      `updateDepartment(id: "${BIG}", changes: { name: "${name}" }) { department { name } }`;
    const child = `updateDepartment(id: "CHILD", changes: { order: 5 }) { department { parent { name } } }`;
    const { body } = await world.client.rest('POST', '/v1/departments', app, { name: '下级', parentId: BIG });
    const { id } = body.department;
    const { data, errors } = await counted(
      `mutation { a: ${child} b: ${change('改名')} c: ${child} }`.replaceAll('CHILD', id),
    );
    expect(errors).toBeUndefined();
    expect([data.a.department.parent.name, data.c.department.parent.name]).toEqual(['海外事业部', '改名']);
  });
});

describe('the calls that one operation may make', () => {
  const many = (count: number, field: (index: number) => string) =>
    `{ ${Array.from({ length: count }, (_, index) => `f${index}: ${field(index)}`).join(' ')} }`;
  const departments = (count: number) => many(count, (index) => `department(id: "${1000 + index}") { name }`);

  beforeAll(() => world.restartGateway({ UPSTREAM_CALLS_MAX: '10' }));

  const refusal = {
    message: expect.stringContaining('more than 10 calls at DingTalk'),
    extensions: { code: 'BAD_INPUT', retryable: false, fields: [{ field: 'query' }] },
  };

  it.each([
    ['11 departments', departments(11)],
    ['11 employees', many(11, (index) => `employee(userId: "u${index}") { name }`)],
    ['6 employees by union id', many(6, (index) => `employeeByUnionId(unionId: "u${index}") { name }`)],
    ['the children of 6 departments', many(6, (index) => `department(id: "${index + 1}") { children { id } }`)],
    [
      '11 pages of members',
      `{ department(id: "1") { ${many(10, (n) => `members(first: ${n + 1}) { nodes { name } }`).slice(1, -1)} } }`,
    ],
    ['them in a fragment', `{ ...F } fragment F on Query ${departments(11)}`],
    [
      '4 updates',
      `mutation ${many(4, (n) => `updateDepartment(id: "${n + 1}", changes: { order: 1 }) { changes { field } }`)}`,
    ],
  ])('are refused at once where the document shows that they are too many: %s', async (_, query) => {
    const { errors, data, counts } = await counted(query);
    expect(errors).toMatchObject([refusal]);
    expect(data).toBeUndefined();
    expect(counts).toEqual({});
  });

  it('are not refused for what is left out', async () => {
    const query = `query($no: Boolean!) { department(id: "1") { name } ...F @include(if: $no) }
      fragment F on Query ${departments(11)}`;
    expect(await counted(query, { no: false })).toMatchObject({
      data: { department: {} },
      counts: { 'department/get': 1 },
    });
    expect(await counted(query, { no: true })).toMatchObject({ counts: {} });
  });

  it('are counted once for what fragments select again, and as few as a dry run makes', async () => {
    const field = 'department(id: "1") { name children { id } }';
    const fragments = Array.from({ length: 12 }, (_, index) => `fragment F${index} on Query { ${field} }`);
    const spreads = fragments.map((_, index) => `...F${index}`).join(' ');
    const { errors, counts } = await counted(`{ ${spreads} } ${fragments.join(' ')}`);
    expect([errors, counts]).toEqual([undefined, { 'department/get': 1, 'department/listsub': 1 }]);
    const dry = many(
      10,
      (n) => `updateDepartment(id: "${BIG}", changes: { order: ${n} }, dryRun: true) { changes { field } }`,
    );
    expect(await counted(`mutation ${dry}`)).toMatchObject({ data: { f9: { changes: [{ field: 'order' }] } } });
  });

  it('are not what a null is told by: it is at fault itself', async () => {
    const { errors } = await counted('query($id: ID = "1") { department(id: $id) { name } }', { id: null });
    expect(errors[0].extensions).toMatchObject({ code: 'BAD_INPUT', fields: [{ field: 'id' }] });
    const byDefault = await counted('{ departments(parentId: null) { parentId } }');
    expect(byDefault.data.departments[0].parentId).toBe('1');
  });

  it('are as many as there may be: what was read by then is kept, the fields beyond are null, each with an error', async () => {
    const { data, errors, counts } = await counted('{ departments { id name children { id name } } }');
    const made = Object.values(counts as Record<string, number>).reduce((sum, count) => sum + count, 0);
    expect(made).toBe(10);
    const read = data.departments.filter(({ children }: { children: unknown }) => children !== null);
    expect(read).toHaveLength(9);
    expect(errors).toHaveLength(data.departments.length - 9);
    for (const error of errors)
      expect(error).toMatchObject({ ...refusal, path: ['departments', expect.any(Number), 'children'] });
  });

  it('bound managers and searches the same way', async () => {
    crowd(50);
    const { data, errors } = await counted(
      `{ department(id: "${BIG}") { members(first: 50) { nodes { userId manager { userId } } } } }`,
    );
    expect(data.department.members.nodes).toHaveLength(50);
    expect(errors.length).toBeGreaterThan(40);
    const found = await counted('{ searchEmployees(query: "", first: 50) { nodes { userId } } }');
    expect(found.errors).toBeDefined();
    const people = world.sandbox.desk.world.employees();
    for (const person of people) Object.assign(person, { name: '同名' });
    const search = await counted(
      '{ searchEmployees(query: "同名", first: 50) { edges { cursor } nodes { userId name } } }',
    );
    expect(search.data.searchEmployees.edges).toHaveLength(50);
    expect(search.data.searchEmployees.nodes.filter((node: unknown) => node !== null)).toHaveLength(9);
    expect(search.errors).toHaveLength(41);
  });

  it('are not used up by links at the cost of a later change: it is made, and read back', async () => {
    const { data, errors, counts } = await counted(
      `mutation { a: updateDepartment(id: "${BIG}", changes: { order: 1 }) { department { parent { children { managers { name } } } } }
        b: updateDepartment(id: "${BIG}", changes: { order: 2 }) { department { name order } } }`,
    );
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error.path[0]).toBe('a');
    expect(data.b.department).toEqual({ name: '海外事业部', order: 2 });
    expect(counts).toMatchObject({ 'department/update': 2 });
  });

  it('bound a REST search by the size of its page, and the next page goes on where it ended', async () => {
    const people = world.sandbox.desk.world.employees();
    for (const person of people) Object.assign(person, { name: '同名' });
    const first = await world.client.rest('GET', `/v1/employees?query=${encodeURIComponent('同名')}&limit=100`, app);
    expect(first.body.employees).toHaveLength(9);
    const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await world.client.rest('GET', link, app);
    const ids = [...first.body.employees, ...second.body.employees].map(({ userId }) => userId);
    expect(new Set(ids).size).toBe(18);
  });

  it('bound the ancestors of a REST read as a failure', async () => {
    await world.restartGateway({ UPSTREAM_CALLS_MAX: '2' });
    const leaf = [...world.sandbox.desk.world.departments.values()].find(({ name }) => name === '后端组')?.dept_id;
    const answer = await world.client.rest('GET', `/v1/departments/${leaf}/ancestors`, app);
    expect(answer.body).toMatchObject({ status: 400, code: 'BAD_INPUT' });
    expect(world.calls().length).toBeLessThanOrEqual(2);
  });
});
