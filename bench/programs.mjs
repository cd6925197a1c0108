// The sandbox and a gateway against it, each a process of its own, as they run for a user.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const APP = {
  DINGTALK_CLIENT_ID: 'dingsandboxclientid01',
  DINGTALK_CLIENT_SECRET: 'sandbox-client-secret-that-opens-nothing-real',
  DINGTALK_CORP_ID: 'dingsandbox8f3a51c2',
};

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const running = new Set();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

export const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** A folder of its own, which is gone at the end. */
export const newFolder = (name) => mkdtempSync(join(folder, `${name}-`));

/** Starts a program of ours. */
const start = (script, environment, flags = []) => startProgram(process.execPath, [...flags, script], environment);

/** @param hear is told what it says on its standard error; else that is said here too. */
export function startProgram(command, options, environment = {}, hear = (text) => process.stderr.write(text)) {
  const { PATH, HOME } = process.env;
  const child = spawn(command, options, {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.add(child);
  child.stderr.setEncoding('utf8').on('data', hear);
  const ended = new Promise((done) => {
    child.once('error', done);
    child.once('close', done);
  });
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
    running.delete(child);
  });
  const stop = () => {
    child.kill('SIGKILL');
    return ended;
  };
  return { stop, pid: child.pid, hasEnded: () => hasEnded };
}

async function untilItAnswers(url) {
  const endMs = performance.now() + 30_000;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (performance.now() > endMs) throw new Error(`${url} does not answer`);
    await new Promise((wait) => setTimeout(wait, 50));
  }
}

const SCOPES = ['employee:read', 'department:read'];

/** Callers, each by its key. */
export const keyOf = (caller) => `key-of-caller-${caller}-of-the-bench`;

/** A sandbox that allows so many calls of an API a second, and what it saw. */
export async function startSandbox({ people, qps }) {
  const port = await freePort();
  const environment = { PORT: String(port), SANDBOX_PEOPLE: String(people), ...(qps && { SANDBOX_QPS: String(qps) }) };
  const { stop } = start('dist/apps/dingtalk-sandbox/src/main.js', environment);
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(`${url}/__sandbox/rates`);
  const ask = async (method, path, body) => {
    const init = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return (await fetch(`${url}/__sandbox${path}`, { method, ...init })).json();
  };
  const world = await ask('GET', '/world');
  return {
    url,
    stop,
    departmentIds: world.departments.map(({ dept_id: id }) => String(id)),
    userIds: world.people.filter(({ external, userId }) => !external && userId).map(({ userId }) => userId),
    rates: async () => (await ask('GET', '/rates')).rates,
    forget: () => ask('DELETE', '/calls'),
    authCode: async (userId) => (await ask('GET', `/auth-code?userId=${userId}`)).authCode,
    addFault: (fault) => ask('POST', '/faults', fault),
    clearFaults: () => ask('DELETE', '/faults'),
  };
}

export async function startGateway(sandbox, { callers = 1, flags, scopes = SCOPES, ...environment } = {}) {
  const port = await freePort();
  const apps = Array.from({ length: callers }, (_, caller) => ({
    id: `caller-${caller}`,
    keyHash: `sha256:${createHash('sha256').update(keyOf(caller)).digest('hex')}`,
    scopes,
  }));
  const file = join(folder, `apps-${port}.json`);
  writeFileSync(file, JSON.stringify(apps));
  const settings = {
    ...APP,
    ...{
      PORT: String(port),
      INTERNAL_APPS_FILE: file,
      DATA_DIR: join(folder, `data-${port}`),
      CALLER_RATE: 'off',
      LOG_LEVEL: 'silent',
      NODE_ENV: 'production',
    },
    ...{ DINGTALK_API_URL: sandbox.url, DINGTALK_OAPI_URL: sandbox.url, DINGTALK_LOGIN_URL: sandbox.url },
    ...environment,
  };
  const { stop, pid } = start('dist/apps/gateway/src/main.js', settings, flags);
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(`${url}/health/live`);
  return { url, stop, pid };
}
