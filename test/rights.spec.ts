import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { type GraphQLSchema, buildSchema, getNamedType, graphql, isNonNullType, isObjectType } from 'graphql';
import { conceal } from '#access';
import { type Caller, SCOPES, type Scope, Via } from '#contract';
import { guardFields } from '../apps/gateway/src/edge/field-rights.js';
import type { FieldError } from './harness/client.js';
import { TestWorld } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const ADMIN = '102530009661373952';
const ZHANG_SAN = {
  unionId: 'z21HjQliSzpw0Yzhangsan',
  mobile: '15000009144',
  email: 'z21hjqliszpw0yzhangsan@example.com',
};
const LI_SI = { unionId: 'k93LmWqxRtpb7Slisi', mobile: '13800002468', email: 'k93lmwqxrtpb7slisi@example.com' };
const SOMEBODY = 'query($id: ID!) { user(unionId: $id) { unionId nick number: mobile email } }';

/** What both doors show of a person's profile. */
async function profile(person: Record<string, string>, unionId: string) {
  const rest = await world.client.rest('GET', `/v1/users/${unionId}`, person);
  const { body } = await world.client.graphql(person, SOMEBODY, { id: unionId });
  return { rest: rest.body.user, graphql: body.data.user, errors: body.errors };
}

describe('mobile and email', () => {
  it('of the own profile are read with the default scopes', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    const { rest, graphql: told, errors } = await profile(person, LI_SI.unionId);
    expect(rest).toMatchObject(LI_SI);
    expect(told).toEqual({ unionId: LI_SI.unionId, nick: '李四', number: LI_SI.mobile, email: LI_SI.email });
    expect(errors).toBeUndefined();
  });

  it('of somebody else are masked or absent in REST, null with an error each in GraphQL, whatever their alias', async () => {
    for (const who of ['lisi', ADMIN]) {
      const person = await world.client.signIn(world.authCode(who));
      const other = who === 'lisi' ? ZHANG_SAN : LI_SI;
      const { rest, graphql: told, errors } = await profile(person, other.unionId);
      expect(rest.mobile).toBe(other.mobile.replace(/^(...)....(....)$/, '$1****$2'));
      expect(Object.keys(rest)).not.toContain('email');
      expect(told).toMatchObject({ number: null, email: null, nick: expect.any(String) });
      expect(errors.map(({ path, extensions }: FieldError) => [path, extensions.code])).toEqual([
        [['user', 'number'], 'FORBIDDEN'],
        [['user', 'email'], 'FORBIDDEN'],
      ]);
      expect(errors[0].message).toContain('user:read:mobile');
    }
  });

  it('of everybody are read by an administrator whose scopes say so', async () => {
    await world.restartGateway({ ADMIN_SCOPES: 'user:read:mobile' });
    const admin = await world.client.signIn(world.authCode(ADMIN));
    const { rest, errors } = await profile(admin, LI_SI.unionId);
    expect(rest.mobile).toBe(LI_SI.mobile);
    expect(errors.map(({ path }: FieldError) => path)).toEqual([['user', 'email']]);
  });

  it('are not even the own ones where the scopes are taken away', async () => {
    await world.restartGateway({ PERSON_SCOPES: 'user:read' });
    const person = await world.client.signIn(world.authCode('lisi'));
    const { rest, graphql: told } = await profile(person, LI_SI.unionId);
    expect(rest.mobile).toBe('138****2468');
    expect(told).toMatchObject({ number: null, email: null });
    const me = await world.client.graphql(person, '{ me { ...F } } fragment F on User { mobile loginEmail }');
    expect(me.body.data).toEqual({ me: { mobile: null, loginEmail: null } });
    expect(me.body.errors).toHaveLength(2);
  });
});

const app = (...scopes: Scope[]): Caller => ({ kind: 'app', id: 'any', scopes: new Set(scopes) });
const person: Caller = {
  kind: 'person',
  via: Via.LOGIN,
  userId: null,
  unionId: 'own',
  name: 'x',
  corpId: 'ding1',
  scopes: new Set(SCOPES),
  scopesForAll: new Set(),
  sessionKey: 'k',
  confirmedAtMs: 0,
  expiresAt: '',
};

/** Types that do not exist yet, with resolvers that know nothing of rights. */
const SDL = `
  scalar JSON
  type Query { employees: [Employee!]!  team: Team }
  interface Reachable { mobile: String }
  type Employee implements Reachable { userId: ID  mobile: String  orgEmail: String  emails: [String!]  hideMobile: Boolean  deputy: Employee }
  type Team { lead: Reachable  extension: JSON  changes: [Change!]  contact: Contact }
  type Change { field: String!  before: JSON  after: String }
  type Contact { mobileNumber: ID  emailAddress: Mail  mobiles: [Number!]  orgEmailType: String }
  type Number { number: String }
  scalar Mail
`;

const ROOT = {
  employees: [
    {
      ...{ userId: 'a', mobile: '13900001234', orgEmail: 'a@b.c', emails: ['a@b.c'], hideMobile: true },
      deputy: () => Promise.resolve({ userId: null, mobile: () => '13900005678' }),
    },
  ],
  team: {
    lead: { __typename: 'Employee', mobile: '1' },
    extension: { mobile: '13900001234', deep: [{ Email: 'x' }] },
    changes: [
      { field: 'mobile', before: '13900001234', after: '13900005678' },
      { field: 'title', before: 'a', after: 'b' },
    ],
    contact: { mobileNumber: '1', emailAddress: 'a@b.c', mobiles: [{ number: '1' }], orgEmailType: 'base' },
  },
};

describe('the rights of fields', () => {
  const ask = (schema: GraphQLSchema, source: string, caller: Caller) =>
    graphql({ schema, source, rootValue: ROOT, contextValue: { request: { caller } } });

  it('hold on every type of a schema, present and future, however it is resolved', async () => {
    const schema = guardFields(buildSchema(SDL));
    const source =
      '{ employees { userId m: mobile orgEmail emails hideMobile deputy { mobile } } team { lead { mobile } extension } }';
    const blind = await ask(schema, source, app('employee:read'));
    expect(blind.data).toEqual({
      employees: [{ userId: 'a', m: null, orgEmail: null, emails: null, hideMobile: true, deputy: { mobile: null } }],
      team: { lead: { mobile: null }, extension: { mobile: '139****1234', deep: [{}] } },
    });
    expect(blind.errors?.map(({ path }) => path?.join('.')).sort()).toEqual([
      'employees.0.deputy.mobile',
      'employees.0.emails',
      'employees.0.m',
      'employees.0.orgEmail',
      'team.lead.mobile',
    ]);
    const seeing = await ask(schema, source, app('user:read:mobile', 'user:read:email'));
    expect(seeing.errors).toBeUndefined();
    expect(seeing.data).toMatchObject({ employees: [{ m: '13900001234', deputy: { mobile: '13900005678' } }] });
  });

  it('go by the name, whatever the type, and by the field that a change is of', async () => {
    const schema = guardFields(buildSchema(SDL));
    const source =
      '{ team { changes { field before after } contact { mobileNumber emailAddress mobiles { number } orgEmailType } } }';
    const blind = await ask(schema, source, app('employee:read'));
    expect(blind.data).toEqual({
      team: {
        changes: [
          { field: 'mobile', before: null, after: null },
          { field: 'title', before: 'a', after: 'b' },
        ],
        contact: { mobileNumber: null, emailAddress: null, mobiles: null, orgEmailType: 'base' },
      },
    });
    expect(blind.errors).toHaveLength(5);
    expect((await ask(schema, source, app('user:read:mobile', 'user:read:email'))).data).toEqual({
      team: {
        changes: ROOT.team.changes,
        contact: ROOT.team.contact,
      },
    });
    expect(conceal({ changes: ROOT.team.changes }, app())).toEqual({
      changes: [{ field: 'mobile', before: '139****1234', after: '139****5678' }, ROOT.team.changes[1]],
    });
  });

  it('never take a record without an id for the own one', async () => {
    const schema = guardFields(buildSchema(SDL));
    const { data } = await ask(schema, '{ employees { deputy { userId mobile } } }', person);
    expect(data).toEqual({ employees: [{ deputy: { userId: null, mobile: null } }] });
  });

  it('refuse a schema in which such a field may not be null', () => {
    expect(() => guardFields(buildSchema('type Query { email: String! }'))).toThrow('must be nullable');
  });

  it('stand on each such field of our schema, none of which is required', async () => {
    const { schema } = world.app.get(GraphQLSchemaHost, { strict: false });
    const types = Object.values(schema.getTypeMap()).filter(isObjectType);
    const personal = types.flatMap((type) =>
      Object.values(type.getFields())
        .filter(({ name, type: of }) => /mobile|e-?mail(?!type)/i.test(name) && getNamedType(of).name !== 'Boolean')
        .map((field) => ({ type, field })),
    );
    expect(personal.map(({ type, field }) => `${type.name}.${field.name}`)).toEqual([
      'Employee.email',
      'Employee.mobile',
      'Employee.orgEmail',
      'User.email',
      'User.loginEmail',
      'User.mobile',
    ]);
    for (const { field } of personal) {
      expect(isNonNullType(field.type)).toBe(false);
      const blind = async () => field.resolve?.({ [field.name]: 'x' }, {}, { request: { caller: app() } }, {} as never);
      await expect(blind()).rejects.toThrow(/lacks the scope user:read:(mobile|email)/);
    }
  });

  it('reach as deep as an answer of REST goes', () => {
    const answer = { employees: [{ userId: 'a', mobile: '13900001234', tel: { mobile: '+852-1234' } }], email: null };
    expect(conceal(answer, app())).toEqual({ employees: [{ userId: 'a', mobile: '139****1234', tel: {} }] });
    expect(conceal(answer, app('user:read:mobile', 'user:read:email'))).toEqual(answer);
    expect(conceal({ unionId: 'own', mobile: '1' }, person)).toEqual({ unionId: 'own', mobile: '1' });
    expect(conceal({ userId: null, mobile: '1', hideMobile: false }, person)).toEqual({
      userId: null,
      hideMobile: false,
    });
  });
});
