import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hashKey } from '#access';
import { SANDBOX_APP, Sandbox } from '../apps/dingtalk-sandbox/src/sandbox.js';
import { bearer } from './harness/client.js';
import { Program, freePort, shell } from './harness/processes.js';

/** As it runs for a user: a process of its own, whose memory is its own. */
let gateway: Program;
let url: string;
const sandbox = new Sandbox({ people: 20_000 });
const folder = mkdtempSync(join(tmpdir(), 'large-'));
const KEY = 'key-of-a-directory-sync';
const headers = bearer(KEY);

const LIST = '/topapi/v2/user/list';
const LISTSUB = '/topapi/v2/department/listsub';
const MIB = 1024 * 1024;

beforeAll(async () => {
  await sandbox.start();
  const apps = join(folder, 'apps.json');
  const scopes = ['department:read', 'employee:read'];
  writeFileSync(apps, JSON.stringify([{ id: 'sync', keyHash: hashKey(KEY), scopes, rate: 'off' }]));
  const PORT = String(await freePort());
  url = `http://localhost:${PORT}`;
  // Little room for what is young: what grows then is what is kept, and not what V8 leaves lying about.
  gateway = Program.node(['--max-semi-space-size=8', 'dist/apps/gateway/src/main.js'], {
    ...{ PORT, INTERNAL_APPS_FILE: apps, DINGTALK_API_URL: sandbox.url, DINGTALK_OAPI_URL: sandbox.url },
    // The walk itself is what this is about, not the pace that DingTalk allows.
    DINGTALK_QPS: '1000000',
    DINGTALK_CLIENT_ID: SANDBOX_APP.clientId,
    DINGTALK_CLIENT_SECRET: SANDBOX_APP.clientSecret,
    DINGTALK_CORP_ID: SANDBOX_APP.corpId,
  });
  await gateway.says('listening');
  await fetch(`${url}/v1/departments/300000001/export`, { headers }).then((answer) => answer.text());
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => sandbox.journal.clear());

const company = sandbox.desk.world;
const departments = [...company.departments.values()].filter(({ dept_id }) => dept_id > 0);
const idsOfDepartments = departments.map(({ dept_id }) => String(dept_id)).sort();
const idsOfPeople = company
  .employees()
  .map(({ userid }) => userid ?? '')
  .sort();

/** Pages of members that there are: an empty department has one. */
const pages = departments
  .map(({ dept_id }) => Math.max(1, Math.ceil(company.members(dept_id).length / 100)))
  .reduce((sum, count) => sum + count, 0);

/** By how much the gateway’s memory grows at most while a piece of work is done. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  const resident = async () => 1024 * Number((await shell(`ps -o rss= -p ${gateway.pid}`)).stdout);
  const before = await resident();
  let most = before;
  let done = false;
  const watch = (async () => {
    while (!done) {
      most = Math.max(most, await resident());
      await new Promise((wait) => setTimeout(wait, 50));
    }
  })();
  try {
    await work();
  } finally {
    done = true;
    await watch;
  }
  return most - before;
}

const countsOf = (path: string): number => sandbox.journal.all(path).length;

describe('a company of 20,000 people in 800 departments', () => {
  it('is that large, with departments of several pages and people in several departments', () => {
    expect([idsOfPeople.length, departments.length]).toEqual([20_000, 800]);
    expect(pages).toBeGreaterThan(820);
    expect(company.employees().filter((person) => person.departments.length > 1).length).toBeGreaterThan(1000);
  });

  it.each(['ndjson', 'csv'])(
    'is exported as %s: each once, by the least calls, in little memory',
    async (format) => {
      let text = '';
      const grown = await growth(async () => {
        const answer = await fetch(`${url}/v1/departments/1/export?format=${format}`, { headers });
        for await (const chunk of answer.body ?? []) text += Buffer.from(chunk as Uint8Array).toString('latin1');
      });
      const told = (kind: string): string[] =>
        format === 'csv'
          ? [...text.matchAll(new RegExp(`^${kind},([^,]*),`, 'gm'))].map(([, id]) => id ?? '').sort()
          : [...text.matchAll(new RegExp(`^{"${kind}":{"(?:userId|id)":"([^"]*)"`, 'gm'))]
              .map(([, id]) => id ?? '')
              .sort();
      expect(told('department')).toEqual(idsOfDepartments);
      expect(told('employee')).toEqual(idsOfPeople);
      expect(text.trimEnd().split('\n').at(-1)).toMatch(/^({"summary":|summary,).*800.*20000.*0/);
      expect([countsOf(LISTSUB), countsOf(LIST)]).toEqual([800, pages]);
      expect(sandbox.journal.all()).toHaveLength(800 + pages + 1);
      expect(grown).toBeLessThan(64 * MIB);
    },
    60_000,
  );

  it('is walked by REST: each once, by the least calls, in little memory', async () => {
    const get = async (path: string) => {
      const answer = await fetch(`${url}${path}`, { headers });
      return { link: answer.headers.get('link'), body: (await answer.json()) as Listed };
    };
    const [found, people] = [new Set(['1']), new Set<string>()];
    let told = 0;
    const grown = await growth(async () => {
      // A set that grows while it is walked.
      for (const id of found) {
        for (const child of (await get(`/v1/departments/${id}/children`)).body.departments ?? []) found.add(child.id);
        for (let next: string | undefined = `/v1/departments/${id}/members?limit=100`; next;) {
          const { link, body } = await get(next);
          for (const { userId } of body.employees ?? []) people.add(userId);
          told += body.employees?.length ?? 0;
          next = /<([^>]+)>/.exec(link ?? '')?.[1];
        }
      }
    });
    expect([...found].sort()).toEqual(idsOfDepartments);
    expect([...people].sort()).toEqual(idsOfPeople);
    expect(told).toBe(departments.reduce((sum, { dept_id }) => sum + company.members(dept_id).length, 0));
    expect([countsOf(LISTSUB), countsOf(LIST)]).toEqual([800, pages]);
    expect(grown).toBeLessThan(64 * MIB);
  }, 60_000);
});

interface Listed {
  departments?: { id: string }[];
  employees?: { userId: string }[];
}
