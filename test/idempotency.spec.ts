import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { bearer } from './harness/client.js';
import { KEY, TestWorld, keyOf } from './harness/world.js';

const BIG = '9007199254740991';
const NEWCOMER = { userId: 'newcomer', name: '新人', mobile: '18800001111', deptIdList: ['1'] };
const UPDATE = '/topapi/v2/department/update';

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: '2000' });
});
afterAll(() => world.stop());
afterEach(() => world.reset());

let keys = 0;
const newKey = () => `key-${(keys += 1)}`;
const withKey = (key: string, of = KEY) => ({ ...bearer(of), 'idempotency-key': key });
const rest = (method: string, path: string, key: string, body?: unknown) =>
  world.client.rest(method, path, withKey(key), body);
const update = (key: string, body: object = { order: 7 }) => rest('PATCH', `/v1/departments/${BIG}`, key, body);
const replayed = ({ headers }: { headers: Headers }) => headers.get('idempotency-replayed');

describe('the same key with the same request', () => {
  interface Same {
    readonly what: string;
    readonly route: string;
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
  }

  const SAME: readonly Same[] = [
    {
      what: 'an update of a department',
      route: UPDATE,
      method: 'PATCH',
      path: `/v1/departments/${BIG}`,
      body: { order: 7 },
    },
    {
      ...{ what: 'a new department', route: '/topapi/v2/department/create', method: 'POST', path: '/v1/departments' },
      body: { name: '新部门', parentId: '1' },
    },
    { what: 'a new employee', route: '/topapi/v2/user/create', method: 'POST', path: '/v1/employees', body: NEWCOMER },
    {
      ...{
        what: 'an update of an employee',
        route: '/topapi/v2/user/update',
        method: 'PATCH',
        path: '/v1/employees/lisi',
      },
      body: { title: '顾问' },
    },
    { what: 'the end of an employee', route: '/topapi/v2/user/delete', method: 'DELETE', path: '/v1/employees/lisi' },
    {
      ...{ what: 'visibility', route: '/v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg', method: 'PUT' },
      ...{ path: '/v1/org-accounts/visibility', body: { toCorpIds: ['ding1'], optUserId: 'lisi' } },
    },
  ];

  it.each(SAME)('is answered as the first, and made once: $what', async ({ route, method, path, body }) => {
    const key = newKey();
    const first = await rest(method, path, key, body);
    const again = await rest(method, path, key, body);
    expect(first.status).toBeLessThan(300);
    expect([again.status, again.body, again.headers.get('location')]).toEqual([
      ...[first.status, first.body, first.headers.get('location')],
    ]);
    expect([replayed(first), replayed(again)]).toEqual([null, 'true']);
    expect(world.calls(route)).toHaveLength(1);
  });

  it('is answered alike in GraphQL, by its extension or the header', async () => {
    const query = `mutation { a: updateDepartment(id: "${BIG}", changes: { order: 8 }) { changes { field before after } }
      b: updateEmployee(userId: "lisi", changes: { title: "顾问" }) { employee { title } } }`;
    const key = newKey();
    const ask = (headers: Record<string, string>, extensions?: object) =>
      world.client.rest('POST', '/graphql', { ...bearer(KEY), ...headers }, { query, extensions });
    const first = await ask({}, { idempotencyKey: key });
    const [again, byHeader] = [await ask({}, { idempotencyKey: key }), await ask({ 'idempotency-key': key })];
    expect(first.body.data.a.changes).toEqual([{ field: 'order', before: 90, after: 8 }]);
    expect([again.body, byHeader.body]).toEqual([first.body, first.body]);
    expect([replayed(first), replayed(again), replayed(byHeader)]).toEqual([null, 'true', 'true']);
    expect([world.calls(UPDATE), world.calls('/topapi/v2/user/update')].map(({ length }) => length)).toEqual([1, 1]);
    const both = await ask({ 'idempotency-key': newKey() }, { idempotencyKey: key });
    expect(both.body.errors[0].extensions).toMatchObject({ code: 'BAD_INPUT' });
  });

  it('tells of an employee whom DingTalk has asked first that it has', async () => {
    world.sandbox.levers.add({
      ...{ kind: 'answer', route: 'POST /topapi/v2/user/create', times: 1, status: 200 },
      body: { errcode: 40103, errmsg: '需要用户确认', request_id: 'x' },
    });
    const key = newKey();
    const first = await rest('POST', '/v1/employees', key, NEWCOMER);
    const again = await rest('POST', '/v1/employees', key, NEWCOMER);
    expect([first.status, again.status, again.body]).toEqual([202, 202, { employee: null, pending: true }]);
  });

  it('is refused as the first was, where DingTalk has said no', async () => {
    const key = newKey();
    const same = { name: '市场部', parentId: '1' };
    const first = await rest('POST', '/v1/departments', key, same);
    const again = await rest('POST', '/v1/departments', key, same);
    expect(first.status).toBe(422);
    const { requestId: _, ...told } = first.body;
    expect([again.status, again.body]).toEqual([422, expect.objectContaining(told)]);
    expect(world.calls('/topapi/v2/department/create')).toHaveLength(1);
  });

  it('is not sent again where nobody knows what became of the first', async () => {
    world.sandbox.levers.add({ kind: 'reset', route: `POST ${UPDATE}`, times: 1 });
    const key = newKey();
    const answers = [await update(key, { order: 9 }), await update(key, { order: 9 })];
    expect(answers.map(({ body }) => body.code)).toEqual(['OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN']);
    expect(world.calls(UPDATE)).toHaveLength(1);
  });

  it('is made once an operator has granted what was missing', async () => {
    world.sandbox.levers.settings.missingPermissions = ['qyapi_manage_addresslist'];
    const key = newKey();
    expect((await update(key)).body.code).toBe('DINGTALK_NOT_PERMITTED');
    world.reset();
    expect((await update(key)).status).toBe(200);
  });

  it('of something that is no more says so, and is not taken for a refused change', async () => {
    const key = newKey();
    const made = await rest('POST', '/v1/departments', key, { name: '临时', parentId: '1' });
    await world.client.rest('DELETE', `/v1/departments/${made.body.department.id}`, bearer(KEY));
    const again = await rest('POST', '/v1/departments', key, { name: '临时', parentId: '1' });
    expect([again.status, replayed(again)]).toEqual([404, 'true']);
    const events = await world.client.rest(
      'GET',
      '/v1/audit-events?operation=createDepartment&phase=REFUSED',
      bearer(KEY),
    );
    expect(events.body.auditEvents).toEqual([]);
  });

  it('is made where the first failed in passing and certainly was not', async () => {
    world.sandbox.levers.add({ kind: 'throttle', route: `POST ${UPDATE}`, ms: 60_000, times: 5 });
    const key = newKey();
    const first = await update(key);
    expect(first.body).toMatchObject({ code: 'DINGTALK_THROTTLED', retryable: true });
    world.reset();
    const again = await update(key);
    expect([again.status, replayed(again)]).toEqual([200, null]);
  });
});

describe('a key', () => {
  it('that came with another request is refused', async () => {
    const key = newKey();
    await update(key);
    const others = [
      await update(key, { order: 8 }),
      await rest('DELETE', `/v1/departments/${BIG}`, key),
      await rest('PATCH', `/v1/departments/77`, key, { order: 7 }),
    ];
    for (const other of others) expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
    expect(world.calls(UPDATE)).toHaveLength(1);
  });

  it('whose request still runs is refused, with when to ask again', async () => {
    world.sandbox.levers.add({ kind: 'latency', route: `POST ${UPDATE}`, ms: 300, times: 1 });
    const key = newKey();
    const all = await Promise.all(Array.from({ length: 10 }, () => update(key)));
    const counts = (status: number) => all.filter((answer) => answer.status === status).length;
    expect([counts(200), counts(409)]).toEqual([1, 9]);
    const conflict = all.find(({ status }) => status === 409);
    expect(conflict?.body).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', retryable: true });
    expect(conflict?.headers.get('retry-after')).toBe('1');
    expect(world.calls(UPDATE)).toHaveLength(1);
  });

  it('is the caller’s own: another’s is another', async () => {
    const key = newKey();
    await update(key);
    const other = await world.client.rest(
      ...(['PATCH', `/v1/departments/${BIG}`, withKey(key, keyOf('department:write')), { order: 30 }] as const),
    );
    expect([other.status, replayed(other)]).toEqual([200, null]);
  });

  it('holds over a restart, and nothing of it is kept but a hash', async () => {
    const key = newKey();
    await update(key);
    await world.restartGateway({ DINGTALK_TIMEOUT_MS: '2000' });
    const again = await update(key);
    expect([again.status, replayed(again)]).toEqual([200, 'true']);
    expect(world.keptText()).not.toContain(key);
  });

  it.each(['', ' ', 'x'.repeat(256), 'schlüssel', 'a\u007fb'])('must be printable and short: %j', async (key) => {
    const query = `mutation { deleteDepartment(id: "${BIG}") { id } }`;
    const graphql = await world.client.rest('POST', '/graphql', bearer(KEY), {
      query,
      extensions: { idempotencyKey: key },
    });
    expect(graphql.body.errors[0].extensions.fields).toEqual([
      { field: 'extensions.idempotencyKey', message: 'must be 1 to 255 printable characters of ASCII' },
    ]);
    expect(world.calls()).toEqual([]);
  });

  it('is free again after a day', async () => {
    const [key, now] = [newKey(), Date.now()];
    jest.spyOn(Date, 'now').mockImplementation(() => now - 24 * 3_600_000 - 1000);
    await update(key, { order: 8 });
    jest.restoreAllMocks();
    const other = await update(key, { order: 9 });
    expect([other.status, replayed(other)]).toEqual([200, null]);
    expect((await update(key, { order: 10 })).body.code).toBe('IDEMPOTENCY_MISMATCH');
  });

  it('on a read or a dry run is of no consequence', async () => {
    const key = newKey();
    await rest('GET', `/v1/departments/${BIG}`, key);
    await rest('PATCH', `/v1/departments/${BIG}?dryRun=true`, key, { order: 3 });
    expect((await update(key)).status).toBe(200);
  });
});
