import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, bearer } from './harness/client.js';
import { KEY, TestWorld } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const app = bearer(KEY);
const NEWCOMER = { userId: 'newcomer', name: '新人', mobile: '18800001111', deptIdList: ['1'] };

/** What is wrong, told alike by both doors. */
function told({ body }: Answer): { code?: string; fields?: string[] } {
  const error = body?.errors?.[0];
  const faults = error?.extensions ? error.extensions.fields : body?.errors;
  return {
    code: error?.extensions?.code ?? body?.code,
    fields: faults?.map(({ field }: { field: string }) => field),
  };
}

const text = (length: number): string => 'x'.repeat(length);
const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));

const FLAGS = ['hideMobile', 'seniorMode'];
const TEXTS: Readonly<Record<string, number>> = {
  telephone: 50,
  jobNumber: 50,
  title: 200,
  email: 50,
  orgEmail: 100,
  workPlace: 100,
  remark: 2000,
  loginEmail: 64,
};

type Bad = [field: string, why: string, value: unknown];

const ALIKE: Bad[] = [
  ...Object.entries(TEXTS).flatMap(([field, max]): Bad[] => [
    [field, 'is too long', text(max + 1)],
    [field, 'is null', null],
    [field, 'is a number', 5],
    [field, 'holds a control character', 'a\u0000b'],
  ]),
  ...FLAGS.flatMap((field): Bad[] => [
    [field, 'is a string', 'true'],
    [field, 'is null', null],
  ]),
  ['name', 'is empty', ''],
  ['name', 'has 81 characters', text(81)],
  ['name', 'is null', null],
  ['deptIdList', 'is empty', []],
  ['deptIdList', 'names 101', ids(101)],
  ['deptIdList', 'holds a number', [1]],
  ['deptIdList', 'holds a negative id', ['-7']],
  ['deptIdList', 'holds a comma', ['1,2']],
  ['deptIdList', 'is null', null],
  ['managerUserId', 'is a number', 102530009661373952],
  ['managerUserId', 'holds a comma', 'a,b'],
  ['orgEmailType', 'is unknown', 'gold'],
  ['hiredDate', 'is a string', '1597573616828'],
  ['hiredDate', 'is a fraction', 1.5],
  ['hiredDate', 'is negative', -1],
  ['extension', 'is a list', [1]],
  ['extension', 'is a text', '{}'],
  ['extension', 'has more than 2000 characters', { a: text(2000) }],
  ['extensionI18n', 'is null', null],
  ['deptOrderList', 'is empty', []],
  ['deptOrderList', 'is an object', { deptId: '1', order: 1 }],
  ['deptOrderList', 'holds null', [null]],
  ['deptOrderList', 'holds a list', [[]]],
  ['deptOrderList', 'names 101', ids(101).map((deptId) => ({ deptId, order: 1 }))],
  ['deptOrderList', 'lacks the order', [{ deptId: '1' }]],
  ['deptOrderList', 'holds a number for an id', [{ deptId: 1, order: 1 }]],
  ['deptOrderList', 'holds a text for the order', [{ deptId: '1', order: '1' }]],
  ['deptOrderList', 'holds what is not known', [{ deptId: '1', order: 1, leader: true }]],
  ['deptTitleList', 'lacks the title', [{ deptId: '1' }]],
  ['deptTitleList', 'has a title that is too long', [{ deptId: '1', title: text(201) }]],
  ['deptPositionList', 'has a flag that is a text', [{ deptId: '1', isMain: 'true' }]],
];

/** GraphQL takes one value for a list of one, as its specification says. */
const COERCED = new Set(['deptOrderList is an object']);

describe('an employee', () => {
  const CREATE = 'mutation($employee: NewEmployee!) { createEmployee(employee: $employee) { pending } }';
  const UPDATE = `mutation($changes: EmployeeChanges!) {
    updateEmployee(userId: "lisi", changes: $changes) { employee { userId } } }`;

  const NEW: Bad[] = [
    ['userId', 'is empty', ''],
    ['userId', 'is too long', text(65)],
    ['userId', 'is a number', 5],
    ['name', 'is left out', undefined],
    ['mobile', 'is left out', undefined],
    ['mobile', 'is null', null],
    ['mobile', 'is a number', 13800002468],
    ['mobile', 'holds letters', '1380000abcd'],
    ['mobile', 'holds a space', '138 0000 2468'],
    ['deptIdList', 'is left out', undefined],
  ];
  const CHANGES: Bad[] = [
    ['mobile', 'is none that can be changed', '18800001111'],
    ['userId', 'is none that can be changed', 'x'],
    ['language', 'is unknown', 'de_DE'],
    ['extAttrsUpdateMode', 'is a number', 1],
    ['forceUpdateFields', 'is empty', []],
    ['forceUpdateFields', 'names another field', ['name']],
  ];

  interface Doors {
    readonly rest: [method: string, path: string];
    readonly graphql: [query: string, variable: string];
  }
  const CREATING: Doors = { rest: ['POST', '/v1/employees'], graphql: [CREATE, 'employee'] };
  const CHANGING: Doors = { rest: ['PATCH', '/v1/employees/lisi'], graphql: [UPDATE, 'changes'] };

  async function refused({ rest: [method, path], graphql: [query, variable] }: Doors, body: object, bad: Bad) {
    const [field, why] = bad;
    const byRest = told(await world.client.rest(method, path, app, body));
    expect({ code: byRest.code, field: byRest.fields?.[0]?.split('.')[0] }).toEqual({ code: 'BAD_INPUT', field });
    if (!COERCED.has(`${field} ${why}`)) {
      const byGraphQL = told(await world.client.graphql(app, query, { [variable]: body }));
      expect(byGraphQL.code).toBe('BAD_INPUT');
      expect(byGraphQL.fields?.[0]).toMatch(new RegExp(`^${variable}(\\.${field}|$)`));
    }
    expect(world.calls().filter(({ path: called }) => !called.endsWith('user/get'))).toEqual([]);
  }

  it.each([...ALIKE, ...NEW])('whose %s %s is not created by either door, and nothing is sent', (...bad) =>
    refused(CREATING, { ...NEWCOMER, [bad[0]]: bad[2] }, bad),
  );

  it.each([...ALIKE, ...CHANGES])('whose %s %s is not changed by either door, and nothing is sent', (...bad) =>
    refused(CHANGING, { [bad[0]]: bad[2] }, bad),
  );

  it.each([{}, { title: undefined }])('is not changed by nothing: %j', async (changes) => {
    const answer = told(await world.client.rest('PATCH', '/v1/employees/lisi', app, changes));
    expect(answer).toMatchObject({ code: 'BAD_INPUT', fields: ['changes'] });
    expect(told(await world.client.graphql(app, UPDATE, { changes })).fields).toEqual(['changes']);
  });

  it('does not get a manager and lose them at once', async () => {
    const changes = { managerUserId: 'lisi', forceUpdateFields: ['managerUserId'] };
    const answer = told(await world.client.rest('PATCH', '/v1/employees/lisi', app, changes));
    expect(answer).toMatchObject({ code: 'BAD_INPUT', fields: ['forceUpdateFields'] });
  });

  it('is created and changed with all at its bounds', async () => {
    const most = Object.fromEntries(Object.entries(TEXTS).map(([field, max]) => [field, text(max)]));
    const employee = { ...NEWCOMER, ...most, name: '名'.repeat(80), mobile: '+852-51234567', userId: text(64) };
    expect((await world.client.rest('POST', '/v1/employees', app, employee)).status).toBe(201);
    expect(
      (await world.client.rest('PATCH', '/v1/employees/lisi', app, { ...most, email: 'a@b', telephone: '1' })).status,
    ).toBe(200);
  });

  it('tells of nested fields by their path', async () => {
    const body = {
      ...NEWCOMER,
      deptOrderList: [
        { deptId: '1', order: 1 },
        { deptId: 'x', order: 1 },
      ],
    };
    expect(told(await world.client.rest('POST', '/v1/employees', app, body)).fields).toEqual([
      'deptOrderList.1.deptId',
    ]);
    const inner = { ...NEWCOMER, deptOrderList: [{ deptId: '1', order: 1, constructor: 1 }] };
    expect(told(await world.client.rest('POST', '/v1/employees', app, inner)).fields).toEqual([
      'deptOrderList.0.constructor',
    ]);
  });

  it('leaves no mobile number and no mail address in the log, whatever becomes of it', async () => {
    world.capture.logs.length = 0;
    await world.client.rest('POST', '/v1/employees', app, { ...NEWCOMER, email: 'secret@example.com' });
    await world.client.rest('POST', '/v1/employees', app, { ...NEWCOMER, email: 'secret@example.com' });
    await world.client.rest('POST', '/v1/employees', app, { ...NEWCOMER, mobile: '18800001111x', email: 5 });
    world.sandbox.levers.add({ kind: 'html', route: 'POST /topapi/v2/user/create' });
    await world.client.rest('POST', '/v1/employees', app, { ...NEWCOMER, userId: 'x', mobile: '18800001112' });
    const said = world.capture.logs.join('\n');
    expect(said).toContain('"route":"/v1/employees"');
    expect(said).not.toMatch(/1880000111|secret@/);
  });
});

describe('a new department', () => {
  const CREATE =
    'mutation($department: NewDepartment!) { createDepartment(department: $department) { department { id } } }';

  it.each<Bad>([
    ['name', 'is left out', undefined],
    ['name', 'is empty', ''],
    ['name', 'has 65 characters', text(65)],
    ['name', 'holds a hyphen', 'a-b'],
    ['name', 'holds a full-width comma', 'a，b'],
    ['parentId', 'is left out', undefined],
    ['parentId', 'is a number', 1],
    ['parentId', 'is negative', '-7'],
    ['parentId', 'is 2^53', '9007199254740992'],
    ['order', 'is negative', -1],
    ['order', 'is null', null],
    ['deptPermits', 'is empty', []],
    ['deptPermits', 'names 51', ids(51)],
    ['userPermits', 'holds a comma', ['a,b']],
    ['outerPermitUsers', 'names 51', ids(51)],
    ['hideDept', 'is a text', 'true'],
    ['sourceIdentifier', 'is a number', 5],
  ])('whose %s %s is not created by either door, and nothing is sent', async (field, _, value) => {
    const department = { name: 'x', parentId: '1', [field]: value };
    const byRest = told(await world.client.rest('POST', '/v1/departments', app, department));
    expect(byRest).toMatchObject({ code: 'BAD_INPUT', fields: [field] });
    const byGraphQL = told(await world.client.graphql(app, CREATE, { department }));
    expect(byGraphQL.code).toBe('BAD_INPUT');
    expect(byGraphQL.fields?.[0]).toMatch(new RegExp(`^department(\\.${field}|$)`));
    expect(world.calls()).toEqual([]);
  });

  it.each(['brief', 'code', 'deptManagerUserIdList', 'unknown'])('knows no %s', async (field) => {
    const answer = await world.client.rest('POST', '/v1/departments', app, { name: 'x', parentId: '1', [field]: 'x' });
    expect(told(answer)).toMatchObject({ code: 'BAD_INPUT', fields: [field] });
  });
});
