import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLObjectType, type GraphQLSchema, buildSchema, getIntrospectionQuery, getNamedType } from 'graphql';
import { type Answer, bearer } from '../harness/client.js';
import { Ledger } from '../harness/ledger.js';
import { KEY, TestWorld } from '../harness/world.js';

const ledger = new Ledger('hostile inputs');
const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'http://localhost:3000' };
let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start(PRODUCTION);
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const app = bearer(KEY);
const json = { ...app, 'content-type': 'application/json' };
const ask = (query: string, variables?: unknown) => world.client.graphql(app, query, variables);
const times = (count: number, part: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => part(at)).join(' ');
const codeOf = ({ body }: Answer): string | undefined => body.errors?.[0]?.extensions.code;

/** `{ department { parent { parent { … id } } } }`, so many levels of fields. */
const deep = (levels: number) =>
  `{ department(id: "1") ${'{ parent '.repeat(levels - 2)} { id } ${'}'.repeat(levels - 2)} }`;

describe('a document', () => {
  it.each([
    ['C6 is 16 levels deep', deep(16)],
    ['C6 is 500 levels deep', deep(500)],
    [
      'C6 is deep by its fragments',
      `{ department(id: "1") { ...F0 } } ${times(9, (at) => `fragment F${at} on Department { parent { parent { ...F${at + 1} } } }`)} fragment F9 on Department { id }`,
    ],
    [
      'C6 is deep by inline fragments and lists',
      deep(20).replaceAll('parent', 'children { ... on Department { id } }').replaceAll('} }  {', '} {'),
    ],
    ['C7 has 51 aliases', `{ ${times(51, (at) => `a${at}: __typename`)} }`],
    ['C7 has 600 aliases', `{ ${times(600, (at) => `a${at}: __typename`)} }`],
    ['C9 has 51 directives', `{ __typename ${times(51, () => '@include(if: true)')} }`],
    ['C9 has directives that are none', `{ __typename ${times(500, () => '@x')} }`],
    ['C9 has 51 fragments', `{ ...F0 } ${times(51, (at) => `fragment F${at} on Query { __typename }`)}`],
    ['C9 spreads 51 fragments', `{ ${times(51, () => '...F')} } fragment F on Query { __typename }`],
    ['C9 spreads 51 inline fragments', `{ ${times(51, () => '... { __typename }')} }`],
    [
      'C9 doubles with each of its fragments',
      `{ ...F0 } ${times(60, (at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`)} fragment F60 on Query { __typename }`,
    ],
    ['C9 has a fragment that leads to itself', '{ ...F } fragment F on Query { ...F }'],
    ['C9 has fragments that lead to each other', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
    ['C10 has 2,001 tokens', `{ ${times(1999, () => '__typename')} }`],
    ['C10 has 10,000 tokens', `{ ${times(10_000, () => 'name')} }`],
    ['repeats a field 500 times', `{ ${times(500, () => '__typename')} }`],
    ['repeats a field within a list', `{ departments { ${times(200, () => 'name')} } }`],
    ['is not GraphQL', 'qwerty cop { abc }'],
    ['is a comment', '# nothing'],
    ['holds NUL', '{ __typename \0 }'],
    ['has a string that does not end', '{ department(id: "1) { id } }'],
    ['is a million brackets', '{'.repeat(900_000)],
    ['is one long name', `{ ${'a'.repeat(900_000)} }`],
    ['is one long string', `{ department(id: "${'1'.repeat(900_000)}") { id } }`],
    ['is a subscription', 'subscription { x }'],
    ['defines a schema', 'type Query { x: Int }'],
  ])('that %s is refused, quickly and with few words, with 0 calls', async (_, query) => {
    const startMs = performance.now();
    const answer = await ledger.holds(() => ask(query));
    expect(performance.now() - startMs).toBeLessThan(1000);
    expect(answer.status === 400 || answer.body.data === null).toBe(true);
    expect(answer.body.errors.length).toBeLessThanOrEqual(10);
    expect(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_INPUT']).toContain(codeOf(answer));
    expect(answer.text.length).toBeLessThan(20_000);
    expect(answer.text).not.toMatch(/Did you mean| at \w+ \(|node_modules/);
    expect(world.calls()).toEqual([]);
  });

  it.each([
    ['is 15 levels deep', deep(15)],
    ['has 50 aliases', `{ ${times(50, (at) => `a${at}: __typename`)} }`],
    ['has 50 directives', `{ ${times(50, (at) => `a${at}: __typename @include(if: true)`)} }`],
    [
      'has 50 fragments',
      `{ ${times(50, (at) => `...F${at}`)} } ${times(50, (at) => `fragment F${at} on Query { __typename }`)}`,
    ],
  ])('that %s is answered', async (_, query) => {
    const answer = await ask(query);
    expect([answer.status, answer.body.errors]).toEqual([200, undefined]);
  });

  it('of any size is either answered or refused, and never costs more than it may', async () => {
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    let refused = 0;
    for (let size = 1; size <= 4096; size *= 2) {
      const startMs = performance.now();
      const answer = await ledger.holds(() => ask(generated(schema, size)));
      expect(performance.now() - startMs).toBeLessThan(5000);
      expect([200, 400]).toContain(answer.status);
      if (answer.status === 400) refused += 1;
      expect(world.calls().length).toBeLessThanOrEqual(100);
      world.reset();
    }
    expect(refused).toBeGreaterThan(1);
  });

  it('may be introspected by developers, as GraphiQL does it, and by nobody in production', async () => {
    const develop = await TestWorld.start();
    const query = getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true, specifiedByUrl: true });
    expect((await develop.client.graphql({}, query)).body.data.__schema.types.length).toBeGreaterThan(20);
    await develop.stop();
    for (const asked of [query, '{ __schema { types { name } } }', '{ __type(name: "Department") { name } }']) {
      expect(codeOf(await ledger.holds(() => ask(asked)))).toBe('GRAPHQL_VALIDATION_FAILED');
    }
  });
});

/** A query with about so many fields: departments side by side, each with all that it leads to. */
function generated(schema: GraphQLSchema, size: number): string {
  let left = size;
  const fieldsOf = (type: GraphQLObjectType, depth: number): string => {
    const parts: string[] = [];
    for (const { name, type: told } of Object.values(type.getFields())) {
      const inner = getNamedType(told);
      const isPart = inner instanceof GraphQLObjectType;
      if (left <= 0 || (isPart && depth === 0)) continue;
      left -= 1;
      parts.push(isPart ? `${name} { ${fieldsOf(inner, depth - 1)} __typename }` : name);
    }
    return parts.join(' ');
  };
  const department = schema.getType('Department') as GraphQLObjectType;
  const parts: string[] = [];
  while (left > 0) parts.push(`d${parts.length}: department(id: "1") { id ${fieldsOf(department, 3)} }`);
  return `{ ${parts.join(' ')} }`;
}

describe('the thirteen checks of graphql-cop', () => {
  const get = (query: string, headers = app) =>
    world.client.raw(`/graphql?query=${encodeURIComponent(query)}`, { headers });
  const post = (body: unknown) => world.client.rest('POST', '/graphql', app, body);
  const circular = `query cop { __schema { types { ${'fields { type { '.repeat(4)} name ${'} }'.repeat(4)} } } }`;

  it.each<[string, () => Promise<Answer>, (answer: Answer) => boolean]>([
    [
      'alias overloading',
      () => ask(`query cop { ${times(101, (at) => `alias${at}: __typename`)} }`),
      ({ body }) => !!body.data,
    ],
    [
      'batch query',
      () => post(Array(10).fill({ query: 'query cop { __typename }' })),
      ({ status, body }) => status === 200 || Array.isArray(body),
    ],
    ['circular introspection', () => ask(circular), ({ body }) => !!body.data],
    [
      'directive overloading',
      () => ask(`query cop { __typename ${times(10, () => '@aa')} }`),
      ({ body }) => body.errors.length >= 10 && body.errors.length > 10,
    ],
    ['field duplication', () => ask(`query cop { ${times(500, () => '__typename\n')} }`), ({ body }) => !!body.data],
    [
      'field suggestions',
      () => ask('query cop { __schema { directive } }'),
      ({ text }) => text.includes('Did you mean'),
    ],
    ['GET mutation', () => get('mutation cop { __typename }'), ({ body }) => !!body?.data],
    ['GET support', () => get('query cop { __typename }'), ({ body }) => !!body?.data],
    [
      'GraphiQL',
      () => world.client.raw('/graphql', { headers: { accept: 'text/html' } }),
      ({ text }) => /graphiql|playground/i.test(text),
    ],
    [
      'introspection',
      () => ask('query cop { __schema { types { name fields { name } } } }'),
      ({ body }) => !!body.data,
    ],
    [
      'POST by form (CSRF)',
      () =>
        world.client.raw('/graphql', {
          method: 'POST',
          headers: { ...app, 'content-type': 'application/x-www-form-urlencoded' },
          body: 'query=query+cop+%7B__typename%7D',
        }),
      ({ body }) => !!body?.data,
    ],
    ['trace mode', () => ask('query cop { __typename }'), ({ body }) => body.extensions !== undefined],
    [
      'unhandled error',
      () => ask('qwerty cop { abc }'),
      ({ status, text }) => status >= 500 || /exception|stacktrace/.test(text),
    ],
  ])('%s: not flagged', async (_, check, isFlagged) => {
    expect(isFlagged(await ledger.holds(check))).toBe(false);
  });

  it('and without any key nothing is told at all', async () => {
    for (const query of ['{ __typename }', circular, 'qwerty']) {
      expect((await ledger.holds(() => world.client.graphql({}, query))).status).toBe(401);
    }
  });
});

describe('trusted documents', () => {
  const TRUSTED = 'query Name($id: ID!) { department(id: $id) { name } }';
  const OTHER = '{ department(id: "1") { id } }';
  const hash = createHash('sha256').update(TRUSTED).digest('hex');
  const file = join(tmpdir(), `documents-${process.pid}.json`);
  const variables = { id: '1' };
  writeFileSync(file, JSON.stringify({ [`sha256:${hash}`]: TRUSTED }));
  afterAll(() => rmSync(file));

  const worlds: Partial<Record<string, TestWorld>> = {};
  afterAll(async () => {
    for (const one of Object.values(worlds)) await one?.stop();
  });
  const worldOf = async (mode: string) =>
    (worlds[mode] ??= await TestWorld.start({ TRUSTED_DOCUMENTS: mode, TRUSTED_DOCUMENTS_FILE: file }));
  const send = async (mode: string, body: unknown) => (await worldOf(mode)).client.rest('POST', '/graphql', json, body);

  const WAYS = {
    'by documentId': { documentId: `sha256:${hash}`, variables },
    'by documentId without a prefix': { documentId: hash, variables },
    'as Apollo’s client asks': { extensions: { persistedQuery: { version: 1, sha256Hash: hash } }, variables },
    'by hash and text': { documentId: hash, query: TRUSTED, variables },
  };

  it.each(['only', 'prefer'].flatMap((mode) => Object.keys(WAYS).map((way) => [mode, way] as const)))(
    'are answered with %s, asked for %s',
    async (mode, way) => {
      const answer = await send(mode, WAYS[way as keyof typeof WAYS]);
      expect(answer.body).toEqual({ data: { department: { name: expect.any(String) } } });
    },
  );

  it('are answered by GET too, for those who try things out', async () => {
    const { client } = await worldOf('only');
    const query = new URLSearchParams({ documentId: hash, variables: JSON.stringify(variables) });
    expect((await client.raw(`/graphql?${query}`, { headers: app })).body.data.department.name).toBeDefined();
  });

  it('are the only ones with only: by their own text too, and no other', async () => {
    expect((await send('only', { query: TRUSTED, variables })).status).toBe(200);
    const { client, sandbox } = await worldOf('only');
    sandbox.journal.clear();
    for (const query of [OTHER, `${TRUSTED} `, '{ __typename }', '{ __schema { types { name } } }']) {
      const answer = await ledger.holds(() => send('only', { query }));
      expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_INPUT']);
      const byGet = await client.raw(`/graphql?query=${encodeURIComponent(query)}`, { headers: app });
      expect(byGet.status).toBe(400);
    }
    expect(sandbox.journal.all()).toEqual([]);
  });

  it('are besides others with prefer', async () => {
    expect((await send('prefer', { query: OTHER })).body.data.department.id).toBe('1');
  });

  it.each([
    ['that nobody registered', { documentId: 'f'.repeat(64) }, 'documentId'],
    ['that is no sha256', { documentId: '../../etc/passwd' }, 'documentId'],
    ['that is a number', { documentId: 5 }, 'documentId'],
    ['of another text', { documentId: hash, query: OTHER }, 'query'],
    [
      'registered by whoever asks',
      {
        query: OTHER,
        extensions: { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(OTHER).digest('hex') } },
      },
      'extensions.persistedQuery.sha256Hash',
    ],
    [
      'that is an object',
      { extensions: { persistedQuery: { sha256Hash: { toString: 1 } } } },
      'extensions.persistedQuery.sha256Hash',
    ],
  ])('%s are refused, whatever the mode', async (_, body, field) => {
    for (const mode of ['only', 'prefer', 'off']) {
      const answer = await ledger.holds(() => send(mode, { variables, ...body }));
      expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_INPUT']);
      if (mode !== 'off') expect(answer.body.errors[0].extensions.fields[0].field).toBe(field);
    }
  });

  it.each([
    ['is not there', undefined, 'cannot be read'],
    ['is no JSON', '{', 'not JSON'],
    ['is a list', '[]', 'an object of sha256'],
    ['names a document wrongly', JSON.stringify({ ['0'.repeat(64)]: TRUSTED }), 'is not the sha256 of its document'],
    ['has a name that is no hash', JSON.stringify({ Name: TRUSTED }), '64 hex digits'],
    ['holds no GraphQL', JSON.stringify({ [createHash('sha256').update('x').digest('hex')]: 'x' }), 'is not GraphQL'],
  ])('whose file %s stop the start with a sentence', async (_, text, sentence) => {
    const wrong = join(tmpdir(), `wrong-documents-${process.pid}.json`);
    if (text !== undefined) writeFileSync(wrong, text);
    const started = TestWorld.start({ TRUSTED_DOCUMENTS: 'only', TRUSTED_DOCUMENTS_FILE: wrong });
    await expect(started).rejects.toThrow(sentence);
    rmSync(wrong, { force: true });
  });
});
