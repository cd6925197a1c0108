import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer } from './harness/client.js';
import { KEY, TestWorld } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const app = bearer(KEY);
const ID = '9007199254740991';
const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));
const text = (length: number): string => '字'.repeat(length);

const UPDATE = `mutation($id: ID!, $changes: DepartmentChanges!) {
  updateDepartment(id: $id, changes: $changes) { department { id } } }`;

const updateByRest = (changes: unknown) => world.client.rest('PATCH', `/v1/departments/${ID}`, app, changes);
const updateByGraphQL = (changes: unknown) => world.client.graphql(app, UPDATE, { id: ID, changes });

/** The fields that GraphQL blames, wherever it noticed. */
const blamed = (body: { errors: { extensions: { code: string; fields?: { field: string }[] } }[] }) =>
  body.errors.map(({ extensions }) => [extensions.code, extensions.fields?.map(({ field }) => field) ?? []]);

const LISTS = ['deptPermits', 'userPermits', 'outerPermitUsers', 'outerPermitDepts'];
const FLAGS = [
  ...['outerDept', 'hideDept', 'createDeptGroup', 'outerDeptOnlySelf', 'autoAddUser', 'groupContainSubDept'],
  ...['groupContainOuterDept', 'groupContainHiddenDept', 'autoApproveApply', 'empApplyJoinDept'],
];

const BAD: [field: string, why: string, value: unknown][] = [
  ['name', 'is empty', ''],
  ['name', 'has 101 characters', text(101)],
  ['name', 'holds a hyphen', 'a-b'],
  ['name', 'holds a comma', 'a,b'],
  ['name', 'holds a full-width comma', 'a，b'],
  ['name', 'holds a control character', 'a\u0000b'],
  ['name', 'is null', null],
  ['name', 'is a number', 5],
  ['brief', 'has 256 characters', text(256)],
  ['telephone', 'has 51 characters', '1'.repeat(51)],
  ['order', 'is a fraction', 1.5],
  ['order', 'is negative', -1],
  ['order', 'is beyond 32 bits', 2 ** 31],
  ['order', 'is a string', '1'],
  ['parentId', 'is a number', 2],
  ['parentId', 'is no id', 'abc'],
  ['parentId', 'is negative', '-7'],
  ['parentId', 'is 2^53', '9007199254740992'],
  ['parentId', 'has a leading zero', '01'],
  ['orgDeptOwner', 'holds a comma', 'a,b'],
  ['orgDeptOwner', 'is a number', 102530009661373952],
  ['language', 'is unknown', 'de_DE'],
  ['extension', 'is a list', [1]],
  ['extension', 'is a string', '{}'],
  ['extension', 'is too large', { text: text(10_001) }],
  ['hideSceneConfig', 'holds a string for a flag', { active: 'true' }],
  ['hideSceneConfig', 'is a list', []],
  ['outerSceneConfig', 'holds an unknown field', { unknown: true }],
  ['outerSceneConfig', 'holds null', { search: null }],
  ['code', 'has 256 characters', text(256)],
  ['deptManagerUserIdList', 'names 1000', ids(1000)],
  ['deptManagerUserIdList', 'names a number', [5]],
  ['forceUpdateFields', 'is empty', []],
  ['forceUpdateFields', 'names another field', ['name']],
  ...LISTS.map((field): [string, string, unknown] => [field, 'is empty', []]),
  ...LISTS.map((field): [string, string, unknown] => [field, 'names 201', ids(201)]),
  ...LISTS.map((field): [string, string, unknown] => [field, 'is a comma string', '1,2']),
  ...LISTS.map((field): [string, string, unknown] => [field, 'holds null', [null]]),
  ...FLAGS.map((field): [string, string, unknown] => [field, 'is a string', 'true']),
  ...FLAGS.map((field): [string, string, unknown] => [field, 'is null', null]),
];

describe('a change of a department whose', () => {
  it.each(BAD)('%s %s is refused by REST with the field’s name, and nothing is called', async (field, _, value) => {
    const { status, body } = await updateByRest({ [field]: value });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'BAD_INPUT' });
    expect(body.errors.map((fault: { field: string }) => fault.field.split('.')[0])).toEqual([field]);
    expect(world.calls()).toEqual([]);
  });

  it.each(BAD)('%s %s is refused by GraphQL with the field’s name, and nothing is called', async (field, _, value) => {
    // GraphQL takes a single value for a list, so a comma string is a list of one bad id.
    const { body } = await updateByGraphQL({ [field]: value });
    for (const [code, fields] of blamed(body)) {
      expect(code).toBe('BAD_INPUT');
      expect((fields as string[])[0]).toMatch(new RegExp(`^changes\\.${field}`));
    }
    expect(world.calls()).toEqual([]);
  });

  it.each([
    ['there are none', {}],
    ['all are left out', { name: undefined }],
  ])('fields: %s, is refused', async (_, changes) => {
    expect((await updateByRest(changes)).body).toMatchObject({ code: 'BAD_INPUT', errors: [{ field: 'changes' }] });
    expect(blamed((await updateByGraphQL(changes)).body)).toEqual([['BAD_INPUT', ['changes']]]);
    expect(world.calls()).toEqual([]);
  });

  it('managers are named and cleared at once is refused', async () => {
    const deptManagerUserIdList = ['lisi'];
    const rest = await updateByRest({ deptManagerUserIdList, forceUpdateFields: ['deptManagerUserIdList'] });
    const graphql = await updateByGraphQL({ deptManagerUserIdList, forceUpdateFields: ['DEPT_MANAGER_USER_ID_LIST'] });
    expect(rest.body).toMatchObject({ code: 'BAD_INPUT', errors: [{ field: 'forceUpdateFields' }] });
    expect(blamed(graphql.body)).toEqual([['BAD_INPUT', ['changes.forceUpdateFields']]]);
  });

  it('unknown field is refused: as BAD_INPUT by REST, as a document or a value that does not fit by GraphQL', async () => {
    expect((await updateByRest({ unknown: 1 })).body).toMatchObject({ errors: [{ field: 'unknown' }] });
    expect(blamed((await updateByGraphQL({ unknown: 1 })).body)[0]?.[0]).toBe('BAD_INPUT');
    const inline = await world.client.graphql(
      app,
      `mutation { updateDepartment(id: "${ID}", changes: { unknown: 1 }) { department { id } } }`,
    );
    expect(inline.status).toBe(400);
    expect(inline.body.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it.each([
    ['name', text(64)],
    ['brief', text(255)],
    ['telephone', '1'.repeat(50)],
    ['userPermits', ids(50)],
    ['order', 2 ** 31 - 1],
    ['order', 0],
  ])('%s is at its bound is made', async (field, value) => {
    expect((await updateByRest({ [field]: value })).status).toBe(200);
    world.reset();
    expect((await updateByGraphQL({ [field]: value })).body.errors).toBeUndefined();
  });

  it.each([
    ['name of 100 characters', { name: text(100) }, 'name', '60001'],
    ['200 deptPermits', { deptPermits: ids(200) }, undefined, '60109'],
    ['999 managers', { deptManagerUserIdList: ids(999) }, undefined, '40031'],
  ])('%s are within the seed’s bounds: DingTalk’s stricter rule is told', async (_, changes, field, dingtalkCode) => {
    const { body } = await updateByRest(changes);
    expect(body).toMatchObject({ status: 422, code: 'REJECTED', dingtalkCode });
    expect(body.errors?.[0]?.field).toBe(field);
  });
});

describe('the extension of a department', () => {
  it.each<[extension: object]>([
    [{ constructor: 'c' }],
    [{ a: { constructor: 1 } }],
    [{ toString: 1, hasOwnProperty: 2 }],
    [{ 姓名: '张三', n: [1, { b: null }] }],
  ])('%j goes out as it came in', async (extension) => {
    expect((await updateByRest({ extension })).status).toBe(200);
    const [call] = world.calls('/topapi/v2/department/update');
    expect(JSON.parse(call?.body ?? '').extension).toEqual(extension);
  });

  it('that holds a number beyond all bounds is refused: it would be sent as null', async () => {
    const answer = await world.client.rest('PATCH', `/v1/departments/${ID}`, app, '{"extension":{"a":[1e400]}}');
    expect(answer.body).toMatchObject({ code: 'BAD_INPUT', errors: [{ field: 'extension' }] });
  });

  it('may hold any name where it stands in the document', async () => {
    const query = `mutation { updateDepartment(id: "${ID}", changes: { extension: { constructor: "c", __proto__: 1 } }) { department { id } } }`;
    expect((await world.client.graphql(app, query)).body.errors).toBeUndefined();
    const [call] = world.calls('/topapi/v2/department/update');
    expect(call?.body).toContain('"extension":{"constructor":"c","__proto__":1}');
  });
});

describe('a dry run', () => {
  it.each(['?dryrun=true', '?dryRun=yes', '?dryRun=', '?dryRun=true&dryRun=false', '?dry=1'])(
    'asked for by %s is refused, and nothing is changed',
    async (query) => {
      const answer = await world.client.rest('PATCH', `/v1/departments/${ID}${query}`, app, { name: 'x' });
      expect(answer.body).toMatchObject({ status: 400, code: 'BAD_INPUT' });
      expect(world.calls()).toEqual([]);
    },
  );

  it('that is null is refused, and nothing is changed', async () => {
    const query = `mutation($dryRun: Boolean) {
      updateDepartment(id: "${ID}", changes: { name: "x" }, dryRun: $dryRun) { department { id } } }`;
    expect(blamed((await world.client.graphql(app, query, { dryRun: null })).body)).toEqual([
      ['BAD_INPUT', ['dryRun']],
    ]);
    expect(world.calls()).toEqual([]);
  });
});

describe('an id', () => {
  const BAD_IDS = ['0', '01', '-0', '1.5', '1e3', 'abc', '9007199254740992', '99999999999999999', '+1', '１'];

  it.each(BAD_IDS)('of a department that reads %s is refused by both doors', async (id) => {
    const rest = await world.client.rest('GET', `/v1/departments/${encodeURIComponent(id)}`, app);
    const graphql = await world.client.graphql(app, 'query($id: ID!) { department(id: $id) { id } }', { id });
    expect(rest.body).toMatchObject({ code: 'BAD_INPUT', errors: [{ field: 'id' }] });
    expect(blamed(graphql.body)).toEqual([['BAD_INPUT', ['id']]]);
    expect(world.calls()).toEqual([]);
  });

  it.each([5, 9007199254740993, true])('that is the JSON value %p is refused', async (id) => {
    const answer = await world.client.graphql(app, 'query($id: ID!) { department(id: $id) { id } }', { id });
    expect(blamed(answer.body)).toEqual([['BAD_INPUT', ['id']]]);
  });

  it('of DingTalk’s own negative nodes cannot be changed', async () => {
    const rest = await world.client.rest('PATCH', '/v1/departments/-7', app, { name: 'x' });
    const graphql = await world.client.graphql(app, UPDATE, { id: '-7', changes: { name: 'x' } });
    expect(rest.body).toMatchObject({ code: 'BAD_INPUT', errors: [{ field: 'id' }] });
    expect(blamed(graphql.body)).toEqual([['BAD_INPUT', ['id']]]);
    expect(world.calls()).toEqual([]);
  });

  it.each(['..', '.', '%2e%2e', 'me%2F..', 'a%5Cb', 'a%3Fb', 'a%23b', '%00', 'a%0D%0Ab', 'a%20b', 'a'.repeat(129)])(
    'of a user that reads %s is refused and nothing is called',
    async (unionId) => {
      const person = await world.client.signIn(world.authCode('lisi'));
      world.sandbox.journal.clear();
      const { status } = await world.client.rest('GET', `/v1/users/${unionId}`, person);
      expect([400, 404]).toContain(status);
      const graphql = await world.client.graphql(person, 'query($id: ID!) { user(unionId: $id) { nick } }', {
        id: decodeURIComponent(unionId),
      });
      expect(blamed(graphql.body)).toEqual([['BAD_INPUT', ['unionId']]]);
      expect(world.calls()).toEqual([]);
    },
  );
});

describe('a visibility whose', () => {
  const right = { toCorpIds: ['ding1'], optUserId: 'lisi' };
  const MUTATION = `mutation($visibility: OrgAccountVisibilityInput!) {
    setOrgAccountVisibility(visibility: $visibility) { visibility { fields } } }`;

  it.each([
    ['toCorpIds', 'is left out', undefined],
    ['toCorpIds', 'is empty', []],
    ['toCorpIds', 'is a string', 'ding 1'],
    ['toCorpIds', 'holds an empty id', ['']],
    ['toCorpIds', 'holds a number', [5]],
    ['toCorpIds', 'names 201', ids(201)],
    ['fields', 'names an unknown one', ['email']],
    ['fields', 'is null', null],
    ['optUserId', 'is empty', ''],
    ['optUserId', 'is a number', 5],
    ['optUserId', 'is left out by an app', undefined],
    ['optUserId', 'is nobody in the organisation', 'nobody'],
    ['optUserId', 'is an external contact', 'ext-wang'],
  ])('%s %s is refused by both doors, and nothing is authorised', async (field, _, value) => {
    const visibility = { ...right, [field]: value };
    const rest = await world.client.rest('PUT', '/v1/org-accounts/visibility', app, visibility);
    const graphql = await world.client.graphql(app, MUTATION, { visibility });
    expect(rest.body).toMatchObject({ status: 400, code: 'BAD_INPUT' });
    expect(rest.body.errors[0].field).toMatch(new RegExp(`^${field}`));
    const [[code, fields] = []] = blamed(graphql.body) as [string, string[]][];
    expect(code).toBe('BAD_INPUT');
    expect(fields?.[0]).toMatch(new RegExp(`${field}|visibility`));
    expect(world.calls('/v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg')).toEqual([]);
  });

  it.each([
    ['toCorpIds', undefined, 'is required'],
    ['toCorpIds', null, 'must be a list'],
    ['toCorpIds', 'ding1', 'must be a list'],
    ['toCorpIds', [], 'must not be empty'],
    ['toCorpIds', ids(201), 'must hold at most 200 items'],
    ['toCorpIds', ['a b'], 'must be a corpId: 1 to 64 letters, digits or _ -'],
    ['fields', ['fax'], 'must be one of mobile, status'],
  ])('%s is %j is told the rule that it breaks: %s', async (field, value, message) => {
    const answer = await world.client.rest('PUT', '/v1/org-accounts/visibility', app, { ...right, [field]: value });
    expect(answer.body.errors).toEqual([{ field, message }]);
  });

  it('fields name a word twice is refused', async () => {
    const body = { ...right, fields: ['mobile', 'mobile'] };
    const answer = await world.client.rest('PUT', '/v1/org-accounts/visibility', app, body);
    expect(answer.body.errors[0].field).toBe('fields');
  });
});

describe('a query that a REST door knows nothing of', () => {
  it.each([
    ['DELETE', '/v1/departments/9007199254740991?dryRun=true', undefined],
    ['POST', '/v1/departments?dryRun=true', { name: 'x', parentId: '1' }],
    ['PATCH', '/v1/employees/lisi?dryRun=true', { title: 'x' }],
    ['DELETE', '/v1/employees/lisi?dryRun=true', undefined],
    ['PUT', '/v1/org-accounts/visibility?dryRun=true', { toCorpIds: ['ding1'], optUserId: 'lisi' }],
    ['GET', '/v1/employees/lisi?fields=name', undefined],
    ['GET', '/v1/departments/1/children?limit=5', undefined],
  ])('is refused: %s %s, and nothing is called', async (method, path, body) => {
    const answer = await world.client.rest(method, path, app, body);
    expect(answer.body).toMatchObject({ status: 400, code: 'BAD_INPUT', errors: [{ message: 'is not known here' }] });
    expect(world.calls()).toEqual([]);
  });
});

describe('a body', () => {
  const patch = (body: string, headers = {}) =>
    world.client.raw(`/v1/departments/${ID}`, {
      method: 'PATCH',
      headers: { ...app, 'content-type': 'application/json', ...headers },
      body,
    });

  it.each([
    ['broken JSON', '{"name":', 400, 'BAD_INPUT'],
    ['null', 'null', 400, 'BAD_INPUT'],
    ['a list', '[]', 400, 'BAD_INPUT'],
    ['a string', '"name"', 400, 'BAD_INPUT'],
    ['nothing', '', 400, 'BAD_INPUT'],
    ['2,000 brackets', '['.repeat(2000), 400, 'BAD_INPUT'],
    ['__proto__', '{"__proto__":{"name":"x"}}', 400, 'BAD_INPUT'],
    ['constructor', '{"constructor":{"prototype":{"name":"x"}}}', 400, 'BAD_INPUT'],
    ['constructor as a field', '{"constructor":1,"name":"x"}', 400, 'BAD_INPUT'],
    ['hasOwnProperty as a field', '{"hasOwnProperty":1,"name":"x"}', 400, 'BAD_INPUT'],
    ['toString as a field within', '{"hideSceneConfig":{"toString":1}}', 400, 'BAD_INPUT'],
    ['more than 1 MiB', `{"brief":"${'x'.repeat(1024 * 1024)}"}`, 413, 'TOO_LARGE'],
  ])('that is %s is refused as %i', async (_, body, status, code) => {
    const answer = await patch(body);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(world.calls()).toEqual([]);
  });

  it('that nests deeper than 32 levels is refused as such before anything looks into it', async () => {
    const nested = (levels: number): string => `{"extension":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
    expect((await patch(nested(31))).body.errors[0].field).toBe('body');
    expect((await patch(nested(30))).body.errors[0].field).toBe('extension');
  });

  it('that is no UTF-8 is refused', async () => {
    const answer = await world.client.raw(`/v1/departments/${ID}`, {
      method: 'PATCH',
      headers: { ...app, 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0x22, 0x6e, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    });
    expect(answer.body).toMatchObject({ code: 'BAD_INPUT', errors: [{ field: 'body' }] });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'of type %s is refused as 415',
    async (type) => {
      const answer = await patch('name=x', { 'content-type': type });
      expect(answer.body).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    },
  );
});
