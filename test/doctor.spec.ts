import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SANDBOX_APP, Sandbox } from '../apps/dingtalk-sandbox/src/sandbox.js';
import { examine } from '../apps/gateway/src/doctor/examine.js';
import type { Finding } from '../apps/gateway/src/doctor/finding.js';
import { Program, freePort } from './harness/processes.js';
import { type Environment, environmentFor } from './harness/world.js';

const sandbox = new Sandbox({ people: 60 });
const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
let environment: Environment;

beforeAll(async () => {
  await sandbox.start();
  environment = { ...environmentFor(sandbox, folder), DINGTALK_QPS: '20' };
});
afterEach(() => sandbox.reset());
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

const run = (more: Environment = {}, ...options: string[]) =>
  Program.node(['dist/apps/gateway/src/doctor.js', ...options], { ...environment, ...more }).ended;

/** What it says of each thing. */
async function examined(more: Environment = {}) {
  const findings: Finding[] = [];
  for await (const finding of examine({ ...environment, ...more })) findings.push(finding);
  const of = (name: string) => findings.find((finding) => finding.name === name);
  return { of, wrong: findings.filter(({ verdict }) => verdict === 'wrong').map(({ name }) => name) };
}

describe('the doctor', () => {
  it('finds nothing wrong with a gateway that has all it needs, in a table that is plain where it is piped', async () => {
    const { code, stdout, stderr } = await run();
    expect([code, stderr]).toEqual([0, '']);
    for (const name of [
      'settings',
      'internal apps',
      'clock',
      'credentials',
      'address',
      'permission qyapi_get_member',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ok +${name} `, 'm'));
    }
    expect(stdout).toMatch(/^ok +contact scope +the whole organisation$/m);
    expect(stdout).toMatch(/All is well\.\n$/);
    expect(stdout).not.toContain('\u001b');
  });

  it('changes nothing, and makes no call that counts against the month’s quota', async () => {
    const before = JSON.stringify([...sandbox.desk.world.departments.values()]);
    await run();
    const paths = new Set(sandbox.journal.all().map(({ path }) => path));
    expect(paths).toEqual(
      new Set([
        '/v1.0/oauth2/accessToken',
        ...['department/get', 'department/update', 'user/get', 'user/list'].map((path) => `/topapi/v2/${path}`),
        '/auth/scopes',
      ]),
    );
    expect(JSON.stringify([...sandbox.desk.world.departments.values()])).toBe(before);
  });

  it.each(['qyapi_get_department_list', 'qyapi_get_department_member', 'qyapi_get_member', 'qyapi_manage_addresslist'])(
    'names a permission that is missing, and where to grant it: %s',
    async (code) => {
      sandbox.levers.settings.missingPermissions = [code];
      const { of, wrong } = await examined();
      expect(wrong).toEqual([`permission ${code}`]);
      expect(of(`permission ${code}`)?.todo).toMatch(
        new RegExp(`open-dev.dingtalk.com → .*权限管理.*${code}.*申请权限`),
      );
    },
  );

  it('knows a wrong secret, and says where the right one is', async () => {
    const { of, wrong } = await examined({ DINGTALK_CLIENT_SECRET: 'wrong-secret-of-the-test' });
    expect(wrong).toEqual(['credentials']);
    expect(of('credentials')?.todo).toMatch(/DINGTALK_CLIENT_SECRET.*凭证与基础信息/);
    expect(of('permission qyapi_get_member')).toBeUndefined();
  });

  it('knows an address that is not on the whitelist, once for all permissions', async () => {
    sandbox.levers.settings.addressRefused = true;
    const { of, wrong } = await examined();
    expect(wrong).toEqual(['address']);
    expect(of('address')?.todo).toMatch(/安全设置 → 服务器出口IP/);
  });

  it('knows a clock that is wrong', async () => {
    for (const [aheadS, words] of [
      [-3600, '3600 s ahead of DingTalk’s'],
      [90, '90 s behind DingTalk’s'],
    ] as const) {
      sandbox.levers.settings.clockAheadS = aheadS;
      const { of, wrong } = await examined();
      expect(wrong).toEqual(['clock']);
      expect(of('permission qyapi_get_member')).toMatchObject({ verdict: 'ok' });
      expect(Math.abs(Number(/^\d+/.exec(of('clock')?.found ?? '')?.[0]) - Math.abs(aheadS))).toBeLessThanOrEqual(2);
      expect(of('clock')?.found).toContain(words.replace(/^\d+ /, ''));
    }
  });

  it('tells a contact scope that is not the whole organisation', async () => {
    const [, , first] = [...sandbox.desk.world.departments.keys()];
    sandbox.desk.world.outOfScope = { departments: [first ?? 0], people: [] };
    const { of, wrong } = await examined();
    expect(wrong).toEqual([]);
    expect(of('contact scope')).toMatchObject({ verdict: 'note', todo: expect.stringContaining('权限范围') });
  });

  it('ends with 1 where something is to be mended, and tells programs in JSON', async () => {
    sandbox.levers.settings.missingPermissions = ['qyapi_get_member'];
    const { code, stdout } = await run({}, '--json');
    const told = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
    expect([code, told.ok]).toEqual([1, false]);
    expect(told.findings).toContainEqual(
      expect.objectContaining({ name: 'permission qyapi_get_member', verdict: 'wrong' }),
    );
  });

  it('tells every setting that is wrong, never its value, and a file of apps that cannot be read', async () => {
    const { wrong, of } = await examined({ DINGTALK_CORP_ID: undefined, DINGTALK_QPS: 'lots-of-them' });
    expect(wrong).toEqual(['settings', 'settings']);
    expect(JSON.stringify(of('settings'))).not.toContain('lots-of-them');
    expect((await examined({ INTERNAL_APPS_FILE: '/nowhere.json' })).wrong).toEqual(['internal apps']);
  });

  it('knows hosts that cannot be reached', async () => {
    const nobody = `127.0.0.1:${await freePort()}`;
    const { of, wrong } = await examined({
      DINGTALK_API_URL: `http://${nobody}`,
      DINGTALK_OAPI_URL: 'https://no.invalid',
    });
    expect(wrong.sort()).toEqual([nobody, 'no.invalid']);
    expect(of(nobody)).toMatchObject({
      found: 'cannot be reached: ECONNREFUSED',
      todo: expect.stringContaining('DINGTALK_API_URL'),
    });
    expect(of('no.invalid')?.found).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  it('knows a Redis that does not answer', async () => {
    const { of, wrong } = await examined({
      REDIS_URL: 'redis://:pass-of-it@127.0.0.1:9',
      STATE_SECRET: 'a-secret-of-the-test',
    });
    expect(wrong).toEqual(['Redis']);
    expect(of('Redis')?.found).toBe('does not answer: ECONNREFUSED');
  });

  it('says nothing secret, reads a file of variables, and tells how it is used', async () => {
    const file = join(folder, 'gateway.env');
    writeFileSync(
      file,
      Object.entries(environment)
        .map(([name, value]) => `${name}=${value}`)
        .join('\n'),
    );
    const { code, stdout } = await Program.node(['dist/apps/gateway/src/doctor.js', '--env-file', file]).ended;
    expect(code).toBe(0);
    for (const secret of [SANDBOX_APP.clientSecret, SANDBOX_APP.clientId, ...sandbox.desk.tokens.secrets()]) {
      expect(stdout).not.toContain(secret);
    }
    expect((await run({}, '--help')).stdout).toContain('npm run doctor');
    expect((await run({}, '--nonsense')).code).toBe(2);
  });
});
