import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer } from './harness/client.js';
import { KEY, TestWorld, keyOf } from './harness/world.js';

const app = bearer(KEY);
const auditor = bearer(keyOf('audit:read'));
const BIG = '9007199254740991';

interface Event {
  readonly id: string;
  readonly sequence: number;
  readonly time: string;
  readonly phase: string;
  readonly caller: string;
  readonly operation: string;
  readonly target: string;
  readonly outcome: string | null;
}

let world: TestWorld;
let all: Event[];
const get = (path: string, headers = app) => world.client.rest('GET', path, headers);
const list = async (query: string): Promise<Event[]> =>
  (await get(`/v1/audit-events?limit=100&${query}`)).body.auditEvents;
const set = (body: object, headers = app) => world.client.rest('PUT', '/v1/org-accounts/visibility', headers, body);

beforeAll(async () => {
  world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: '2000' });
  for (let order = 1; order <= 12; order += 1) {
    await world.client.rest('PATCH', `/v1/departments/${BIG}`, app, { order });
    await world.client.rest('PATCH', '/v1/departments/1', bearer(keyOf('department:write')), { order });
  }
  await world.client.rest('DELETE', `/v1/departments/${BIG}`, bearer(keyOf('user:read')));
  await set({ toCorpIds: ['dingA', 'dingB'], optUserId: 'lisi' });
  await set({ toCorpIds: ['dingB'], fields: ['status', 'mobile'], optUserId: 'lisi' });
  world.sandbox.levers.add({
    ...{ kind: 'reset', times: 1, performed: true },
    route: 'PUT /v1.0/contact/orgAccounts/mobiles/visibleInOtherOrg',
  });
  await set({ toCorpIds: ['dingC'], optUserId: 'lisi' });
  await set({ toCorpIds: ['dingD'], optUserId: 'nobody' });
  all = (await list('')).reverse();
});
afterAll(() => world.stop());

describe('the trail', () => {
  it('is told with the newest record first, without a gap', async () => {
    const events = await list('');
    expect(events.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: events.length }, (_, at) => (events[0]?.sequence ?? 0) - at),
    );
    expect(events.map(({ time }) => time)).toEqual([...events.map(({ time }) => time)].sort().reverse());
  });

  const FILTERS: readonly [query: string, is: (event: Event) => boolean][] = [
    ['caller=app:department.write', ({ caller }) => caller === 'app:department.write'],
    ['operation=setOrgAccountVisibility', ({ operation }) => operation === 'setOrgAccountVisibility'],
    [`target=department:${BIG}`, ({ target }) => target === `department:${BIG}`],
    ['target=organisation:dingB', ({ target }) => target.split(' ').includes('organisation:dingB')],
    ['outcome=FORBIDDEN', ({ outcome }) => outcome === 'FORBIDDEN'],
    ['phase=UNKNOWN', ({ phase }) => phase === 'UNKNOWN'],
    [`operation=updateDepartment&phase=DONE&target=department:${BIG}`, (event) => isUpdate(event)],
  ];
  const isUpdate = ({ operation, phase, target }: Event) =>
    operation === 'updateDepartment' && phase === 'DONE' && target === `department:${BIG}`;

  it.each(FILTERS)('is filtered: %s', async (query, is) => {
    const right = all.filter(is);
    expect(right.length).toBeGreaterThan(0);
    expect((await list(query)).reverse()).toEqual(right);
    const filter = Object.fromEntries(query.split('&').map((part) => part.split('=')));
    const graphql = await world.client.graphql(
      app,
      'query($filter: AuditFilter) { auditEvents(filter: $filter, first: 100) { edges { node { id } } nodes { id time phase } } }',
      { filter },
    );
    expect(graphql.body.data.auditEvents.nodes.map(({ id }: Event) => id).reverse()).toEqual(right.map(({ id }) => id));
  });

  it('is filtered by time, its beginning included and its end not', async () => {
    const [from, to] = [all[5]?.time ?? '', all[20]?.time ?? ''];
    const right = all.filter(({ time }) => time >= from && time < to);
    expect((await list(`from=${from}&to=${to}`)).reverse()).toEqual(right);
    expect(await list('from=2099-01-01T00:00:00Z')).toEqual([]);
    expect((await list(`to=${encodeURIComponent('2000-01-01T00:00:00+08:00')}`)).length).toBe(0);
  });

  it('is paged without a record lost or told twice, whatever is recorded meanwhile', async () => {
    const told: string[] = [];
    let path = '/v1/audit-events?operation=updateDepartment&limit=7';
    for (let pages = 0; path !== ''; pages += 1) {
      expect(pages).toBeLessThan(10);
      const { body, headers } = await get(path);
      told.push(...(body.auditEvents as Event[]).map(({ id }) => id));
      const next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? '';
      expect(next !== '').toBe(body.pageInfo.hasNextPage);
      if (pages === 1) await world.client.rest('PATCH', '/v1/departments/1', app, { order: 99 });
      path = next;
    }
    const right = all.filter(({ operation }) => operation === 'updateDepartment').map(({ id }) => id);
    expect(told).toEqual(right.reverse());
  });

  it('takes a cursor of the very same list only', async () => {
    const { body } = await get('/v1/audit-events?limit=3&phase=DONE');
    const other = await get(`/v1/audit-events?limit=3&phase=INTENT&cursor=${body.pageInfo.endCursor}`);
    expect([other.status, other.body.errors]).toEqual([
      400,
      [{ field: 'cursor', message: 'is not a cursor of this list' }],
    ]);
  });

  it.each([
    ['from=yesterday', 'from'],
    ['from=2026-11-22T08:00:00', 'from'],
    ['to=2026-13-45T08:00:00Z', 'to'],
    ['phase=done', 'phase'],
    ['caller=', 'caller'],
    ['limit=0', 'limit'],
    ['callers=x', 'callers'],
    ['operation=a&operation=b', 'operation'],
  ])('names the filter that is not right: %s', async (query, field) => {
    const { status, body } = await get(`/v1/audit-events?${query}`);
    expect([status, body.code, body.errors[0].field]).toEqual([400, 'BAD_INPUT', field]);
  });

  it('names it in GraphQL too', async () => {
    const ask = async (filter: object) =>
      (
        await world.client.graphql(app, 'query($f: AuditFilter) { auditEvents(filter: $f) { nodes { id } } }', {
          f: filter,
        })
      ).body.errors[0].extensions;
    expect(await ask({ caller: '' })).toMatchObject({ code: 'BAD_INPUT', fields: [{ field: 'filter.caller' }] });
    expect(await ask({ from: 'now' })).toMatchObject({ code: 'BAD_INPUT', fields: [{ field: 'f.from' }] });
  });

  it('is not there for whoever may do all else', async () => {
    for (const path of ['/v1/audit-events', '/v1/audit-events/export']) {
      expect((await get(path, bearer(keyOf('org-account:read')))).status).toBe(403);
    }
  });

  it('has whoever reads it in it, with what they asked for', async () => {
    await get('/v1/audit-events?outcome=ok', auditor);
    await get('/v1/audit-events/export?phase=DONE', auditor);
    const [exported, read] = await list('caller=app:audit.read');
    expect(read).toMatchObject({
      ...{ operation: 'auditEvents', target: 'trail', phase: 'DONE', outcome: 'ok' },
      changes: [{ field: 'outcome', before: null, after: 'ok' }],
    });
    expect(exported).toMatchObject({ operation: 'exportAuditEvents', changes: [{ field: 'phase', after: 'DONE' }] });
  });
});

describe('the export of the trail', () => {
  // Hashes and ids hold eleven digits in a row now and then, between letters.
  const MOBILE = /(?<![0-9a-f])1[3-9][0-9]{9}(?![0-9a-f])/;

  it('tells every record of the filter as NDJSON, and their count at last', async () => {
    const { headers, text } = await get('/v1/audit-events/export?operation=updateDepartment&phase=DONE');
    expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(headers.get('content-disposition')).toBe('attachment; filename="audit-events.ndjson"');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, Event>);
    const right = await list('operation=updateDepartment&phase=DONE');
    expect(lines.slice(0, -1).map(({ auditEvent }) => auditEvent)).toEqual(right);
    expect(lines.at(-1)).toEqual({ summary: { auditEvents: right.length } });
    expect(text).not.toMatch(MOBILE);
  });

  it('is a table as CSV', async () => {
    const { headers, text } = await get('/v1/audit-events/export?format=csv&operation=setOrgAccountVisibility');
    expect(headers.get('content-type')).toContain('text/csv');
    const rows = text.trimEnd().split('\r\n');
    expect(rows[0]).toBe(
      'record,id,changeId,sequence,time,phase,requestId,traceparent,caller,address,operation,target,optUserId,scope,changes,outcome,dingtalkCode,dingtalkRequestId,tries,ms,faults,note,hash,auditEvents,code',
    );
    const right = await list('operation=setOrgAccountVisibility');
    expect(rows).toHaveLength(right.length + 2);
    expect(rows[1]).toMatch(new RegExp(`^auditEvent,${right[0]?.id},`));
    expect(rows.at(-1)).toMatch(new RegExp(`^summary,.*,${right.length},$`));
    expect(text).not.toMatch(MOBILE);
  });
});

describe('the ledger of grants', () => {
  const GRANTS = `orgAccountVisibilityGrants { toCorpId fields optUserId caller time auditEventId phase earlier { fields time phase auditEventId } }`;

  it('tells of each organisation what was last authorised, by whom and when, and what before', async () => {
    const { body } = await get('/v1/org-accounts/visibility', bearer(keyOf('org-account:read')));
    const grant = (outcome: Event | undefined, fields: string[]) => ({
      ...{ fields, optUserId: 'lisi', caller: 'app:everything', time: outcome?.time },
      ...{ auditEventId: outcome?.id, phase: outcome?.phase },
    });
    const [first, second, lost] = all.filter(
      ({ operation, phase }) => operation === 'setOrgAccountVisibility' && /DONE|UNKNOWN/.test(phase),
    );
    expect(body).toEqual({
      grants: [
        { toCorpId: 'dingA', ...grant(first, ['mobile']), earlier: [] },
        { toCorpId: 'dingB', ...grant(second, ['status', 'mobile']), earlier: [grant(first, ['mobile'])] },
        { toCorpId: 'dingC', ...grant(lost, ['mobile']), earlier: [] },
      ],
      pageInfo: { hasNextPage: false, endCursor: 'dingC' },
    });
    expect(lost?.phase).toBe('UNKNOWN');
  });

  it('tells the same in GraphQL', async () => {
    const { body } = await world.client.graphql(app, `{ ${GRANTS} }`);
    const grants = body.data.orgAccountVisibilityGrants as { toCorpId: string; fields: string[]; earlier: object[] }[];
    expect(grants.map(({ toCorpId, fields, earlier }) => [toCorpId, fields, earlier.length])).toEqual([
      ['dingA', ['MOBILE'], 0],
      ['dingB', ['STATUS', 'MOBILE'], 1],
      ['dingC', ['MOBILE'], 0],
    ]);
  });

  it('tells of one organisation, or of some behind one, alone', async () => {
    const ids = async (query: string) =>
      ((await get(`/v1/org-accounts/visibility?${query}`)).body.grants as { toCorpId: string }[]).map(
        ({ toCorpId }) => toCorpId,
      );
    expect(await ids('toCorpId=dingB')).toEqual(['dingB']);
    expect(await ids('toCorpId=dingZ')).toEqual([]);
    const { body, headers } = await get('/v1/org-accounts/visibility?limit=2');
    expect([body.pageInfo, headers.get('link')]).toEqual([
      { hasNextPage: true, endCursor: 'dingB' },
      '</v1/org-accounts/visibility?limit=2&cursor=dingB>; rel="next"',
    ]);
    expect(await ids('limit=2&cursor=dingB')).toEqual(['dingC']);
    const graphql = await world.client.graphql(
      app,
      '{ one: orgAccountVisibilityGrants(toCorpId: "dingA") { toCorpId } rest: orgAccountVisibilityGrants(first: 1, after: "dingA") { toCorpId } }',
    );
    expect(graphql.body.data).toEqual({ one: [{ toCorpId: 'dingA' }], rest: [{ toCorpId: 'dingB' }] });
  });

  it.each(['toCorpId=a%20b', 'cursor=a%20b', 'limit=101', 'toCorpId=dingA&limit=1'])('refuses %s', async (query) => {
    expect((await get(`/v1/org-accounts/visibility?${query}`)).body.code).toBe('BAD_INPUT');
  });

  it('says plainly that it knows no more than went through the gateway', async () => {
    const introspection = '{ __type(name: "OrgAccountVisibilityGrant") { description } }';
    const { body } = await world.client.graphql(app, introspection);
    expect(body.data.__type.description).toMatch(/through this gateway.*not known.*DingTalk offers no call/s);
  });
});
