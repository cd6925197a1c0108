import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DiscoveryService, MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { generateKeyPair } from 'jose';
import { RULE } from '#access';
import { SCOPES } from '#contract';
import { RouteTable } from '../apps/gateway/src/edge/route-table.js';
import { bearer } from './harness/client.js';
import { DOORS, GRAPHQL, OPEN, type Door, statusAt } from './harness/doors.js';
import { type Difference, IdentityProvider } from './harness/identity-provider.js';
import { KEY, KEYS, TestWorld, keyOf } from './harness/world.js';

type HeaderMap = Record<string, string>;

const IDLE_S = 4;

let world: TestWorld;
let provider: IdentityProvider;
let idle: HeaderMap;

beforeAll(async () => {
  provider = await IdentityProvider.start();
  world = await TestWorld.start({ ...provider.environment, SESSION_IDLE_S: String(IDLE_S) });
  idle = await world.client.signIn(world.authCode('lisi'));
  await new Promise((wait) => setTimeout(wait, IDLE_S * 1000 + 200));
}, 20_000);
afterAll(async () => {
  await world.stop();
  await provider.stop();
});
afterEach(() => world.reset());

/** The doors that delete one are about it. */
const emptyDepartment = (): void => {
  const { world: company } = world.sandbox.desk;
  for (const person of company.members(Number.MAX_SAFE_INTEGER)) company.removePerson(person);
};

const EVERYTHING = { scope: SCOPES.join(' ') };
const ADMIN = '102530009661373952';

const signedIn = (who: string): Promise<HeaderMap> => world.client.signIn(world.authCode(who));

const withJwt = async (different: Difference): Promise<HeaderMap> => bearer(await provider.jwt(EVERYTHING, different));

/** Who is refused at every door alike, before any field or service: 401, or 403 where the browser gives no proof. */
const REFUSED: [who: string, status: number, says: RegExp, headers: () => Promise<HeaderMap>][] = [
  ['nobody', 401, /key.*or sign in/, async () => ({})],
  ['a wrong key', 401, /not known/, async () => bearer('wrong')],
  ['an empty key', 401, /is to read/, async () => bearer('')],
  ['another scheme', 401, /is to read/, async () => ({ authorization: `Basic ${KEY}` })],
  ['an expired key', 401, /expired/, async () => bearer(KEYS.expired)],
  ['a disabled app', 401, /disabled/, async () => bearer(KEYS.disabled)],
  ['a disabled app by its other key', 401, /disabled/, async () => bearer(KEYS.secondDisabled)],
  ['a session beside an empty key', 401, /is to read/, async () => ({ ...(await signedIn(ADMIN)), authorization: '' })],
  ['a JWT that is not signed', 401, /cannot be read|algorithm/, async () => bearer(provider.unsigned(EVERYTHING))],
  ['a JWT signed with the public key', 401, /algorithm/, async () => bearer(await provider.confused(EVERYTHING))],
  ['a JWT for another audience', 401, /audience/, () => withJwt({ audience: 'payroll' })],
  ['a JWT of another issuer', 401, /issuer/, () => withJwt({ issuer: 'https://elsewhere.example.com' })],
  ['a JWT that has expired', 401, /expired/, () => withJwt({ ends: -60 })],
  ['a JWT that never ends', 401, /\(exp\)/, () => withJwt({ ends: null })],
  ['a JWT of the future', 401, /not valid yet/, () => withJwt({ begins: 120 })],
  ['a JWT with an unknown key id', 401, /does not know the key/, () => withJwt({ kid: 'made-up' })],
  [
    'a JWT signed by somebody else',
    401,
    /signature/,
    async () => withJwt({ key: (await generateKeyPair('RS256')).privateKey }),
  ],
  ['a JWT cut short', 401, /./, async () => bearer((await provider.jwt(EVERYTHING)).slice(0, -20))],
  ['three words with dots', 401, /cannot be read/, async () => bearer('aaaa.bbbb.cccc')],
  ['a session without x-csrf', 403, /x-csrf/, async () => ({ cookie: (await signedIn(ADMIN))['cookie'] ?? '' })],
  ['a session with a wrong x-csrf', 403, /x-csrf/, async () => ({ ...(await signedIn(ADMIN)), 'x-csrf': 'true' })],
  ['a session that was idle too long', 401, /has ended/, async () => idle],
  ['a session that was ended', 401, /has ended/, () => signedOut('DELETE', '/session')],
  ['a session that an app ended', 401, /has ended/, () => signedOut('DELETE', '/v1/sessions?userId=lisi')],
  ['a session that never was', 401, /has ended/, async () => ({ cookie: 'session=made-up', 'x-csrf': '1' })],
  ['a stranger', 401, /sign in/, () => refusedSignIn('strangerPq8Xw2NvRiEiE')],
  ['an external contact', 401, /sign in/, () => refusedSignIn('ext-wang')],
];

async function signedOut(method: string, path: string): Promise<HeaderMap> {
  const person = await signedIn('lisi');
  await world.client.rest(method, path, path === '/session' ? person : bearer(KEY));
  return person;
}

/** What a browser has in hand after a sign-in that was refused. */
async function refusedSignIn(who: string): Promise<HeaderMap> {
  const answer = await world.client.rest('POST', '/session', {}, { authCode: world.authCode(who) });
  expect(answer.body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
  return { 'x-csrf': '1', ...(cookie && { cookie }) };
}

describe('the doors', () => {
  it('are all in the table: every route and every field of the schema', () => {
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
    expect([...routes, ...fields].sort()).toEqual(DOORS.map(({ name }) => name).sort());
  });

  /** Whoever comes is looked at before what they bring: a request need not even make sense. */
  it('all ask who comes before anything else: a walk over the routes and the schema', async () => {
    const { cookie = '' } = await signedIn(ADMIN);
    world.sandbox.journal.clear();
    const routes = world.app.get(RouteTable).all();
    const shut = routes.filter(
      ({ method, url }) => ![...OPEN, ...GRAPHQL].includes(`${method.replace('HEAD', 'GET')} ${url}`),
    );
    expect(shut.length).toBeGreaterThan(8);
    for (const { method, url } of shut) {
      const path = url.replace(/:\w+/g, 'x');
      expect([method, url, (await world.client.raw(path, { method, headers: { cookie } })).status]).toEqual([
        method,
        url,
        403,
      ]);
      expect([method, url, (await world.client.raw(path, { method })).status]).toEqual([method, url, 401]);
    }
    const { schema } = world.app.get(GraphQLSchemaHost, { strict: false });
    const roots = [schema.getQueryType(), schema.getMutationType()].filter(
      (type) => type !== undefined && type !== null,
    );
    for (const type of roots) {
      for (const field of Object.keys(type.getFields())) {
        const query = `${type.name.toLowerCase()} { ${field} }`;
        expect([query, (await world.client.graphql({ cookie }, query)).status]).toEqual([query, 403]);
      }
    }
    expect(world.sandbox.journal.all()).toEqual([]);
  });

  const isDoor = (handler: object): boolean =>
    Reflect.hasMetadata('path', handler) || Reflect.hasMetadata('graphql:resolver_type', handler);

  it('each name who may open them, links between types too', () => {
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
    expect(found.length).toBeGreaterThanOrEqual(DOORS.length + 5);
    for (const handler of found) expect(reflector.get(RULE, handler as never)).toBeDefined();
  });

  describe.each(REFUSED)('are shut for %s', (_, status, says, headersOf) => {
    it.each(DOORS.map((door) => [door.name, door] as const))('%s', async (_name, door) => {
      const headers = await headersOf();
      world.sandbox.journal.clear();
      const told = await door.call(world.client, headers);
      expect(told).toMatchObject({ status, code: status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN' });
      expect(told.message).toMatch(says);
      expect(told.headers.get('www-authenticate') !== null).toBe(status === 401);
      expect(world.sandbox.journal.all()).toEqual([]);
    });
  });

  const otherThan = ({ scope }: Door) => (scope === 'audit:read' ? 'session:end' : 'audit:read');
  const withoutScope = async (door: Door, headers: HeaderMap) => {
    const told = await door.call(world.client, headers);
    expect(told).toMatchObject({ status: statusAt(door, 403), code: 'FORBIDDEN' });
    const scopes = door.scope?.split(' ') ?? [];
    expect(told.message).toContain(door.people ? 'An internal app is no person' : scopes.join(', '));
    if (told.status === 403 && !door.people) {
      expect(told.headers.get('www-authenticate')).toContain(`error="insufficient_scope", scope="${door.scope}"`);
    }
    expect(world.sandbox.journal.all()).toEqual([]);
  };

  const each = DOORS.map((door) => [door.name, door] as const);

  it.each(each)('%s is shut for an app without its scope, which is named', (_, door) =>
    withoutScope(door, bearer(keyOf(otherThan(door)))),
  );

  it.each(each)('%s is shut for a JWT without its scope, which is named', async (_, door) =>
    withoutScope(door, bearer(await provider.jwt({ scope: `openid ${otherThan(door)}` }))),
  );

  it.each(each.filter(([, door]) => door.scope && !door.people))(
    '%s is shut for a person without its scope, which is named',
    async (_, door) => {
      const person = await signedIn('lisi');
      world.sandbox.journal.clear();
      await withoutScope(door, person);
    },
  );

  it.each(each.filter(([, door]) => door.scope && !door.people))('%s opens with its scope alone', async (_, door) => {
    const jwt = await provider.jwt({ scp: door.scope?.split(' ') });
    for (const token of [keyOf(door.scope ?? ''), jwt]) {
      world.reset();
      emptyDepartment();
      const told = await door.call(world.client, bearer(token));
      expect(told.code).toBeUndefined();
      expect([200, 201, 204]).toContain(told.status);
    }
  });

  it('open with either key of an app', async () => {
    for (const key of [KEY, KEYS.second]) {
      expect((await world.client.rest('GET', '/v1/departments/1', bearer(key))).status).toBe(200);
    }
  });

  it('take the key where both a key and a cookie are shown', async () => {
    const person = await signedIn('lisi');
    const { cookie = '' } = person;
    const get = (path: string, headers: HeaderMap) => world.client.rest('GET', path, headers);
    expect((await get('/v1/departments/1', { ...bearer(KEY), cookie })).status).toBe(200);
    expect((await get('/v1/users/me', { ...person, ...bearer(KEY) })).status).toBe(403);
  });

  it('of GraphQL ask a cookie for its x-csrf also where the query is in the address', async () => {
    const { cookie = '' } = await signedIn(ADMIN);
    const query = `/graphql?query=${encodeURIComponent('{ me { nick } }')}`;
    expect((await world.client.raw(query, { headers: { cookie } })).status).toBe(403);
    expect((await world.client.raw(query, { headers: { cookie, 'x-csrf': '1' } })).body.data.me.nick).toBe('张三');
  });

  it('that are open do not look at the cookie, be it as wrong as can be', async () => {
    for (const path of ['/health/live', '/health/ready', '/openapi.json', '/docs', '/session/login']) {
      expect((await world.client.raw(path, { headers: { cookie: 'session=made-up' } })).status).toBeLessThan(400);
    }
  });
});

describe('the schema', () => {
  it('is shown to nobody in particular while the explorer is on, through fragments too', async () => {
    for (const query of [
      '{ __typename }',
      '{ __schema { queryType { name } } }',
      '{ ...F } fragment F on Query { __typename }',
    ]) {
      const { status, body } = await world.client.graphql({}, query);
      expect({ status, errors: body.errors }).toEqual({ status: 200, errors: undefined });
    }
    const mixed = await world.client.graphql({}, '{ __typename ...F } fragment F on Query { me { nick } }');
    expect(mixed.status).toBe(401);
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
