import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bearer } from './harness/client.js';
import { KEY, TestWorld, keyOf } from './harness/world.js';

type HeaderMap = Record<string, string>;

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start({ CACHE_TTL_S: '30' });
});
afterAll(() => world.stop());
// What was remembered before is of another company.
beforeEach(() => world.restartGateway({ CACHE_TTL_S: '30' }));
afterEach(() => world.reset());

const app = bearer(KEY);
const ANEW = { 'cache-control': 'no-cache' };
const GET = '/topapi/v2/department/get';
const LISTSUB = '/topapi/v2/department/listsub';
const USER_GET = '/topapi/v2/user/get';

const rest = (path: string, headers: HeaderMap = {}) => world.client.rest('GET', path, { ...app, ...headers });
const graphql = (query: string, headers: HeaderMap = {}) => world.client.graphql({ ...app, ...headers }, query);
const send = (method: string, path: string, body?: unknown) => world.client.rest(method, path, app, body);

/** How many calls at a path a piece of work makes. */
async function calls(path: string, work: () => Promise<unknown>): Promise<number> {
  world.sandbox.journal.clear();
  await work();
  return world.calls(path).length;
}

describe('a read', () => {
  it('of the same thing by many at once is one call, through whichever door', async () => {
    const many = Array.from({ length: 20 }, () => [
      rest('/v1/departments/1'),
      graphql('{ department(id: "1") { name } }'),
    ]);
    expect(await calls(GET, () => Promise.all(many.flat()))).toBe(1);
  });

  it('is remembered, and asked again with Cache-Control: no-cache through both doors', async () => {
    await rest('/v1/departments/1');
    const department = world.sandbox.desk.world.departments.get(1);
    Object.assign(department ?? {}, { name: '改名' });
    expect(await calls(GET, () => rest('/v1/departments/1'))).toBe(0);
    expect((await rest('/v1/departments/1')).body.department.name).toBe('星河科技有限公司');
    expect((await rest('/v1/departments/1', ANEW)).body.department.name).toBe('改名');
    expect((await rest('/v1/departments/1')).body.department.name).toBe('改名');
    const query = '{ department(id: "1") { name } }';
    expect(await calls(GET, () => graphql(query, { 'cache-control': 'max-age=0, no-cache' }))).toBe(1);
    expect(await calls(GET, () => graphql(query, { 'cache-control': 'public' }))).toBe(0);
  });

  it('that failed is not remembered', async () => {
    world.sandbox.levers.add({ kind: 'busy', route: `POST ${GET}`, times: 3 });
    expect((await rest('/v1/departments/1')).status).toBe(502);
    expect((await rest('/v1/departments/1')).status).toBe(200);
  });

  it('is forgotten after a while, and not remembered at all where that is 0', async () => {
    await world.restartGateway({ CACHE_TTL_S: '1' });
    await rest('/v1/departments/1');
    expect(await calls(GET, () => rest('/v1/departments/1'))).toBe(0);
    await new Promise((wait) => setTimeout(wait, 1100));
    expect(await calls(GET, () => rest('/v1/departments/1'))).toBe(1);
    await world.restartGateway({ CACHE_TTL_S: '0' });
    const twice = async () => {
      await rest('/v1/departments/1');
      await Promise.all([rest('/v1/departments/1'), rest('/v1/departments/1')]);
    };
    expect(await calls(GET, twice)).toBe(2);
  });

  it('that others wait for is not ended by the deadline of whoever asked first', async () => {
    await world.restartGateway({ DINGTALK_TIMEOUT_MS: '600' });
    await rest('/v1/departments/9007199254740991');
    world.sandbox.levers.add({ kind: 'latency', ms: 450, route: `POST ${GET}`, times: 1 });
    // The first spends most of its time on something else.
    world.sandbox.levers.add({ kind: 'latency', ms: 400, route: `POST ${LISTSUB}`, times: 1 });
    const first = graphql('{ department(id: "9007199254740991") { children { id } parent { name } } }');
    await new Promise((wait) => setTimeout(wait, 300));
    const second = rest('/v1/departments/1');
    expect((await second).body.department.name).toBe('星河科技有限公司');
    await first;
  });
});

describe('what was read by one', () => {
  const MOBILE = '13800002468';
  const QUERY = '{ employee(userId: "lisi") { userId mobile email } }';

  it('is told another by their own rights: two apps, one call, no field too many, in either order', async () => {
    for (const order of [
      [app, bearer(keyOf('employee:read'))],
      [bearer(keyOf('employee:read')), app],
    ]) {
      await world.restartGateway({ CACHE_TTL_S: '30' });
      world.sandbox.journal.clear();
      for (const headers of [...order, ...order]) {
        const isBlind = headers !== app;
        const byRest = await world.client.rest('GET', '/v1/employees/lisi', headers);
        expect(byRest.body.employee.mobile).toBe(isBlind ? '138****2468' : MOBILE);
        expect(byRest.body.employee.email).toBe(isBlind ? undefined : 'k93lmwqxrtpb7slisi@example.com');
        const byGraphQL = await world.client.graphql(headers, QUERY);
        expect(byGraphQL.body.data.employee.mobile).toBe(isBlind ? null : MOBILE);
        expect(byGraphQL.body.errors?.length ?? 0).toBe(isBlind ? 2 : 0);
      }
      expect(world.calls(USER_GET)).toHaveLength(1);
    }
  });

  it('is told people by their own rights too: an administrator sees the own number, and not the other’s', async () => {
    await rest('/v1/employees/lisi');
    const admin = await world.client.signIn(world.authCode('102530009661373952'));
    const { body } = await world.client.rest('GET', '/v1/employees/lisi', admin);
    expect([body.employee.mobile, body.employee.email]).toEqual(['138****2468', undefined]);
    const own = await world.client.rest('GET', '/v1/employees/102530009661373952', admin);
    expect(own.body.employee.mobile).toBe('15000009144');
    const members = await world.client.rest('GET', '/v1/departments/1/members', admin);
    expect(members.body.employees[0].mobile).toBe('15000009144');
  });

  it('opens no door: whoever lacks the scope is refused although it is remembered', async () => {
    await rest('/v1/employees/lisi');
    const other = await world.client.rest('GET', '/v1/employees/lisi', bearer(keyOf('department:read')));
    expect(other.status).toBe(403);
  });

  it('with a person’s own token is told within that session alone', async () => {
    const path = '/v1/users/z21HjQliSzpw0Yzhangsan';
    const upstream = '/v1.0/contact/users/z21HjQliSzpw0Yzhangsan';
    const lisi = await world.client.signIn(world.authCode('lisi'));
    const again = await world.client.signIn(world.authCode('lisi'));
    const admin = await world.client.signIn(world.authCode('102530009661373952'));
    const read = (person: HeaderMap) => world.client.rest('GET', path, person);
    expect(await calls(upstream, () => read(lisi))).toBe(1);
    expect(await calls(upstream, () => read(lisi))).toBe(0);
    expect(await calls(upstream, () => read(again))).toBe(1);
    expect(await calls(upstream, () => read(admin))).toBe(1);
    expect(await calls('/v1.0/contact/users/me', () => world.client.rest('GET', '/v1/users/me', lisi))).toBe(1);
    const { body } = await world.client.rest('GET', '/v1/users/me', admin);
    expect(body.user.nick).toBe('张三');
    await world.client.rest('DELETE', '/session', lisi);
    expect((await read(lisi)).status).toBe(401);
  });
});

describe('a change', () => {
  const BIG = '9007199254740991';
  const idOf = (name: string): string =>
    String([...world.sandbox.desk.world.departments.values()].find((one) => one.name === name)?.dept_id);

  it('of a name makes the department and its place among its siblings forgotten, and nothing else', async () => {
    const other = idOf('财务部');
    for (const path of [BIG, other, '1', `${BIG}/children`, '1/children', `${other}/children`, `${BIG}/ancestors`]) {
      await rest(`/v1/departments/${path}`);
    }
    await send('PATCH', `/v1/departments/${BIG}`, { name: '全球事业部' });
    expect(await calls(GET, () => rest(`/v1/departments/${other}`))).toBe(0);
    expect(await calls(GET, () => rest('/v1/departments/1'))).toBe(0);
    expect(await calls(LISTSUB, () => rest(`/v1/departments/${BIG}/children`))).toBe(0);
    expect(await calls(LISTSUB, () => rest(`/v1/departments/${other}/children`))).toBe(0);
    expect(await calls(LISTSUB, () => rest('/v1/departments/1/children'))).toBe(1);
    const path = '/topapi/v2/department/listparentbydept';
    expect(await calls(path, () => rest(`/v1/departments/${BIG}/ancestors`))).toBe(0);
  });

  it('of the parent makes the children of both parents forgotten, and what lies above whatever lies below', async () => {
    const [old, leaf, target] = [idOf('平台研发部'), idOf('后端组'), idOf('市场部')];
    const untouched = idOf('销售中心');
    for (const id of [old, target, untouched]) await rest(`/v1/departments/${id}/children`);
    await rest(`/v1/departments/${leaf}/ancestors`);
    await send('PATCH', `/v1/departments/${old}`, { parentId: target });
    const ancestors = await rest(`/v1/departments/${leaf}/ancestors`);
    expect(ancestors.body.departments.map(({ id }: { id: string }) => id)).toEqual([old, target, '1']);
    expect(await calls(LISTSUB, () => rest(`/v1/departments/${untouched}/children`))).toBe(0);
    const { body } = await rest(`/v1/departments/${target}/children`);
    expect(body.departments.map(({ id }: { id: string }) => id)).toContain(old);
    const center = await rest(`/v1/departments/${idOf('研发中心')}/children`);
    expect(center.body.departments.map(({ id }: { id: string }) => id)).not.toContain(old);
  });

  it('while a read is on its way: it is told to whoever asked before, and to nobody after', async () => {
    const names = async () => {
      const { body } = await rest('/v1/departments/1/children');
      return body.departments.map(({ name }: { name: string }) => name) as string[];
    };
    world.sandbox.levers.add({ kind: 'latency', ms: 700, route: `POST ${LISTSUB}`, times: 1 });
    const before = names();
    await new Promise((wait) => setTimeout(wait, 100));
    await send('PATCH', `/v1/departments/${BIG}`, { name: '全球事业部' });
    expect(await names()).toContain('全球事业部');
    expect(await before).toContain('海外事业部');
    expect(await names()).toContain('全球事业部');
  });

  it('that takes a department away takes its list of people along', async () => {
    const { body } = await send('POST', '/v1/departments', { name: '新部门', parentId: '1' });
    const path = `/v1/departments/${body.department.id}`;
    for (const part of ['', '/children', '/members', '/ancestors']) expect((await rest(path + part)).status).toBe(200);
    await send('DELETE', path);
    for (const part of ['', '/children', '/members', '/ancestors']) expect((await rest(path + part)).status).toBe(404);
  });

  it('that takes somebody in makes forgotten that they did not belong', async () => {
    const company = world.sandbox.desk.world;
    const wang = company.byUserId('ext-wang');
    const path = '/v1/employees?unionId=externalVt4Yk6BmQiEiE';
    expect((await rest(path)).status).toBe(404);
    const route = 'POST /topapi/v2/user/create';
    const body = { errcode: 0, result: { userid: 'ext-wang', unionId: wang?.unionId } };
    world.sandbox.levers.add({ kind: 'answer', route, body, times: 1 });
    Object.assign(wang ?? {}, { external: undefined, departments: [1] });
    await send('POST', '/v1/employees', { name: '王客户', mobile: '13600009753', deptIdList: ['1'] });
    expect((await rest(path)).body.employee).toMatchObject({ userId: 'ext-wang', name: '王客户' });
  });

  it('of somebody’s record makes their profile forgotten too', async () => {
    const lisi = await world.client.signIn(world.authCode('lisi', 'in-app'), 'in-app');
    const own = await world.client.signIn(world.authCode('lisi'));
    const mail = async (person: HeaderMap) => {
      const { body } = await world.client.rest('GET', '/v1/users/me', person);
      return body.user.email as string;
    };
    expect([await mail(lisi), await mail(own)]).toEqual(Array(2).fill('k93lmwqxrtpb7slisi@example.com'));
    await send('PATCH', '/v1/employees/lisi', { email: 'new@example.com' });
    expect([await mail(lisi), await mail(own)]).toEqual(Array(2).fill('new@example.com'));
  });

  it('of which nobody knows whether it was made is looked for, not remembered', async () => {
    await rest('/v1/departments/1/children');
    await rest(`/v1/departments/${BIG}`);
    world.sandbox.levers.add({ kind: 'reset', route: 'POST /topapi/v2/department/update' });
    const { body } = await send('PATCH', `/v1/departments/${BIG}`, { name: '全球事业部' });
    expect(body.code).toBe('OUTCOME_UNKNOWN');
    expect((await rest(`/v1/departments/${BIG}`)).body.department.name).toBe('海外事业部');
    // It comes about after all.
    Object.assign(world.sandbox.desk.world.departments.get(Number(BIG)) ?? {}, { name: '全球事业部' });
    expect((await rest(`/v1/departments/${BIG}`)).body.department.name).toBe('全球事业部');
    const children = await rest('/v1/departments/1/children');
    expect(JSON.stringify(children.body)).toContain('全球事业部');
  });
});
