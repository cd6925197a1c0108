import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DiscoveryService, MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { bearer } from './harness/client.js';
import { RULE } from '#access';
import { RouteTable } from '../apps/gateway/src/edge/route-table.js';
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
