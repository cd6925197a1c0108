import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bearer } from './harness/client.js';
import { KEY, TestWorld } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const app = bearer(KEY);
const BIG = '9007199254740991';
const MEMBERS = `/v1/departments/${BIG}/members`;
const LIST = '/topapi/v2/user/list';

/** Puts everybody into one department. */
let all: string[];
beforeEach(() => {
  const people = world.sandbox.desk.world.employees();
  for (const person of people) Object.assign(person, { departments: [Number(BIG)], name: '同名' });
  all = people.map(({ userid }) => userid ?? '');
});

const rest = (path: string) => world.client.rest('GET', path, app);
const nextOf = (link: string | null): string | undefined => /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1];

/** Walks a REST list by its `Link` headers alone. */
async function walk(path: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined && pages.length < 100;) {
    const { status, headers, body } = await rest(next);
    expect(status).toBe(200);
    pages.push(body.employees.map(({ userId }: { userId: string }) => userId));
    next = nextOf(headers.get('link'));
    expect(body.pageInfo.hasNextPage).toBe(next !== undefined);
  }
  return pages;
}

const CONNECTION = `edges { cursor node { userId } } nodes { userId }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;

async function connection(first: number | null, after?: string | null) {
  const { body } = await world.client.graphql(
    app,
    `query($first: Int, $after: String) { department(id: "${BIG}") { members(first: $first, after: $after) { ${CONNECTION} } } }`,
    { first, after },
  );
  expect(body.errors).toBeUndefined();
  return body.data.department.members;
}

describe('the pages of a list', () => {
  it.each([1, 7, 20, 59, 60, 61, 100])('of %i hold each member once, in order, by one call a page', async (limit) => {
    world.sandbox.journal.clear();
    const pages = await walk(`${MEMBERS}?limit=${limit}`);
    expect(pages.flat()).toEqual(all);
    expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    expect(world.calls(LIST)).toHaveLength(Math.ceil(60 / limit));
  });

  it('of a search hold each person once, the Link header right for a query of any letters', async () => {
    for (const limit of [7, 30, 60]) {
      expect((await walk(`/v1/employees?query=${encodeURIComponent('同名')}&limit=${limit}`)).flat()).toEqual(all);
    }
  });

  it('go on after any item, whatever the size of the page that told it', async () => {
    const { edges } = await connection(9);
    for (const [index, { cursor }] of edges.entries()) {
      for (const first of [1, 4, 9, 40, 100]) {
        const page = await connection(first, cursor);
        expect(page.nodes.map(({ userId }: { userId: string }) => userId)).toEqual(
          all.slice(index + 1, index + 1 + first),
        );
        expect(page.pageInfo.hasNextPage).toBe(index + 1 + first < all.length);
        expect(page.pageInfo.hasPreviousPage).toBe(true);
      }
    }
  });

  it('of a search go on after any item too', async () => {
    const search = async (first: number, after?: string) => {
      const query = `query($first: Int, $after: String) { searchEmployees(query: "同名", first: $first, after: $after) { ${CONNECTION} } }`;
      return (await world.client.graphql(app, query, { first, after })).body.data.searchEmployees;
    };
    const { edges } = await search(7);
    for (const [index, { cursor }] of edges.entries()) {
      for (const first of [1, 4, 10, 50, 57, 100]) {
        const page = await search(first, cursor);
        const expected = all.slice(index + 1, index + 1 + first);
        expect(page.nodes.map(({ userId }: { userId: string }) => userId)).toEqual(expected);
        expect(page.pageInfo.hasNextPage).toBe(index + 1 + first < all.length);
      }
    }
  });

  it('take one call, or two where they begin in the middle of one of DingTalk’s pages', async () => {
    const [one] = (await connection(1)).edges;
    world.sandbox.journal.clear();
    expect((await connection(50, one.cursor)).nodes).toHaveLength(50);
    expect(world.calls(LIST)).toHaveLength(1);
    const search = (limit: number, cursor = '') =>
      rest(`/v1/employees?query=${encodeURIComponent('同名')}&limit=${limit}${cursor}`);
    const first = await search(1);
    world.sandbox.journal.clear();
    const second = await search(50, `&cursor=${first.body.pageInfo.endCursor}`);
    expect(second.body.employees.map(({ userId }: { userId: string }) => userId)).toEqual(all.slice(1, 51));
    expect(world.calls('/v1.0/contact/users/search').length).toBeLessThanOrEqual(2);
  });

  it('follow Relay: cursors of the first and the last, null taken for what is left out', async () => {
    const page = await connection(null, null);
    expect(page.edges).toHaveLength(50);
    expect(page.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: page.edges[0].cursor,
      endCursor: page.edges[49].cursor,
    });
    expect(page.nodes).toEqual(page.edges.map(({ node }: { node: unknown }) => node));
    const last = await connection(100, page.pageInfo.endCursor);
    expect([last.nodes.length, last.pageInfo.hasNextPage]).toEqual([10, false]);
    const beyond = await connection(10, last.pageInfo.endCursor);
    expect(beyond).toMatchObject({ edges: [], pageInfo: { hasNextPage: false, startCursor: null, endCursor: null } });
  });

  it('hold 50 members and 20 found people where no size is asked for', async () => {
    expect((await rest(MEMBERS)).body.employees).toHaveLength(50);
    expect((await rest(`/v1/employees?query=${encodeURIComponent('同名')}`)).body.employees).toHaveLength(20);
  });

  it('of nobody are empty', async () => {
    const { body, headers } = await rest('/v1/departments/1/members');
    expect(body).toEqual({ employees: [], pageInfo: { hasNextPage: false, endCursor: null } });
    expect(headers.get('link')).toBeNull();
  });

  it.each([
    ['that does not lie behind this one', { has_more: true, next_cursor: 0, list: [] }],
    ['of which nothing is told', { has_more: true, list: [] }],
  ])('end as unreadable where DingTalk promises a next one %s', async (_, result) => {
    world.sandbox.levers.add({ kind: 'answer', route: `POST ${LIST}`, body: { errcode: 0, result } });
    expect((await rest(MEMBERS)).body).toMatchObject({ status: 502, code: 'DINGTALK_UNREADABLE' });
  });

  it('are filled where DingTalk gives empty pages in between', async () => {
    const body = (result: object) => ({
      kind: 'answer' as const,
      route: `POST ${LIST}`,
      times: 1,
      body: { errcode: 0, result },
    });
    const one = (userid: string) => ({ userid, name: 'x', dept_id_list: [] });
    world.sandbox.levers.add(body({ has_more: true, next_cursor: 5, list: [] }));
    world.sandbox.levers.add(body({ has_more: true, next_cursor: 9, list: [one('a')] }));
    world.sandbox.levers.add(body({ has_more: false, list: [one('b'), one('c')] }));
    const answer = await rest(`${MEMBERS}?limit=3`);
    expect(answer.body.employees.map(({ userId }: { userId: string }) => userId)).toEqual(['a', 'b', 'c']);
  });
});

describe('a cursor', () => {
  const told = async () => (await connection(5)).pageInfo.endCursor as string;
  const flip = (text: string, at: number): string =>
    `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;

  const refused = async (cursor: string) => {
    const byRest = await rest(`${MEMBERS}?cursor=${encodeURIComponent(cursor)}`);
    expect(byRest.body).toMatchObject({ status: 400, code: 'BAD_INPUT', errors: [{ field: 'cursor' }] });
    const { body } = await world.client.graphql(
      app,
      `query($after: String) { department(id: "${BIG}") { members(after: $after) { nodes { userId } } } }`,
      { after: cursor },
    );
    expect(body.errors[0].extensions).toMatchObject({ code: 'BAD_INPUT', fields: [{ field: 'after' }] });
  };

  it('says nothing by itself, and is the same each time', async () => {
    const cursor = await told();
    expect(cursor).toMatch(/^[A-Za-z0-9_-]{20,256}$/);
    expect(await told()).toBe(cursor);
  });

  it('that was tampered with anywhere is refused, and nothing is called', async () => {
    const cursor = await told();
    world.sandbox.journal.clear();
    for (let at = 0; at < cursor.length; at += 1) await refused(flip(cursor, at));
    // Other spellings of the same bytes.
    for (const other of [`${cursor}=`, `${cursor} `, `${cursor}.`]) await refused(other);
    expect(world.calls(LIST)).toEqual([]);
  });

  it.each(['', 'MA', '0', 'null', '../..', 'x'.repeat(257), Buffer.from('5.5.0').toString('base64url')])(
    'that was made up, as %j, is refused',
    (cursor) => refused(cursor),
  );

  it('of another list is refused: of another department, of a search, of another search', async () => {
    const search = async (query: string) =>
      (await rest(`/v1/employees?limit=1&query=${encodeURIComponent(query)}`)).body.pageInfo.endCursor as string;
    await refused(await search('同名'));
    const other = await rest(`/v1/departments/1/members?cursor=${await told()}`);
    expect(other.body).toMatchObject({ code: 'BAD_INPUT', errors: [{ field: 'cursor' }] });
    const asked = `/v1/employees?query=${encodeURIComponent('同')}&cursor=${await search('同名')}`;
    expect((await rest(asked)).body.errors).toEqual([{ field: 'cursor', message: 'is not a cursor of this list' }]);
  });

  it('of a search says where to go on in that one, be its words as odd as can be', async () => {
    const asked = (query: string, cursor = '') =>
      rest(`/v1/employees?limit=1&query=${encodeURIComponent(query)}${cursor && `&cursor=${cursor}`}`);
    for (const person of world.sandbox.desk.world.employees()) Object.assign(person, { name: 'a\n7.1' });
    const { endCursor } = (await asked('a\n7.1')).body.pageInfo;
    const bytes = Buffer.from(endCursor as string, 'base64url');
    const moved = Buffer.concat([bytes.subarray(0, 12), Buffer.from('7.1'), bytes.subarray(12)]).toString('base64url');
    expect((await asked('a', moved)).body.errors).toEqual([
      { field: 'cursor', message: 'is not a cursor of this list' },
    ]);
  });

  it('outlives a restart, as it does in another replica', async () => {
    const cursor = await told();
    await world.restartGateway();
    expect((await connection(5, cursor)).nodes[0].userId).toBe(all[5]);
  });
});

describe('the size of a page', () => {
  it.each(['0', '-1', '101', '1.5', 'x', '', '1e2', ' 5', '5&limit=6'])(
    'that is %j is refused by REST',
    async (limit) => {
      const { body } = await rest(`${MEMBERS}?limit=${limit}`);
      expect(body).toMatchObject({
        status: 400,
        errors: [{ field: 'limit', message: 'must be a whole number from 1 to 100' }],
      });
    },
  );

  it.each([0, -1, 101])('that is %i is refused by GraphQL', async (first) => {
    const query = `{ department(id: "${BIG}") { name members(first: ${first}) { nodes { userId } } } }`;
    const { data, errors } = (await world.client.graphql(app, query)).body;
    expect(data.department).toEqual({ name: '海外事业部', members: null });
    expect(errors[0].extensions).toMatchObject({ code: 'BAD_INPUT', fields: [{ field: 'first' }] });
  });

  it.each(['?page=2', '?limit=5&offset=3', '?first=5'])(
    'and where to go on have no other names: %s is refused',
    async (query) => {
      expect((await rest(`${MEMBERS}${query}`)).body).toMatchObject({
        status: 400,
        errors: [{ message: 'is not known here' }],
      });
    },
  );
});

describe('a search', () => {
  const search = (query: string) => rest(`/v1/employees${query}`);

  it.each([
    ['', 'query'],
    ['?query=', 'query'],
    ['?query=%20', 'query'],
    [`?query=${'x'.repeat(65)}`, 'query'],
    ['?query=%00', 'query'],
    ['?query=a&query=b', 'query'],
    ['?query=a&unionId=b', 'query'],
    ['?unionId=', 'unionId'],
    ['?unionId=a%2Fb', 'unionId'],
    ['?unionId=a&limit=5', 'limit'],
    ['?mobile=13800002468', 'mobile'],
  ])('that reads %s is refused at %s, and nothing is called', async (query, field) => {
    world.sandbox.journal.clear();
    expect((await search(query)).body).toMatchObject({ status: 400, code: 'BAD_INPUT', errors: [{ field }] });
    expect(world.calls()).toEqual([]);
  });

  it('is told DingTalk’s refusal at its query', async () => {
    const fault = { kind: 'answer', status: 400, body: { code: 'parameter.error', message: '参数错误' } } as const;
    world.sandbox.levers.add({ ...fault, route: 'POST /v1.0/contact/users/search' });
    expect((await search('?query=a')).body).toMatchObject({
      status: 422,
      code: 'REJECTED',
      errors: [{ field: 'query' }],
    });
  });
});
