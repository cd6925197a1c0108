import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readSettings } from '#config';
import { SANDBOX_APP, Sandbox } from '../apps/dingtalk-sandbox/src/sandbox.js';
import { Program, freePort, shell } from './harness/processes.js';

const GATEWAY = ['dist/apps/gateway/src/main.js'];
const folder = mkdtempSync(join(tmpdir(), 'commands-'));

interface Page {
  department: {
    name: string;
    parent: unknown;
    children: unknown[];
    members: { nodes: { name: string; manager: unknown }[] };
  };
}

describe('.env.example', () => {
  it('has every variable that the settings read, and no other', () => {
    const read = new Set<string>();
    const environment = new Proxy({}, { get: (_, name) => void read.add(String(name)) });
    expect(() => readSettings(environment)).toThrow('DINGTALK_CLIENT_ID is required');
    const told = [...readFileSync('.env.example', 'utf8').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
    const own = [...read].filter((name) => name !== 'NODE_ENV' && !name.endsWith('_FILE'));
    expect(new Set(told)).toEqual(new Set([...own, 'INTERNAL_APPS_FILE', 'TRUSTED_DOCUMENTS_FILE']));
  });
});

describe('npm run sandbox', () => {
  let both: Program;
  let ports: { PORT: string; SANDBOX_PORT: string };

  beforeAll(async () => {
    ports = { PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) };
    both = Program.node(['scripts/sandbox.mjs'], ports);
    await both.says('Ctrl+C stops both.');
  }, 60_000);
  afterAll(() => both.stop());

  /** The commands to paste, as they were printed. */
  const printed = (): string[] =>
    both.stdout
      .split('\n\n')
      .filter((part) => part.includes('curl '))
      .map((part) => part.slice(part.indexOf('curl ')));

  it('prints calls that work at once: a profile, a department, a visibility, who did it', async () => {
    const answers = await Promise.all(printed().map(async (command) => (await shell(command, folder)).stdout));
    expect(answers).toHaveLength(4);
    const [profile, department, visibility, trail] = answers;
    expect(profile).toContain('"user":{"unionId":"k93LmWqxRtpb7Slisi"');
    expect(JSON.parse(department ?? '').data.updateDepartment.department).toEqual({
      id: '9007199254740991',
      name: '全球事业部',
    });
    expect(JSON.parse(visibility ?? '')).toEqual({ visibility: { toCorpIds: ['ding12345678'], fields: ['mobile'] } });
    expect(trail).toMatch(/^\{"grants":\[.*\{"auditEvents":\[\{/);
  });

  it('prints pages that are there', async () => {
    const urls = [...both.stdout.matchAll(/http:\/\/localhost:\d+(?:\/graphql|\/docs|)(?=\s)/g)].map(([url]) => url);
    const pages = await Promise.all([...new Set(urls)].map((url) => fetch(url, { headers: { accept: 'text/html' } })));
    expect(pages.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 200, 200]));
    expect(pages.every(({ status }) => status === 200)).toBe(true);
  });

  it('says nothing of the gateway’s own credentials', () => {
    expect(both.stdout + both.stderr).not.toContain(SANDBOX_APP.clientSecret);
  });

  it('runs every command of the README as it stands there', async () => {
    const blocks = [...readFileSync('README.md', 'utf8').matchAll(/```sh tested\n([\s\S]*?)```/g)].map(
      ([, block]) => block,
    );
    expect(blocks.length).toBeGreaterThanOrEqual(3);
    for (const block of blocks) {
      const command = (block ?? '')
        .replaceAll('localhost:3000', `localhost:${ports.PORT}`)
        .replaceAll('localhost:3001', `localhost:${ports.SANDBOX_PORT}`);
      const { code, stdout } = await shell(`set -e; ${command}`, folder);
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(stdout).not.toMatch(/"errors":|"code":"[A-Z_]+"/);
      expect(stdout.trim()).not.toBe('');
    }
  });

  it('answers the page query of the README: a department, those below it, its people with their managers', async () => {
    const [, json = ''] = /cat > page\.json <<'PAGE'\n([\s\S]*?)PAGE/.exec(readFileSync('README.md', 'utf8')) ?? [];
    const answer = await fetch(`http://localhost:${ports.PORT}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer demo-key-of-the-sandbox' },
      body: json,
    });
    const { data, errors } = (await answer.json()) as { data: Page; errors?: unknown };
    expect(errors).toBeUndefined();
    const { name, parent, children, members } = data.department;
    expect([name, parent]).toEqual(['星河科技有限公司', null]);
    expect(children.length).toBeGreaterThan(5);
    const [boss, ...others] = members.nodes;
    expect([boss?.name, boss?.manager, others.length > 3]).toEqual(['张三', null, true]);
    for (const { manager } of others) expect(manager).toEqual({ userId: '102530009661373952', name: '张三' });
  });

  it('ends both by one SIGTERM to npm', async () => {
    const free = { PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) };
    const npm = new Program('npm', ['run', 'sandbox'], free);
    await npm.says('Ctrl+C stops both.', 60_000);
    await npm.stop();
    const gone = async (port: string) =>
      fetch(`http://localhost:${port}`).then(
        () => false,
        () => true,
      );
    for (let count = 0; count < 50 && !((await gone(free.PORT)) && (await gone(free.SANDBOX_PORT))); count += 1) {
      await new Promise((wait) => setTimeout(wait, 100));
    }
    expect([await gone(free.PORT), await gone(free.SANDBOX_PORT)]).toEqual([true, true]);
  }, 60_000);

  it('started twice says in one sentence which port is taken', async () => {
    const { code, stdout, stderr } = await Program.node(['scripts/sandbox.mjs'], ports).ended;
    expect(code).toBe(1);
    expect(stderr.trim()).toBe(`Port ${ports.SANDBOX_PORT} is taken: set SANDBOX_PORT to a free one.`);
    expect(stdout).not.toContain('Calls to paste');
  });
});

describe('the gateway', () => {
  const sandbox = new Sandbox({ people: 10 });
  beforeAll(() => sandbox.start());
  afterAll(() => sandbox.stop());

  const environment = async (more: Record<string, string> = {}) => ({
    PORT: String(await freePort()),
    DINGTALK_CLIENT_ID: SANDBOX_APP.clientId,
    DINGTALK_CLIENT_SECRET: SANDBOX_APP.clientSecret,
    DINGTALK_CORP_ID: SANDBOX_APP.corpId,
    DINGTALK_API_URL: sandbox.url,
    DINGTALK_OAPI_URL: sandbox.url,
    ...more,
  });

  it('with a wrong environment says every fault in one message, no value among them', async () => {
    const { code, stderr, stdout } = await Program.node(GATEWAY, {
      PORT: 'secret-port',
      DINGTALK_API_URL: 'http://a.b',
    }).ended;
    expect(code).toBe(1);
    expect(stdout).toBe('');
    for (const name of [
      'PORT',
      'DINGTALK_CLIENT_ID',
      'DINGTALK_CLIENT_SECRET',
      'DINGTALK_CORP_ID',
      'DINGTALK_API_URL',
    ]) {
      expect(stderr).toContain(name);
    }
    expect(stderr).not.toMatch(/secret-port|a\.b|at \w+/);
  });

  it('with a wrong apps file says what is wrong with it', async () => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, '[{"id":"x"}]');
    const { code, stderr, stdout } = await Program.node(GATEWAY, await environment({ INTERNAL_APPS_FILE: file })).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('INTERNAL_APPS_FILE is not right:');
    expect(stderr + stdout).not.toMatch(/at \w+ \(|ExceptionHandler/);
  });

  it('in production says so where people could not sign in', async () => {
    const gateway = Program.node(GATEWAY, { ...(await environment()), NODE_ENV: 'production' });
    await gateway.says('PUBLIC_URL is not https');
    expect((await gateway.stop()).code).toBe(0);
  });

  it.each(['PORT', 'ADMIN_PORT'])('on a taken %s says so in one sentence', async (name) => {
    const taken = new URL(sandbox.url).port;
    const { code, stdout, stderr } = await Program.node(GATEWAY, await environment({ [name]: taken })).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trim()).toBe(`Port ${taken} of 127.0.0.1 is taken: set ${name} to a free one.`);
  });

  it('without what Redis needs, or with an address that is none, names the variables, and no value', async () => {
    const wrong = { REDIS_URL: 'redis://:pass%word@cache', STATE_SECRET: 'short-one' };
    const { code, stderr } = await Program.node(GATEWAY, await environment(wrong)).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /REDIS_URL must be redis:.*STATE_SECRET must be of at least 16|STATE_SECRET must be[^]*REDIS_URL must be/,
    );
    expect(stderr).not.toMatch(/pass%word|short-one|cache/);
  });

  it('on a host that is none says so in one sentence', async () => {
    const { stderr } = await Program.node(GATEWAY, await environment({ HOST: 'nowhere.invalid' })).ended;
    expect(stderr.trim()).toMatch(/^HOST and PORT cannot be listened on \(\w+\)\.$/);
  });

  it('stops by SIGTERM with exit code 0', async () => {
    const gateway = Program.node(GATEWAY, await environment());
    await gateway.says('listening');
    expect(await gateway.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  it('does not send its calls through a proxy that its environment names', async () => {
    const nowhere = 'http://127.0.0.1:9';
    const proxies = { HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, http_proxy: nowhere, ALL_PROXY: nowhere };
    const settings = await environment(proxies);
    const gateway = Program.node(GATEWAY, settings);
    await gateway.says('listening');
    expect((await fetch(`http://localhost:${settings.PORT}/health/ready`)).status).toBe(200);
    await gateway.stop();
  });

  it('lets in whom npm run app:create made a key for', async () => {
    const made = await Program.node(['dist/apps/gateway/src/create-app.js', 'org-sync', '--scope', 'department:read'])
      .ended;
    const key = /dcg_[\w-]{43}/.exec(made.stdout)?.[0] ?? '';
    const entry = made.stdout.slice(made.stdout.indexOf('{'));
    expect(entry).not.toContain(key);
    const file = join(folder, 'apps.json');
    writeFileSync(file, `[${entry}]`);
    const settings = await environment({ INTERNAL_APPS_FILE: file });
    const gateway = Program.node(GATEWAY, settings);
    await gateway.says('listening');
    const url = `http://localhost:${settings.PORT}/v1/departments/1`;
    expect((await fetch(url, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
    expect((await fetch(url, { headers: { authorization: `Bearer ${key}x` } })).status).toBe(401);
    const query = `{ ${Array.from({ length: 20 }, (_, index) => `a${index}: department(id: "1") { id }`).join(' ')} }`;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const twenty = await fetch(new URL('/graphql', url), { method: 'POST', headers, body: JSON.stringify({ query }) });
    expect(twenty.status).toBe(200);
    // Node itself would warn there, of too many listeners for one.
    expect(await gateway.stop()).toMatchObject({ code: 0, stderr: '' });
    expect(gateway.stdout).not.toContain(key);
  });

  it('does not say INTERNAL_APPS_FILE where no such file is meant', async () => {
    const args = ['dist/apps/gateway/src/create-app.js', 'org-sync', '--scope', 'everything'];
    const { stderr } = await Program.node(args).ended;
    expect(stderr).toMatch(/^There is no scope everything\.\nUsage/);
    expect(stderr).not.toContain('INTERNAL_APPS_FILE');
  });

  it.each([[[]], [['org-sync']], [['org-sync', '--scope', 'everything']], [['Org Sync', '--scope', 'user:read']]])(
    'does not make a key for %j, and says how to',
    async (args) => {
      const { code, stdout, stderr } = await Program.node(['dist/apps/gateway/src/create-app.js', ...args]).ended;
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('Usage: npm run app:create');
    },
  );
});
