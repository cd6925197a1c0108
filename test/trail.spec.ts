import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, bearer } from './harness/client.js';
import { NEWCOMER, VISIBILITY, changesBy } from './harness/changes.js';
import { KEY, TestWorld, keyOf } from './harness/world.js';

const app = bearer(KEY);
const BIG = '9007199254740991';

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: '2000' });
});
afterAll(() => world.stop());
afterEach(() => world.reset());

type Headers = Record<string, string>;
interface Event {
  readonly [field: string]: unknown;
  readonly id: string;
  readonly changeId: string;
  readonly phase: string;
  readonly sequence: number;
  readonly operation: string;
  readonly target: string;
  readonly outcome: string | null;
}

const rest = (method: string, path: string, body?: unknown, headers: Headers = app) =>
  world.client.rest(method, path, headers, body);
const graphql = (query: string, variables?: unknown, headers: Headers = app) =>
  world.client.graphql(headers, query, variables);

/** The newest records, the oldest of them first; who reads them is left out. */
async function records(query = ''): Promise<Event[]> {
  const { body } = await rest('GET', `/v1/audit-events?limit=100${query}`);
  const events = body.auditEvents as Event[];
  return events.filter(({ operation }) => operation !== 'auditEvents').reverse();
}

let lastSequence = 0;
/** What was recorded since the test began. */
const recorded = async () => (await records()).filter(({ sequence }) => sequence > lastSequence);
beforeEach(async () => {
  lastSequence = (await rest('GET', '/v1/audit-events?limit=1')).body.auditEvents[0].sequence;
});

const WRITES = changesBy(rest, graphql);
const DOORS = ['rest', 'graphql'] as const;
const EACH = WRITES.flatMap((one) => DOORS.map((door) => [one.operation, door, one] as const));
const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a change', () => {
  it.each(EACH)('has its intent and its outcome in the trail: %s by %s', async (operation, door, one) => {
    // Whoever is in it would keep the department.
    const company = world.sandbox.desk.world;
    for (const person of company.members(Number(BIG))) company.removePerson(person);
    const answer = await one[door]();
    const [intent, outcome, ...others] = await recorded();
    expect(others).toEqual([]);
    const target = one.target === 'department' ? expect.stringMatching(/^department:\d+$/) : one.target;
    expect(intent).toMatchObject({
      ...{ operation, phase: 'INTENT', target: one.target, scope: one.scope, caller: 'app:everything' },
      ...{ outcome: null, tries: null, address: '127.0.0.1', requestId: answer.headers.get('x-request-id') },
    });
    expect(outcome).toMatchObject({
      ...{ operation, phase: 'DONE', target, scope: one.scope, caller: 'app:everything', outcome: 'ok', tries: 1 },
      ...{ changeId: intent?.id, requestId: intent?.requestId },
    });
    expect([intent?.id, outcome?.id]).toEqual([expect.stringMatching(UUID7), expect.stringMatching(UUID7)]);
    expect(Number(outcome?.['ms'])).toBeGreaterThan(0);
  });

  it('is told with what it changed, before and after', async () => {
    await rest('PATCH', `/v1/departments/${BIG}`, { order: 11, brief: '出海' });
    const [intent, outcome] = await recorded();
    expect(intent?.['changes']).toEqual([
      { field: 'order', before: null, after: 11 },
      { field: 'brief', before: null, after: '出海' },
    ]);
    expect(outcome?.['changes']).toEqual([
      { field: 'order', before: 90, after: 11 },
      { field: 'brief', before: null, after: '出海' },
    ]);
  });

  it('keeps of a mobile number and an email what tells them, and no more', async () => {
    const employee = {
      ...{ ...NEWCOMER, email: 'xinren@example.com', orgEmail: 'x@corp.example.com', telephone: '13511112222' },
      ...{ remark: '备用 13633334444 / other@example.com', extension: { 备用手机: '13755556666' } },
    };
    await rest('POST', '/v1/employees', employee);
    const [intent] = await recorded();
    const kept = Object.fromEntries((intent?.['changes'] as Kept[]).map(({ field, after }) => [field, after]));
    expect(kept).toMatchObject({
      ...{ mobile: '188****1111', email: 'x***@example.com', orgEmail: 'x***@corp.example.com' },
      ...{ telephone: '135****2222', remark: '备用 136****4444 / o***@example.com' },
      extension: { 备用手机: '137****6666' },
    });
    const without = await rest('GET', '/v1/audit-events?limit=5', undefined, bearer(keyOf('audit:read')));
    const shown = (without.body.auditEvents as Event[]).flatMap(({ changes }) => changes as Kept[]);
    expect(shown.find(({ field }) => field === 'mobile')).toEqual({ field: 'mobile' });
  });

  interface Kept {
    readonly field: string;
    readonly after: unknown;
  }

  it('that DingTalk refuses has failed, with DingTalk’s code and request id', async () => {
    world.sandbox.levers.add({
      ...{ kind: 'answer', route: 'POST /topapi/v2/department/update', times: 1, status: 200 },
      body: { errcode: 60008, errmsg: 'dept name is repeated', request_id: 'a1b2c3' },
    });
    await rest('PATCH', `/v1/departments/${BIG}`, { name: '市场部' });
    const [, outcome] = await recorded();
    expect(outcome).toMatchObject({ phase: 'FAILED', dingtalkCode: '60008', dingtalkRequestId: 'a1b2c3', tries: 1 });
    expect(outcome?.outcome).not.toBe('ok');
  });

  it('that is sent again after a refused token has two tries', async () => {
    world.sandbox.levers.add({ kind: 'latency', route: 'POST /topapi/v2/user/get', times: 1, ms: 100 });
    const changed = rest('PATCH', '/v1/employees/lisi', { title: '顾问' });
    // Between the read before the change, and the change.
    setTimeout(() => world.sandbox.desk.tokens.revoke('app'), 50);
    await changed;
    expect((await recorded())[1]).toMatchObject({ phase: 'DONE', tries: 2 });
  });

  it('whose answer was lost is unknown', async () => {
    world.sandbox.levers.add({ kind: 'reset', route: 'POST /topapi/v2/department/update' });
    await rest('PATCH', `/v1/departments/${BIG}`, { order: 12 });
    expect((await recorded())[1]).toMatchObject({ phase: 'UNKNOWN', outcome: 'OUTCOME_UNKNOWN', tries: 1 });
  });

  it('of something that is not there has failed without having been sent', async () => {
    await rest('PATCH', '/v1/departments/404', { order: 1 });
    expect((await recorded())[1]).toMatchObject({ phase: 'REFUSED', outcome: 'NOT_FOUND', tries: 0 });
  });

  it('of a person tells who it was, and their place in a trace', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const headers = { ...person, traceparent };
    await rest('PATCH', `/v1/departments/${BIG}`, { order: 1 }, headers);
    const [refused] = await recorded();
    expect(refused).toMatchObject({
      ...{ phase: 'REFUSED', outcome: 'FORBIDDEN', caller: 'person:lisi', traceparent },
    });
  });

  it('that names an organisation twice authorises it once', async () => {
    const twice = { ...VISIBILITY, toCorpIds: ['dingTwice', 'dingTwice'] };
    expect((await rest('PUT', '/v1/org-accounts/visibility', twice)).status).toBe(200);
    expect((await recorded()).map(({ phase }) => phase)).toEqual(['INTENT', 'DONE']);
    expect((await rest('GET', '/v1/org-accounts/visibility?toCorpId=dingTwice')).body.grants).toHaveLength(1);
  });

  it('is finished and recorded for a caller who goes away', async () => {
    const gone = new AbortController();
    world.sandbox.levers.add({ kind: 'latency', route: 'POST /topapi/v2/user/update', ms: 200, times: 1 });
    const sent = fetch(`${world.client.url}/v1/employees/lisi`, {
      ...{ method: 'PATCH', headers: { ...app, 'content-type': 'application/json' }, signal: gone.signal },
      body: '{"title":"顾问"}',
    }).catch(() => undefined);
    setTimeout(() => gone.abort(), 100);
    await sent;
    await new Promise((wait) => setTimeout(wait, 400));
    expect((await recorded()).map(({ phase }) => phase)).toEqual(['INTENT', 'DONE']);
  });
});

describe('a change that is not let through', () => {
  it.each(WRITES.map((one) => [one.operation, one] as const))('for want of a right: %s', async (operation, one) => {
    await Promise.all(one.as(bearer(keyOf('user:read'))));
    const refused = await recorded();
    const target = operation.startsWith('create')
      ? /^(?:department|employee)$/.exec(one.target.split(':')[0] ?? '')
      : null;
    expect(refused).toHaveLength(2);
    for (const event of refused) {
      expect(event).toMatchObject({
        ...{ operation, phase: 'REFUSED', outcome: 'FORBIDDEN', caller: 'app:user.read', scope: null },
        target: target?.[0] ?? one.target,
        note: `The caller lacks the scope ${one.scope}.`,
      });
    }
    expect(world.calls(one.route)).toEqual([]);
  });

  const BAD: readonly [
    what: string,
    operation: string,
    target: string,
    outcome: string,
    send: () => Promise<Answer>,
  ][] = [
    [
      'a body',
      'updateDepartment',
      `department:${BIG}`,
      'BAD_INPUT',
      () => rest('PATCH', `/v1/departments/${BIG}`, { order: 'x' }),
    ],
    [
      'nothing to change',
      'updateDepartment',
      `department:${BIG}`,
      'BAD_INPUT',
      () => rest('PATCH', `/v1/departments/${BIG}`, {}),
    ],
    ['an id', 'deleteEmployee', 'employee', 'BAD_INPUT', () => rest('DELETE', '/v1/employees/%20')],
    ['a query', 'deleteEmployee', 'employee:lisi', 'BAD_INPUT', () => rest('DELETE', '/v1/employees/lisi?force=true')],
    [
      'no employee',
      'setOrgAccountVisibility',
      'organisation:ding1',
      'BAD_INPUT',
      () => rest('PUT', '/v1/org-accounts/visibility', { toCorpIds: ['ding1'] }),
    ],
    [
      'an argument',
      'deleteDepartment',
      'department',
      'BAD_INPUT',
      () => graphql('mutation { deleteDepartment(id: "x") { id } }'),
    ],
    [
      'an input',
      'updateEmployee',
      'employee:lisi',
      'BAD_INPUT',
      () =>
        graphql(
          'mutation($c: EmployeeChanges!) { updateEmployee(userId: "lisi", changes: $c) { employee { name } } }',
          { c: {} },
        ),
    ],
    [
      'a variable',
      'updateEmployee',
      'employee',
      'BAD_INPUT',
      () =>
        graphql(
          'mutation($c: EmployeeChanges!) { x: updateEmployee(userId: "lisi", changes: $c) { employee { name } } }',
          { c: { order: 1 } },
        ),
    ],
    [
      'a literal',
      'deleteDepartment',
      'department',
      'GRAPHQL_VALIDATION_FAILED',
      () => graphql('mutation { deleteDepartment(id: true) { id } }'),
    ],
    [
      'a key',
      'deleteDepartment',
      `department:${BIG}`,
      'BAD_INPUT',
      () => rest('DELETE', `/v1/departments/${BIG}`, undefined, { ...app, 'idempotency-key': 'x'.repeat(256) }),
    ],
  ];

  it.each(BAD)('since %s is not right', async (...bad) => {
    const [, operation, target, outcome, send] = bad;
    const answer = await send();
    expect(answer.text).toContain(outcome);
    expect(await recorded()).toEqual([
      expect.objectContaining({ operation, target, outcome, phase: 'REFUSED', caller: 'app:everything' }),
    ]);
    expect(world.calls()).toEqual([]);
  });

  it('names the fields that are not right, and never what stood there', async () => {
    const body = { order: '13812345678', 13912345678: 1 };
    await rest('PATCH', `/v1/departments/${BIG}`, body);
    const [refused] = await recorded();
    expect(refused?.['faults']).toEqual([
      { field: '139****5678', message: 'is not known here' },
      { field: 'order', message: expect.stringMatching(/^must be a whole number/) },
    ]);
  });

  it('is not told of what a document leaves out', async () => {
    const query = `mutation($skip: Boolean!) { a: deleteDepartment(id: "x") { id } b: deleteEmployee(userId: "lisi") @skip(if: $skip) { userId } }`;
    await graphql(query, { skip: true });
    expect((await recorded()).map(({ operation }) => operation)).toEqual(['deleteDepartment']);
  });

  it('is told once of each kind where a document asks for it again and again', async () => {
    const doors = Array.from({ length: 20 }, (_, at) => `d${at}: deleteDepartment(id: true) { id }`).join(' ');
    await graphql(`mutation { ${doors} }`, undefined, bearer(keyOf('department:read')));
    expect(await recorded()).toHaveLength(1);
  });

  it('is told once of each door of a document that was never got to', async () => {
    const two = `mutation { a: deleteDepartment(id: "x") { id } b: updateEmployee(userId: "lisi", changes: { title: "顾问" }) { employee { name } } }`;
    await graphql(two);
    expect((await recorded()).map(({ operation, phase }) => [operation, phase])).toEqual([
      ['deleteDepartment', 'REFUSED'],
      ['updateEmployee', 'REFUSED'],
    ]);
    expect(world.sandbox.desk.world.byUserId('lisi')?.title).not.toBe('顾问');
  });
});

describe('what leaves nothing in the trail', () => {
  const NOTHING: readonly [string, () => Promise<Answer>][] = [
    ['a read', () => rest('GET', `/v1/departments/${BIG}`)],
    ['a document of reads that is not right', () => graphql('{ department(id: true) { id } }')],
    ['a dry run that is refused', () => rest('PATCH', `/v1/departments/404?dryRun=true`, { order: 1 })],
    ['a dry run', () => rest('PATCH', `/v1/departments/${BIG}?dryRun=true`, { order: 1 })],
    [
      'somebody whom nobody knows',
      () => rest('DELETE', `/v1/departments/${BIG}`, undefined, bearer('unknown-key-of-nobody')),
    ],
    [
      'a mutation of somebody who shows nothing',
      () => graphql(`mutation { deleteDepartment(id: "${BIG}") { id } }`, {}, {}),
    ],
    ['an address that there is not', () => rest('DELETE', '/v1/nothing')],
  ];
  it.each(NOTHING)('%s', async (_, send) => {
    await send();
    expect(await recorded()).toEqual([]);
  });
});
