import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DiscoveryService, MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { bearer } from './harness/client.js';
import { RULE } from '#access';
import { RouteTable } from '../apps/gateway/src/edge/route-table.js';
import { shell } from './harness/processes.js';
import { KEY, KEYS, TestWorld, keyOf } from './harness/world.js';
import { GraphQLSchemaHost } from '@nestjs/graphql';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.sandbox.reset());

const ID = '9007199254740991';
const VISIBILITY = { toCorpIds: ['ding1'], optUserId: 'lisi' };

/** Every door that asks who comes: how it is called, and the scope that opens it. */
const DOORS: [
  name: string,
  scope: string,
  people: boolean,
  call: (headers: Record<string, string>) => Promise<Told>,
][] = [
  ['GET /v1/users/me', 'user:read', true, (headers) => rest('GET', '/v1/users/me', headers)],
  ['GET /v1/users/:unionId', 'user:read', true, (headers) => rest('GET', '/v1/users/abc', headers)],
  ['GET /v1/departments/:id', 'department:read', false, (headers) => rest('GET', `/v1/departments/${ID}`, headers)],
  [
    'PATCH /v1/departments/:id',
    'department:write',
    false,
    (headers) => rest('PATCH', `/v1/departments/${ID}`, headers, { order: 1 }),
  ],
  [
    'PUT /v1/org-accounts/visibility',
    'org-account:write',
    false,
    (headers) => rest('PUT', '/v1/org-accounts/visibility', headers, VISIBILITY),
  ],
  ['GET /session', '', true, (headers) => rest('GET', '/session', headers)],
  ['DELETE /session', '', true, (headers) => rest('DELETE', '/session', headers)],
  ['Query.me', 'user:read', true, (headers) => graphql('{ me { nick } }', headers)],
  ['Query.user', 'user:read', true, (headers) => graphql('{ user(unionId: "abc") { nick } }', headers)],
  ['Query.department', 'department:read', false, (headers) => graphql(`{ department(id: "${ID}") { id } }`, headers)],
  [
    'Mutation.updateDepartment',
    'department:write',
    false,
    (headers) =>
      graphql(`mutation { updateDepartment(id: "${ID}", changes: { order: 1 }) { department { id } } }`, headers),
  ],
  [
    'Mutation.setOrgAccountVisibility',
    'org-account:write',
    false,
    (headers) =>
      graphql(
        'mutation { setOrgAccountVisibility(visibility: { toCorpIds: ["ding1"], optUserId: "lisi" }) { visibility { fields } } }',
        headers,
      ),
  ],
];

/** Open to everybody, on purpose. */
const OPEN = [
  'GET /health/live',
  'GET /health/ready',
  'POST /session',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/swagger-ui.css',
  'GET /docs/swagger-ui-bundle.js',
];
/** GraphQL's own route: its doors are the fields of the schema. */
const GRAPHQL = ['GET /graphql', 'POST /graphql', 'OPTIONS /graphql'];

interface Told {
  status: number;
  code: string | undefined;
  message: string;
}

async function rest(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Told> {
  const answer = await world.client.rest(method, path, headers, body);
  return { status: answer.status, code: answer.body?.code, message: answer.body?.detail ?? '' };
}

async function graphql(query: string, headers: Record<string, string>): Promise<Told> {
  const { status, body } = await world.client.graphql(headers, query);
  return { status, code: body.errors?.[0].extensions.code, message: body.errors?.[0].message ?? '' };
}

/** Fields answer at HTTP 200 in GraphQL; what refuses the whole request has its own status. */
const statusOf = (door: string, status: number): number => (/^(Query|Mutation)\./.test(door) ? 200 : status);

describe('the doors', () => {
  it('are all in this table: every route and every field of the schema', () => {
    const routes = world.app
      .get(RouteTable)
      .all()
      .filter(({ method }) => method !== 'HEAD')
      .map(({ method, url }) => `${method} ${url}`)
      .filter((route) => !OPEN.includes(route) && !GRAPHQL.includes(route));
    const { schema } = world.app.get(GraphQLSchemaHost, { strict: false });
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`),
    );
    expect([...routes, ...fields].sort()).toEqual(DOORS.map(([name]) => name).sort());
  });

  it('each name who may open them', () => {
    const reflector = new Reflector();
    const discovery = new DiscoveryService(world.app.get(ModulesContainer));
    const found = [...discovery.getControllers(), ...discovery.getProviders()].flatMap(({ instance, metatype }) =>
      instance && metatype
        ? new MetadataScanner()
            .getAllMethodNames(Object.getPrototypeOf(instance))
            .map((method) => (instance as Record<string, object>)[method])
            .filter((handler) => handler && isDoor(handler))
        : [],
    );
    expect(found.length).toBeGreaterThanOrEqual(DOORS.length + 3);
    for (const handler of found) expect(reflector.get(RULE, handler as never)).toBeDefined();
  });

  const isDoor = (handler: object): boolean =>
    Reflect.hasMetadata('path', handler) ||
    ['Query', 'Mutation'].includes(Reflect.getMetadata('graphql:resolver_type', handler) as string);

  it.each(DOORS)('%s is shut for nobody', async (_, __, ___, call) => {
    expect(await call({})).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(world.calls()).toEqual([]);
  });

  it.each(DOORS)('%s is shut for a wrong key, a disabled app and an expired one', async (_, __, ___, call) => {
    for (const key of ['wrong', KEYS.disabled, KEYS.expired, '']) {
      expect(await call(bearer(key))).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    }
    expect(await call({ authorization: `Basic ${KEY}` })).toMatchObject({ status: 401 });
    expect(world.calls()).toEqual([]);
  });

  it.each(DOORS)('%s is shut for an app without its scope, which is named', async (name, scope, people, call) => {
    const told = await call(bearer(keyOf('session:end')));
    expect(told).toMatchObject({ status: statusOf(name, 403), code: 'FORBIDDEN' });
    expect(told.message).toContain(people ? 'An internal app is no person' : scope);
    expect(world.calls()).toEqual([]);
  });

  it.each(DOORS)('%s is shut for a session cookie without x-csrf: 1', async (_, __, ___, call) => {
    const { cookie = '' } = await world.client.signIn(world.authCode('102530009661373952'));
    world.sandbox.journal.clear();
    expect(await call({ cookie })).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(await call({ cookie, 'x-csrf': 'true' })).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(world.calls()).toEqual([]);
  });

  it.each(DOORS)('%s is shut for a session that has ended and for one that never was', async (_, __, ___, call) => {
    const person = await world.client.signIn(world.authCode('lisi'));
    await world.client.rest('DELETE', '/session', person);
    world.sandbox.journal.clear();
    for (const cookie of [person['cookie'] ?? '', 'session=made-up']) {
      expect(await call({ cookie, 'x-csrf': '1' })).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    }
    expect(world.calls()).toEqual([]);
  });

  it.each(DOORS.filter(([, , people]) => !people))('%s opens with its scope alone', async (_, scope, __, call) => {
    expect(await call(bearer(keyOf(scope)))).toMatchObject({ status: 200, code: undefined });
  });

  it('open with either key of an app', async () => {
    for (const key of [KEY, KEYS.second])
      expect(await rest('GET', '/v1/departments/1', bearer(key))).toMatchObject({ status: 200 });
  });

  it('take the key where both a key and a cookie are shown', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    const { cookie = '' } = person;
    expect(await rest('GET', '/v1/departments/1', { ...bearer(KEY), cookie })).toMatchObject({ status: 200 });
    expect(await rest('GET', '/v1/users/me', { ...person, ...bearer(KEY) })).toMatchObject({ status: 403 });
  });
});

describe('the schema', () => {
  it('is shown to nobody in particular while the explorer is on, through fragments too', async () => {
    for (const query of [
      '{ __typename }',
      '{ __schema { queryType { name } } }',
      '{ ...F } fragment F on Query { __typename }',
    ]) {
      expect(await graphql(query, {})).toMatchObject({ status: 200, code: undefined });
    }
    expect(await graphql('{ __typename ...F } fragment F on Query { me { nick } }', {})).toMatchObject({ status: 401 });
  });

  it('is shown to nobody at all while it is off', async () => {
    const shut = await TestWorld.start({ GRAPHQL_EXPLORER: 'off' });
    expect((await shut.client.graphql({}, '{ __typename }')).status).toBe(401);
    const introspection = await shut.client.graphql(bearer(KEY), '{ __schema { queryType { name } } }');
    expect(introspection.body.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    const page = await shut.client.raw('/graphql', { headers: { accept: 'text/html' } });
    expect(page.text).not.toContain('GraphiQL');
    await shut.stop();
  });
});

describe('a session', () => {
  it('tells who it is of and what they may do', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    const { status, body } = await world.client.rest('GET', '/session', person);
    expect(status).toBe(200);
    expect(body.session).toEqual({
      userId: 'lisi',
      unionId: 'k93LmWqxRtpb7Slisi',
      name: '李四',
      corpId: 'dingsandbox8f3a51c2',
      scopes: ['user:read', 'user:read:mobile', 'user:read:email'],
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('of an administrator may read departments', async () => {
    const admin = await world.client.signIn(world.authCode('102530009661373952'));
    const person = await world.client.signIn(world.authCode('lisi'));
    expect(await rest('GET', '/v1/departments/1', admin)).toMatchObject({ status: 200 });
    expect(await rest('GET', '/v1/departments/1', person)).toMatchObject({ status: 403 });
  });

  it.each([
    ['a stranger', 'strangerPq8Xw2NvRiEiE'],
    ['an external contact', 'ext-wang'],
  ])('is refused to %s', async (_, who) => {
    const answer = await world.client.rest('POST', '/session', {}, { authCode: world.authCode(who) });
    expect(answer.body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('is refused for a code that is made up or used', async () => {
    const authCode = world.authCode('lisi');
    await world.client.signIn(authCode);
    for (const code of [authCode, 'made-up']) {
      const answer = await world.client.rest('POST', '/session', {}, { authCode: code });
      expect(answer.body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    }
  });

  it.each([{}, { authCode: '' }, { authCode: 5 }, { authCode: 'x', via: 'fax' }, { authCode: 'x', more: 1 }])(
    'is refused for the body %j',
    async (body) => {
      expect(await rest('POST', '/session', {}, body)).toMatchObject({ status: 400, code: 'BAD_INPUT' });
      expect(world.sandbox.journal.all()).toEqual([]);
    },
  );

  it('has a cookie that scripts and other sites do not get', async () => {
    const answer = await world.client.rest('POST', '/session', {}, { authCode: world.authCode('lisi') });
    const [cookie = ''] = answer.headers.getSetCookie();
    world.client.sessionIds.push(/session=([^;]+)/.exec(cookie)?.[1] ?? '');
    expect(cookie).toMatch(/^session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  it('has the prefixed, secure cookie where browsers see https', async () => {
    const secure = await TestWorld.start({ PUBLIC_URL: 'https://contact.example.com' });
    const answer = await secure.client.rest('POST', '/session', {}, { authCode: secure.authCode('lisi') });
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-Http-session=[\w-]{43}; .*HttpOnly; SameSite=Strict; Secure$/);
    await secure.stop();
  });

  it('ends by idleness', async () => {
    const short = await TestWorld.start({ SESSION_IDLE_S: '1' });
    const person = await short.client.signIn(short.authCode('lisi'));
    expect((await short.client.rest('GET', '/session', person)).status).toBe(200);
    await new Promise((wait) => setTimeout(wait, 1200));
    expect((await short.client.rest('GET', '/session', person)).status).toBe(401);
    await short.stop();
  });

  it('ends at its longest however much it is used', async () => {
    const short = await TestWorld.start({ SESSION_MAX_S: '1' });
    const person = await short.client.signIn(short.authCode('lisi'));
    for (let count = 0; count < 4; count += 1) {
      await new Promise((wait) => setTimeout(wait, 300));
      await short.client.rest('GET', '/session', person);
    }
    expect((await short.client.rest('GET', '/session', person)).status).toBe(401);
    await short.stop();
  });

  it('lets a person authorise visibility in their own name only', async () => {
    const own = await TestWorld.start({ PERSON_SCOPES: 'user:read org-account:write' });
    const person = await own.client.signIn(own.authCode('lisi'));
    const put = (body: object) => own.client.rest('PUT', '/v1/org-accounts/visibility', person, body);
    expect((await put({ toCorpIds: ['ding1'] })).status).toBe(200);
    expect((await put({ toCorpIds: ['ding1'], optUserId: 'lisi' })).status).toBe(200);
    expect((await put({ toCorpIds: ['ding1'], optUserId: '102530009661373952' })).body).toMatchObject({
      code: 'FORBIDDEN',
    });
    const sent = own
      .calls('/v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg')
      .map(({ body }) => JSON.parse(body).optUserId);
    expect(sent).toEqual(['lisi', 'lisi']);
    await own.stop();
  });
});

describe('a GraphQL request that is wrong in itself', () => {
  it('is the caller’s fault and no defect: no error is logged', async () => {
    world.capture.logs.length = 0;
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`v${index}`, { no: 1 }]));
    const variables = Object.keys(many).map((name) => `$${name}: ID!`);
    const uses = Object.keys(many).map((name) => `a${name}: department(id: $${name}) { id }`);
    const answers = [
      await world.client.graphql(bearer(KEY), 'subscription { a }'),
      await world.client.graphql(bearer(KEY), `query(${variables.join()}) { ${uses.join()} }`, many),
      await world.client.graphql(
        bearer(KEY),
        `{ ${Array.from({ length: 60 }, (_, index) => `no${index}`).join(' ')} }`,
      ),
      await world.client.rest('POST', '/graphql', bearer(KEY), { operationName: 'x', query: '{ __typename }' }),
      await world.client.rest('POST', '/graphql', bearer(KEY), [{ query: '{ __typename }' }]),
      await world.client.rest('POST', '/graphql', bearer(KEY)),
      await world.client.raw('/graphql?query=mutation{x}', { headers: bearer(KEY) }),
    ];
    for (const { status, body } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(body.errors?.length ?? 1).toBeLessThanOrEqual(10);
      expect(JSON.stringify(body)).not.toMatch(/INTERNAL/);
    }
    expect(world.capture.logs.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  it('with a host that is none is refused, also without a key', async () => {
    const { port } = new URL(world.client.url);
    for (const host of ['', 'a b', '[']) {
      const { stdout } = await shell(
        `curl -s -i --path-as-is -H 'Host: ${host}' '127.0.0.1:${port}/graphql?query={__typename}'`,
      );
      expect(stdout).toMatch(/^HTTP\/1.1 400/);
    }
  });
});

describe('every answer', () => {
  const requestIdOf = (headers: Headers) => headers.get('x-request-id');

  it('carries the caller’s own request id, if it sent a sane one, also inside failures of both doors', async () => {
    const headers = { ...bearer(KEY), 'x-request-id': 'my-own.id_1' };
    const rest = await world.client.rest('GET', '/v1/departments/0', headers);
    const graphql = await world.client.graphql(headers, '{ department(id: "0") { id } }');
    const wrong = await world.client.graphql(headers, '{ nonsense }');
    expect([rest, graphql, wrong].map((answer) => requestIdOf(answer.headers))).toEqual(Array(3).fill('my-own.id_1'));
    expect(rest.body.requestId).toBe('my-own.id_1');
    for (const { body } of [graphql, wrong]) expect(body.errors[0].extensions.requestId).toBe('my-own.id_1');
  });

  it.each(['', 'a b', 'x'.repeat(129), '<script>'])('carries a new request id instead of %j', async (id) => {
    const answer = await world.client.raw('/health/live', { headers: { 'x-request-id': id } });
    expect(requestIdOf(answer.headers)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is not to be stored, sniffed or framed', async () => {
    const { headers } = await world.client.rest('GET', '/v1/departments/1', bearer(KEY));
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
  });

  it.each([
    ['GET', '/nowhere', 404, 'NOT_FOUND'],
    ['GET', '/v1/departments', 404, 'NOT_FOUND'],
    ['GET', '/v1/departments/1/2/3', 404, 'NOT_FOUND'],
    ['POST', '/v1/departments/1', 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', '/v1/org-accounts/visibility', 405, 'METHOD_NOT_ALLOWED'],
    ['PUT', '/graphql', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/v1/departments/1/', 404, 'NOT_FOUND'],
    ['GET', '/v1/users/%zz', 400, 'BAD_INPUT'],
    ['GET', `/v1/users/${'x'.repeat(600)}`, 400, 'BAD_INPUT'],
  ])('to %s %s is a problem with the status %i', async (method, path, status, code) => {
    const answer = await world.client.rest(method, path, bearer(KEY));
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({ status, code });
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/GET|PUT/);
    expect(world.calls()).toEqual([]);
  });
});
