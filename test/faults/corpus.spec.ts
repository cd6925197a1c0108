import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashKey } from '#access';
import { SCOPES } from '#contract';
import { ROUTES } from '../../apps/dingtalk-sandbox/src/router.js';
import { SANDBOX_APP, Sandbox } from '../../apps/dingtalk-sandbox/src/sandbox.js';
import { Capture } from '../harness/capture.js';
import { type Answer, Client, bearer } from '../harness/client.js';
import { Ledger } from '../harness/ledger.js';
import { Program, freePort, shell } from '../harness/processes.js';
import { KEY } from '../harness/world.js';

const NAUGHTY = JSON.parse(readFileSync('test/corpus/blns.json', 'utf8')) as string[];
const AT_ONCE = 16;

const ledger = new Ledger('hostile inputs');

/** The gateway is a process of its own: that it stays alive and how large it grows is told by nothing else. */
const sandbox = new Sandbox({ people: 60 });
const apps = join(tmpdir(), `corpus-apps-${process.pid}.json`);
let gateway: Program;
let client: Client;
let sizeBefore: number;

const person: Record<string, string> = {};
const reset = () => sandbox.reset();
const callsOf = (path: string) => sandbox.journal.all(path);
const sizeOf = async () => 1024 * Number((await shell(`ps -o rss= -p ${gateway.pid}`)).stdout);

beforeAll(async () => {
  await sandbox.start();
  writeFileSync(apps, JSON.stringify([{ id: 'everything', keyHash: hashKey(KEY), scopes: SCOPES }]));
  const PORT = String(await freePort());
  gateway = Program.node(['dist/apps/gateway/src/main.js'], {
    ...{ PORT, INTERNAL_APPS_FILE: apps, CALLER_RATE: 'off', CACHE_TTL_S: '0', DINGTALK_QPS: '1000000' },
    ...{ DINGTALK_API_URL: sandbox.url, DINGTALK_OAPI_URL: sandbox.url, DINGTALK_LOGIN_URL: sandbox.url },
    ...{ DINGTALK_CLIENT_ID: SANDBOX_APP.clientId, DINGTALK_CLIENT_SECRET: SANDBOX_APP.clientSecret },
    ...{ DINGTALK_CORP_ID: SANDBOX_APP.corpId, OVERLOAD_LAG_MS: '60000' },
  });
  await gateway.says('listening');
  client = new Client(`http://localhost:${PORT}`, new Capture());
  const unionId = sandbox.desk.world.byUserId('lisi')?.unionId ?? '';
  Object.assign(person, await client.signIn(sandbox.desk.tokens.authCode(unionId, 'login')));
  sizeBefore = await sizeOf();
});
afterAll(async () => {
  await gateway.stop('SIGKILL');
  await sandbox.stop();
  rmSync(apps, { force: true });
});

const ID = '9007199254740991';
const app = bearer(KEY);

/** What holds for every answer, whatever was asked. */
function mustBeSane({ status, text }: Answer, asked: string): void {
  if (status < 500 && !/ at \w+ \(|node_modules|\.ts:\d|127\.0\.0\.1|sandbox-client-secret/.test(text)) return;
  throw new Error(`${asked} was answered ${status}: ${text.slice(0, 500)}`);
}

/** Sends all the strings, a few at a time; each is answered sanely. */
async function each(strings: readonly string[], send: (text: string, at: number) => Promise<Answer>): Promise<void> {
  await ledger.holds(async () => {
    for (let from = 0; from < strings.length; from += AT_ONCE) {
      const some = strings.slice(from, from + AT_ONCE);
      const answers = await Promise.all(some.map((text, at) => send(text, from + at)));
      answers.forEach((answer, at) => mustBeSane(answer, JSON.stringify(some[at])));
    }
  }, strings.length);
}

/** A string as a part of an address; one that is no Unicode cannot be one. */
const encoded = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : '%ff');

const PATHS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', '/v1/users/{}'],
  ['GET', '/v1/departments/{}'],
  ['PATCH', '/v1/departments/{}', { brief: 'x' }],
  ['DELETE', '/v1/departments/{}'],
  ['GET', '/v1/departments/{}/children'],
  ['GET', '/v1/departments/{}/ancestors'],
  ['GET', '/v1/departments/{}/members'],
  ['GET', '/v1/departments/{}/export'],
  ['GET', '/v1/employees/{}'],
  ['PATCH', '/v1/employees/{}', { title: 'x' }],
  ['DELETE', '/v1/employees/{}'],
  ['GET', '/v1/departments/1/members?cursor={}'],
  ['GET', '/v1/departments/1/members?limit={}'],
  ['GET', '/v1/departments/1/export?format={}'],
  ['GET', '/v1/employees?query={}'],
  ['GET', '/v1/employees?unionId={}'],
  ['GET', '/v1/employees?query=a&cursor={}'],
  ['PATCH', `/v1/departments/${ID}?dryRun={}`, { brief: 'x' }],
  ['DELETE', '/v1/sessions?userId={}'],
  ['GET', '/session/login?returnTo={}'],
  ['GET', '/session/callback?authCode={}&state=x'],
  ['GET', '/session/callback?authCode=x&state={}'],
  ['GET', '/graphql?query={}'],
  ['GET', '/{}'],
];

/** The fields of a body that take strings, or lists of them. */
function stringsOf(schema: string): (readonly [field: string, isList: boolean])[] {
  const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
    components: {
      schemas: Record<string, { properties: Record<string, { type?: string; items?: { type?: string } }> }>;
    };
  };
  return Object.entries(document.components.schemas[schema]?.properties ?? {}).flatMap(([field, { type, items }]) => {
    const isList = type === 'array' && items?.type === 'string';
    return isList || type === 'string' ? [[field, isList] as const] : [];
  });
}

/** A body in which every field holds another of the strings: all of them together hold each in each. */
const filled = (schema: string, at: number): Record<string, unknown> =>
  Object.fromEntries(
    stringsOf(schema).map(([field, isList], index) => {
      const text = NAUGHTY[(at + index * 37) % NAUGHTY.length] ?? '';
      return [field, isList ? [text] : text];
    }),
  );

const BODIES: readonly (readonly [schema: string, method: string, path: string])[] = [
  ['DepartmentChanges', 'PATCH', `/v1/departments/${ID}`],
  ['NewDepartment', 'POST', '/v1/departments'],
  ['EmployeeChanges', 'PATCH', '/v1/employees/lisi'],
  ['NewEmployee', 'POST', '/v1/employees'],
  ['OrgAccountVisibilityInput', 'PUT', '/v1/org-accounts/visibility'],
];

const MUTATIONS: Readonly<Record<string, readonly [argument: string, mutation: string]>> = {
  DepartmentChanges: ['changes', `updateDepartment(id: "${ID}", changes: $value) { department { id } }`],
  NewDepartment: ['department', 'createDepartment(department: $value) { department { id } }'],
  EmployeeChanges: ['changes', 'updateEmployee(userId: "lisi", changes: $value) { employee { userId } }'],
  NewEmployee: ['employee', 'createEmployee(employee: $value) { pending }'],
  OrgAccountVisibilityInput: ['visibility', 'setOrgAccountVisibility(visibility: $value) { visibility { fields } }'],
};

const ARGUMENTS = [
  'query($value: ID!) { department(id: $value) { id } }',
  'query($value: ID) { departments(parentId: $value) { id } }',
  'query($value: ID!) { employee(userId: $value) { name } }',
  'query($value: ID!) { employeeByUnionId(unionId: $value) { name } }',
  'query($value: String!) { searchEmployees(query: $value) { nodes { userId } } }',
  'query($value: String) { searchEmployees(query: "a", after: $value) { nodes { userId } } }',
  'mutation($value: ID!) { updateDepartment(id: $value, changes: { brief: "x" }) { department { id } } }',
];

describe('the big list of naughty strings', () => {
  it.each(PATHS.map(([method, path, body]) => ({ method, path, body })))(
    'goes through $method $path',
    async ({ method, path, body }) => {
      const headers = path.startsWith('/v1/users') ? person : app;
      await each(NAUGHTY, (text) => client.rest(method, path.replace('{}', encoded(text)), headers, body));
    },
  );

  it.each(BODIES)('goes through the fields of %s by %s', async (schema, method, path) => {
    expect(stringsOf(schema).length).toBeGreaterThan(1);
    await each(NAUGHTY, (_, at) => client.rest(method, path, app, filled(schema, at)));
  });

  it.each(BODIES)('goes through the fields of %s by GraphQL', async (schema) => {
    const [, mutation] = MUTATIONS[schema] ?? [];
    const query = `mutation($value: ${schema}!) { ${mutation} }`;
    await each(NAUGHTY, (_, at) => client.graphql(app, query, { value: filled(schema, at) }));
  });

  it.each(ARGUMENTS)('goes through %s', async (query) => {
    await each(NAUGHTY, (value) => client.graphql(app, query, { value }));
  });

  it('goes through a sign-in, a document and the words around it', async () => {
    await each(NAUGHTY.slice(0, 100), (authCode) => client.rest('POST', '/session', {}, { authCode }));
    await each(NAUGHTY, (text) => client.graphql(app, text));
    await each(NAUGHTY, (text) => client.graphql(app, `{ department(id: ${JSON.stringify(text)}) { id } }`));
    const query = '{ __typename }';
    await each(NAUGHTY, (text) => client.rest('POST', '/graphql', app, { query, operationName: text }));
    await each(NAUGHTY, (text) => client.rest('POST', '/graphql', app, { query, variables: { [text]: text } }));
    await each(NAUGHTY, (text) => client.rest('POST', '/graphql', app, { query, documentId: text }));
  });
});

/** A number of its own for each seed, the same at every run. */
function randomOf(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    return state / 2 ** 32;
  };
}

describe('good bodies with wrong bits', () => {
  const good = JSON.stringify({
    name: '新部门',
    parentId: '1',
    order: 10,
    hideDept: false,
    deptPermits: ['1'],
    extension: { a: 1 },
  });
  const query = JSON.stringify({
    query: 'query($id: ID!) { department(id: $id) { id name } }',
    variables: { id: '1' },
  });

  it.each([
    ['REST', 'PATCH', `/v1/departments/${ID}`, good],
    ['GraphQL', 'POST', '/graphql', query],
  ])('are refused or understood, never a defect (%s)', async (_, method, path, body) => {
    const seeds = Array.from({ length: 300 }, (__, seed) => String(seed));
    await each(seeds, (seed) => {
      const random = randomOf(Number(seed));
      const share = 0.004 + 0.046 * random();
      const bytes = Buffer.from(body);
      for (let at = 0; at < bytes.length; at += 1) {
        for (let bit = 0; bit < 8; bit += 1) if (random() < share / 4) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      }
      return client.raw(path, { method, headers: { ...app, 'content-type': 'application/json' }, body: bytes });
    });
  });
});

const RUNS = { seed: 20_261_122, numRuns: 60 };
const word = (max: number) =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: max })
    .filter(
      (text) =>
        /\S/.test(text) && text.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f]/.test(text) && [...text].length <= max,
    );
const name = word(60).filter((text) => !/[-,，\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.test(text));
const flag = fc.boolean();
const departmentIds = fc.uniqueArray(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(String), {
  minLength: 1,
  maxLength: 5,
});
const userIds = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_]{1,32}$/), { minLength: 1, maxLength: 5 });

/** Fields of a change, each with its values, its name at DingTalk, and how it is written there. */
const CHANGES = {
  name: [name, 'name', (value: unknown) => value],
  brief: [word(100), 'brief', (value: unknown) => value],
  sourceIdentifier: [word(100), 'source_identifier', (value: unknown) => value],
  order: [fc.integer({ min: 0, max: 2 ** 31 - 1 }), 'order', (value: unknown) => value],
  hideDept: [flag, 'hide_dept', (value: unknown) => value],
  outerDept: [flag, 'outer_dept', (value: unknown) => value],
  autoApproveApply: [flag, 'auto_approve_apply', (value: unknown) => value],
  deptPermits: [departmentIds, 'dept_permits', (value: unknown) => (value as string[]).join(',')],
  userPermits: [userIds, 'user_permits', (value: unknown) => (value as string[]).join(',')],
} as const;

const changes = fc
  .record(Object.fromEntries(Object.entries(CHANGES).map(([field, [values]]) => [field, values])), { requiredKeys: [] })
  .filter((value) => Object.keys(value).length > 0);

const wireOf = (value: Readonly<Record<string, unknown>>) => ({
  dept_id: Number(ID),
  ...Object.fromEntries(
    Object.entries(value).map(([field, told]) => {
      const [, wire, write] = CHANGES[field as keyof typeof CHANGES];
      return [wire, write(told)];
    }),
  ),
});

const UPDATE = '/topapi/v2/department/update';
const mutation = `mutation($changes: DepartmentChanges!) { updateDepartment(id: "${ID}", changes: $changes) { department { id } } }`;

/** Values that no field takes. */
const WRONG = [
  null,
  {},
  [[]],
  1.5,
  'x'.repeat(3000),
  '\u0000',
  'a\u0007b',
  '\ud800',
  -1,
  [1],
  [null],
  ['a b'],
  true,
] as const;

describe('any change of a department', () => {
  it.each(['rest', 'graphql'] as const)(
    'that is right is on the wire exactly as it was asked for (%s)',
    async (door) => {
      await fc.assert(
        fc.asyncProperty(changes, async (value) => {
          reset();
          const answer = await ledger.holds(() =>
            door === 'rest'
              ? client.rest('PATCH', `/v1/departments/${ID}`, app, value)
              : client.graphql(app, mutation, { changes: value }),
          );
          mustBeSane(answer, JSON.stringify(value));
          expect(callsOf(UPDATE).map(({ body }) => JSON.parse(body))).toEqual([wireOf(value)]);
        }),
        RUNS,
      );
    },
  );

  it.each(['rest', 'graphql'] as const)(
    'that is wrong in one field is refused, and nothing is sent (%s)',
    async (door) => {
      const mutated = fc.tuple(changes, fc.constantFrom(...Object.keys(CHANGES)), fc.constantFrom(...WRONG));
      await fc.assert(
        fc.asyncProperty(mutated, async ([value, field, wrong]) => {
          fc.pre(!(typeof wrong === 'boolean' && /hide|outer|auto/.test(field)));
          reset();
          const asked = { ...value, [field]: wrong };
          const answer = await ledger.holds(() =>
            door === 'rest'
              ? client.rest('PATCH', `/v1/departments/${ID}`, app, asked)
              : client.graphql(app, mutation, { changes: asked }),
          );
          mustBeSane(answer, JSON.stringify(asked));
          const code = answer.body.code ?? answer.body.errors?.[0]?.extensions.code;
          expect([code, callsOf(UPDATE)]).toEqual(['BAD_INPUT', []]);
        }),
        RUNS,
      );
    },
  );
});

describe('after all of it', () => {
  it('DingTalk was called by its own routes alone, memory is bounded, and the gateway serves as before', async () => {
    const known = new Set(ROUTES.map(({ method, path }) => `${method} ${path}`));
    expect(Object.keys(sandbox.quota.told()).filter((route) => !known.has(route))).toEqual([]);
    expect((await sizeOf()) - sizeBefore).toBeLessThan(250 * 1024 * 1024);
    expect(gateway.stderr).toBe('');
    reset();
    expect((await client.rest('GET', `/v1/departments/${ID}`, app)).status).toBe(200);
  });
});
