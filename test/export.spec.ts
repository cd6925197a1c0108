import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer } from './harness/client.js';
import { KEY, TestWorld, keyOf } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: '1500' });
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const app = bearer(KEY);
const second = bearer(keyOf('department:read employee:read'));
const BIG = 9007199254740991;
const LIST = '/topapi/v2/user/list';
const LISTSUB = '/topapi/v2/department/listsub';
const ROOT_EXPORT = '/v1/departments/1/export';

const get = (path: string, headers: Record<string, string> = app) => world.client.rest('GET', path, headers);

interface Told {
  department?: { id: string; name: string };
  employee?: { userId: string; mobile?: string; email?: string; deptIdList: string[] };
  summary?: { departments: number; employees: number; skipped: number };
}

const recordsOf = (text: string): Told[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);

const company = () => world.sandbox.desk.world;
const departments = () => [...company().departments.values()].filter(({ dept_id }) => dept_id > 0);

/** Reads an answer that may break off: what came of it, and whether it came to its end. */
function read(
  path: string,
  onData?: (stop: () => void) => void,
  headers: Record<string, string> = app,
): Promise<{ text: string; isWhole: boolean }> {
  const { port } = new URL(world.client.url);
  return new Promise((done) => {
    let text = '';
    const call = httpRequest({ host: '127.0.0.1', port, path, headers }, (answer) => {
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
        onData?.(() => call.destroy());
      });
      answer.on('error', () => done({ text, isWhole: false }));
      answer.on('close', () => done({ text, isWhole: answer.complete }));
    });
    call.on('error', () => done({ text, isWhole: false }));
    call.end();
  });
}

const until = async (holds: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await new Promise((wait) => setTimeout(wait, 25));
  expect(holds()).toBe(true);
};

describe('an export', () => {
  it('tells each department below one and each person once, with the counts at last', async () => {
    const lisi = company().byUserId('lisi');
    if (lisi)
      lisi.departments = departments()
        .slice(0, 5)
        .map(({ dept_id }) => dept_id);
    const { status, headers, text } = await get(ROOT_EXPORT);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    expect(headers.get('content-disposition')).toBe('attachment; filename="department-1.ndjson"');
    const records = recordsOf(text);
    const told = records.flatMap(({ department }) => department?.id ?? []);
    expect([...told].sort()).toEqual(
      departments()
        .map(({ dept_id }) => String(dept_id))
        .sort(),
    );
    const people = records.flatMap(({ employee }) => employee?.userId ?? []);
    expect([...people].sort()).toEqual(
      company()
        .employees()
        .map(({ userid }) => userid)
        .sort(),
    );
    expect(records.at(-1)).toEqual({ summary: { departments: told.length, employees: people.length, skipped: 0 } });
    expect(records[0]).toEqual({
      department: expect.objectContaining({ id: '1', name: '星河科技有限公司', parentId: null }),
    });
  });

  it('of a part tells that part alone', async () => {
    const [part] = company().below(1);
    const records = recordsOf((await get(`/v1/departments/${part?.dept_id}/export`)).text);
    const ids = records.flatMap(({ department }) => department?.id ?? []);
    expect(ids).toHaveLength(
      departments().filter(({ dept_id }) =>
        company()
          .pathOf(dept_id)
          .includes(part?.dept_id ?? 0),
      ).length,
    );
    expect(ids[0]).toBe(String(part?.dept_id));
  });

  it('makes one call for each department, one for each page of its people, and one for the department itself', async () => {
    for (const person of company().employees()) person.departments = [BIG];
    await get('/v1/departments/1', app);
    world.sandbox.journal.clear();
    await get(ROOT_EXPORT);
    expect(world.calls(LISTSUB)).toHaveLength(departments().length);
    expect(world.calls(LIST)).toHaveLength(departments().length);
    expect(world.calls()).toHaveLength(2 * departments().length + 1);
    expect(JSON.parse(world.calls(LIST)[0]?.body ?? '')).toEqual({ dept_id: 1, cursor: 0, size: 100 });
  });

  it('never makes more than three calls of one API at a time', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 20, route: `POST ${LISTSUB}` });
    const { startedAtOnce } = await concurrency(() => get(ROOT_EXPORT));
    expect(startedAtOnce).toBeLessThanOrEqual(3);
    expect(startedAtOnce).toBeGreaterThan(1);
  });

  it('tells mobile and mail by the rights of whoever asks', async () => {
    const own = recordsOf((await get(ROOT_EXPORT, bearer(keyOf('department:read employee:read')))).text);
    const lisi = own.find(({ employee }) => employee?.userId === 'lisi')?.employee;
    expect([lisi?.mobile, lisi?.email]).toEqual(['138****2468', undefined]);
    const csv = await get(`${ROOT_EXPORT}?format=csv`, bearer(keyOf('department:read employee:read')));
    expect(csv.text).not.toContain('13800002468');
    expect(csv.text).not.toContain('k93lmwqxrtpb7slisi@example.com');
    const all = recordsOf((await get(ROOT_EXPORT)).text);
    expect(all.find(({ employee }) => employee?.userId === 'lisi')?.employee?.mobile).toBe('13800002468');
    const admin = await world.client.signIn(world.authCode('102530009661373952'));
    const asAdmin = recordsOf((await get(ROOT_EXPORT, admin)).text);
    expect(asAdmin.find(({ employee }) => employee?.userId === 'lisi')?.employee?.mobile).toBe('138****2468');
    expect(asAdmin.find(({ employee }) => employee?.userId === '102530009661373952')?.employee?.mobile).toBe(
      '15000009144',
    );
  });

  it('passes over departments that are gone, and tells their people where else they are', async () => {
    const [gone] = company().below(1);
    const lisi = company().byUserId('lisi');
    if (lisi) lisi.departments = [gone?.dept_id ?? 0, BIG];
    const body = { errcode: 60003, errmsg: '部门不存在' };
    world.sandbox.levers.add({ kind: 'latency', ms: 1, route: `POST ${LISTSUB}`, times: 1 });
    world.sandbox.levers.add({ kind: 'answer', body, route: `POST ${LISTSUB}`, times: 1 });
    const records = recordsOf((await get(ROOT_EXPORT)).text);
    expect(records.some(({ department }) => department?.id === String(gone?.dept_id))).toBe(false);
    expect(records.filter(({ employee }) => employee?.userId === 'lisi')).toHaveLength(1);
    expect(records.at(-1)?.summary).toMatchObject({ skipped: 1 });
  });

  it('tells each person once in whichever of their departments it meets first, those that are gone left out', async () => {
    const { departments: tree } = company();
    const add = (dept_id: number, parent_id: number) =>
      company().addDepartment({ dept_id, parent_id, name: `d${dept_id}`, order: 1 });
    add(100, 1);
    for (const id of [101, 102, 103]) add(id, 100);
    add(104, 103);
    const body = { errcode: 60003, errmsg: '部门不存在' };
    world.sandbox.levers.add({ kind: 'latency', ms: 1, route: `POST ${LISTSUB}`, times: 1 });
    world.sandbox.levers.add({ kind: 'answer', body, route: `POST ${LISTSUB}`, times: 1 });
    const people = company().employees().slice(0, 4);
    const homes = [[103, 104], [101, 104], [102, 103, 104], [100]];
    people.forEach((person, index) => (person.departments = homes[index] ?? []));
    const records = recordsOf((await get('/v1/departments/100/export')).text);
    const told = records.flatMap(({ employee }) => employee?.userId ?? []);
    expect([...told].sort()).toEqual(people.map(({ userid }) => userid).sort());
    expect(records.at(-1)?.summary).toEqual({ departments: 4, employees: 4, skipped: 1 });
    expect(tree.has(101)).toBe(true);
  });

  it('reads a department once, be it told twice, or below itself', async () => {
    const child = { dept_id: BIG, name: '海外事业部', parent_id: 1 };
    const result = [child, child, { dept_id: 1, name: '星河科技有限公司' }];
    world.sandbox.levers.add({ kind: 'answer', body: { errcode: 0, result }, route: `POST ${LISTSUB}` });
    const records = recordsOf((await get(ROOT_EXPORT)).text);
    expect(records.flatMap(({ department }) => department?.id ?? [])).toEqual(['1', String(BIG)]);
  });

  it('tells somebody who comes into a department that was told already, where they are told next', async () => {
    const [early, late] = [company().below(1)[0]?.dept_id ?? 0, BIG];
    const lisi = company().byUserId('lisi');
    if (lisi) lisi.departments = [late];
    world.sandbox.levers.add({ kind: 'latency', ms: 20, route: `POST ${LISTSUB}` });
    const exporting = get(ROOT_EXPORT);
    await until(() => world.calls(LIST).some((call) => call.body.includes(`"dept_id":${early}`)));
    await new Promise((wait) => setTimeout(wait, 30));
    lisi?.departments.push(early);
    const people = recordsOf((await exporting).text).flatMap(({ employee }) => employee?.userId ?? []);
    expect(people.filter((userId) => userId === 'lisi')).toHaveLength(1);
  });

  it.each([
    ['is not there', '/v1/departments/12345/export', 404, 'NOT_FOUND'],
    ['has no such id', '/v1/departments/abc/export', 400, 'BAD_INPUT'],
    ['is asked for in another format', `${ROOT_EXPORT}?format=xml`, 400, 'BAD_INPUT'],
    ['is asked for in an inherited format', `${ROOT_EXPORT}?format=constructor`, 400, 'BAD_INPUT'],
    ['is asked for with something else', `${ROOT_EXPORT}?formt=csv`, 400, 'BAD_INPUT'],
  ])('of one that %s is a plain failure', async (_, path, status, code) => {
    const answer = await get(path);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBeNull();
    expect(answer.body).toMatchObject({ status, code });
  });

  it('of one outside the contact scope is a plain failure too', async () => {
    company().outOfScope = { departments: [1], people: [] };
    expect((await get(ROOT_EXPORT)).body).toMatchObject({ status: 502, code: 'DINGTALK_NOT_PERMITTED' });
  });

  it('asked for by HEAD asks DingTalk whether the department is there, and for nothing else', async () => {
    world.sandbox.journal.clear();
    expect((await world.client.rest('HEAD', ROOT_EXPORT, app)).status).toBe(200);
    expect((await world.client.rest('HEAD', '/v1/departments/12345/export', app)).status).toBe(404);
    expect(world.calls().map(({ path }) => path)).toEqual(Array(2).fill('/topapi/v2/department/get'));
  });
});

/** How many calls of the children were under way at once. */
async function concurrency(work: () => Promise<unknown>): Promise<{ startedAtOnce: number }> {
  world.sandbox.journal.clear();
  await work();
  const starts = world.calls(LISTSUB).map(({ at }) => Date.parse(at));
  const startedAtOnce = Math.max(
    ...starts.map((one) => starts.filter((other) => other >= one && other < one + 15).length),
  );
  return { startedAtOnce };
}

describe('an export that breaks off', () => {
  it.each(['ndjson', 'csv'])(
    'in the middle is seen to be: %s has no summary, and the connection breaks',
    async (format) => {
      world.sandbox.levers.add({ kind: 'latency', ms: 1, route: `POST ${LIST}`, times: 8 });
      world.sandbox.levers.add({ kind: 'throttle', route: `POST ${LIST}` });
      const { text, isWhole } = await read(`${ROOT_EXPORT}?format=${format}`);
      expect(isWhole).toBe(false);
      expect(text).toContain('department');
      expect(text).not.toContain('summary');
      const line = world.capture.logs.filter((log) => log.includes('export broke off')).at(-1);
      expect(JSON.parse(line ?? '{}')).toMatchObject({ code: 'DINGTALK_THROTTLED', requestId: expect.any(String) });
    },
  );

  it('for a page that takes longer than a request may ends there; the whole may take longer', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 120, route: `POST ${LISTSUB}` });
    const startMs = performance.now();
    const { text, isWhole } = await read(ROOT_EXPORT);
    expect(isWhole).toBe(true);
    expect(performance.now() - startMs).toBeGreaterThan(1500);
    expect(text).toContain('summary');
    world.sandbox.levers.clear();
    world.sandbox.levers.add({ kind: 'latency', ms: 1, route: `POST ${LIST}`, times: 8 });
    world.sandbox.levers.add({ kind: 'hang', route: `POST ${LIST}` });
    expect((await read(ROOT_EXPORT)).isWhole).toBe(false);
  });

  it('since its caller went away asks DingTalk for no more', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 60, route: `POST ${LISTSUB}` });
    const { isWhole } = await read(ROOT_EXPORT, (stop) => stop());
    expect(isWhole).toBe(false);
    await new Promise((wait) => setTimeout(wait, 300));
    const made = world.calls(LISTSUB).length;
    await new Promise((wait) => setTimeout(wait, 300));
    expect(world.calls(LISTSUB)).toHaveLength(made);
    expect(made).toBeLessThan(departments().length / 2);
    expect(
      world.capture.logs.filter((log) => log.includes('export broke off') && log.includes('TIMEOUT')),
    ).toHaveLength(1);
  });

  it('gives its place back at once when its caller goes away, whatever DingTalk is doing', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 1, route: `POST ${LIST}`, times: 8 });
    world.sandbox.levers.add({ kind: 'hang', route: `POST ${LIST}` });
    const stops: (() => void)[] = [];
    const leaving = [app, app].map((headers) => read(ROOT_EXPORT, (stop) => void stops.push(stop), headers));
    await until(() => stops.length > 1);
    for (const stop of stops) stop();
    await Promise.all(leaving);
    await new Promise((wait) => setTimeout(wait, 200));
    world.sandbox.levers.clear();
    expect((await get(ROOT_EXPORT)).status).toBe(200);
    expect(world.capture.logs.some((log) => log.includes('dingtalk call given up'))).toBe(true);
  });

  it('gives its place back, however it ended: four run at a time, two of one caller, and no more', async () => {
    for (const path of [ROOT_EXPORT, '/v1/departments/12345/export', `${ROOT_EXPORT}?format=csv`]) {
      for (let count = 0; count < 5; count += 1) await get(path);
    }
    for (let count = 0; count < 5; count += 1) await read(ROOT_EXPORT, (stop) => stop());
    await new Promise((wait) => setTimeout(wait, 300));
    world.sandbox.levers.add({ kind: 'latency', ms: 100, route: `POST ${LISTSUB}` });
    world.sandbox.journal.clear();
    const others = [app, app, second, second].map((headers) => read(ROOT_EXPORT, undefined, headers));
    await until(() => world.calls('/topapi/v2/department/get').length === 4);
    const mine = await get(ROOT_EXPORT);
    expect(mine.body).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS', retryable: true });
    const fifth = await get(ROOT_EXPORT, await world.client.signIn(world.authCode('102530009661373952')));
    expect(fifth.body).toMatchObject({ status: 503, code: 'OVERLOADED', retryable: true });
    for (const { headers } of [mine, fifth]) expect(headers.get('retry-after')).toBe('30');
    expect((await Promise.all(others)).map(({ isWhole }) => isWhole)).toEqual([true, true, true, true]);
    expect((await get(ROOT_EXPORT)).status).toBe(200);
  });
});

describe('an export as CSV', () => {
  /** Rows of RFC 4180, as a spreadsheet reads them. */
  function parse(text: string): string[][] {
    const rows: string[][] = [[]];
    for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
      rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
      if (end === '\r\n') rows.push([]);
    }
    return rows.filter((row) => row.length > 1);
  }

  it('has a row for each record under a header, and begins with a byte order mark for Excel', async () => {
    const raw = await fetch(`${world.client.url}${ROOT_EXPORT}?format=csv`, { headers: app });
    const bytes = Buffer.from(await raw.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(raw.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(raw.headers.get('content-disposition')).toBe('attachment; filename="department-1.csv"');
    const [header = [], ...rows] = parse(bytes.toString('utf8').slice(1));
    expect(rows.every((row) => row.length === header.length)).toBe(true);
    const named = rows.map((row) => Object.fromEntries(row.map((value, index) => [header[index], value])));
    const lisi = named.find(({ id }) => id === 'lisi');
    expect(lisi).toMatchObject({
      record: 'employee',
      name: '李四',
      mobile: '13800002468',
      admin: 'false',
      parentId: '',
    });
    expect(named.at(-1)).toMatchObject({
      record: 'summary',
      employees: '60',
      departments: String(departments().length),
    });
    expect(named[0]).toMatchObject({ record: 'department', id: '1', name: '星河科技有限公司' });
  });

  it('has a column for each field that NDJSON tells', async () => {
    const [header = []] = parse((await get(`${ROOT_EXPORT}?format=csv`)).text);
    const told = recordsOf((await get(ROOT_EXPORT)).text).flatMap((record) =>
      Object.values(record).flatMap(Object.keys),
    );
    expect([...new Set(told)].filter((field) => !header.includes(field))).toEqual(['userId']);
  });

  it.each([
    '=1+1',
    '+1',
    '-1+1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '＝1',
    '=HYPERLINK("http://evil","x")',
    "=cmd|'/c calc'!A1",
  ])('makes no formula of a name like %j', async (name) => {
    Object.assign(company().byUserId('lisi') ?? {}, { name, title: `a,"b"\n${name}` });
    const { text } = await get(`${ROOT_EXPORT}?format=csv`);
    const row = parse(text).find((cells) => cells[1] === 'lisi');
    expect(row?.[2]).toBe(`'${name}`);
    expect(row?.[6]).toBe(`a,"b"\n${name}`);
  });
});
