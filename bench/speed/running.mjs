// Programs that are measured, while they run.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, newFolder, startProgram } from '../programs.mjs';
import { MEASURED, MEASURING, on } from './cores.mjs';

const LONGEST_START_MS = 30_000;
const ANSWER_MS = 2000;
const REDIS_MS = 1000;
const ENTRY = 'dist/apps/gateway/src/main.js';

/** Starts DingTalk as lean as can be. */
export async function startUpstream({ delayMs = 0, departments = 10 } = {}) {
  const port = await freePort();
  const script = join(import.meta.dirname, 'upstream.mjs');
  const [command, ...options] = on(MEASURING, [
    process.execPath,
    script,
    String(port),
    String(delayMs),
    String(departments),
  ]);
  const program = startProgram(command, options);
  const url = `http://127.0.0.1:${port}`;
  await firstAnswer(program, () => fetch(`${url}/v1.0/contact/users/me`, patiently()));
  return { ...program, url };
}

/** What does not answer soon is asked again. */
const patiently = () => ({ signal: AbortSignal.timeout(ANSWER_MS) });

/** @returns after how many milliseconds it answers as it should. */
async function firstAnswer({ hasEnded }, ask) {
  const startMs = performance.now();
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer?.ok) return performance.now() - startMs;
    if (hasEnded()) throw new Error('ended before it answered');
    if (performance.now() - startMs > LONGEST_START_MS) throw new Error('does not answer');
    await new Promise((wait) => setTimeout(wait, 5));
  }
}

/** A raw request by fetch. */
function send(url, { head, body }) {
  const [[method, path], ...lines] = head
    .trim()
    .split('\r\n')
    .map((line, at) => (at === 0 ? line.split(' ') : line));
  const headers = Object.fromEntries(lines.map((line) => line.split(': ')).filter(([name]) => name !== 'host'));
  const filled = (text) => text.replaceAll('{id}', 'a-first-one');
  return fetch(`${url}${filled(path)}`, { ...patiently(), method, headers, ...(body && { body: filled(body) }) });
}

/** Starts a peer; `startMs` is the time to its first answer. */
export async function startPeer({ command, request }, upstream, { cores = MEASURED } = {}) {
  const port = await freePort();
  const [program, ...options] = on(cores, command({ port, upstream: upstream.url }));
  const environment = { UPSTREAM: upstream.url, PORT: String(port), NODE_ENV: 'production' };
  let said = '';
  const running = startProgram(program, options, environment, (text) => (said = (said + text).slice(-2000)));
  const url = `http://127.0.0.1:${port}`;
  try {
    const startMs = await firstAnswer(running, () => send(url, request));
    return { ...running, port, startMs };
  } catch (error) {
    await running.stop();
    throw new Error(said.trim().split('\n').at(-1)?.replaceAll(`${process.cwd()}/`, '') || error.message, {
      cause: error,
    });
  }
}

export const keyOf = (caller) => `key-of-caller-${caller}-of-the-bench`;

/** Callers by key, who may read everything. */
function appsFile(callers) {
  const apps = Array.from({ length: callers }, (_, caller) => ({
    id: `caller-${caller}`,
    keyHash: `sha256:${createHash('sha256').update(keyOf(caller)).digest('hex')}`,
    scopes: ['employee:read', 'department:read'],
  }));
  const file = join(newFolder('apps'), 'apps.json');
  writeFileSync(file, JSON.stringify(apps));
  return file;
}

/** Everything on: limits that nobody reaches, logs, figures, sessions, the trail. */
const settingsOf = (upstream, port, callers) => ({
  ...{ DINGTALK_CLIENT_ID: 'dingbenchclient', DINGTALK_CLIENT_SECRET: 'a-secret-of-the-bench' },
  ...{ DINGTALK_CORP_ID: 'dingbench', DINGTALK_API_URL: upstream.url, DINGTALK_OAPI_URL: upstream.url },
  ...{ DINGTALK_LOGIN_URL: upstream.url, DINGTALK_QPS: '1000000', CALLER_RATE: '1000000:1000000' },
  ...{ PORT: String(port), DATA_DIR: newFolder('data'), INTERNAL_APPS_FILE: appsFile(callers), NODE_ENV: 'production' },
  ADMIN_SCOPES: 'user:read user:read:mobile user:read:email department:read employee:read',
  ...{ CACHE_TTL_S: '0', PUBLIC_URL: `http://localhost:${port}` },
});

/** A Redis of its own, where there is one on the machine. */
export async function startRedis() {
  const port = await freePort();
  const folder = newFolder('redis');
  const program = startProgram('redis-server', ['--port', String(port), '--save', '', '--dir', folder]);
  await new Promise((wait) => setTimeout(wait, REDIS_MS));
  return program.hasEnded() ? undefined : { ...program, url: `redis://127.0.0.1:${port}` };
}

/** @returns the headers of a person who has signed in. */
async function signIn(url) {
  const answer = await fetch(`${url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf': '1' },
    body: JSON.stringify({ authCode: 'a-code' }),
  });
  if (answer.status !== 201) throw new Error(`The sign-in answers ${answer.status}: ${await answer.text()}`);
  return { cookie: answer.headers.getSetCookie()[0].split(';')[0], 'x-csrf': '1' };
}

/** Starts the gateway, as an image does; someone has signed in. */
export async function startGateway(upstream, { cores = MEASURED, callers = 1, flags = [], ...settings } = {}) {
  const port = await freePort();
  const [program, ...options] = on(cores, [process.execPath, ...flags, ENTRY]);
  const running = startProgram(program, options, { ...settingsOf(upstream, port, callers), ...settings });
  const url = `http://127.0.0.1:${port}`;
  const asApp = { authorization: `Bearer ${keyOf(0)}` };
  const first = { method: 'POST', headers: { 'content-type': 'application/json', ...asApp } };
  const body = JSON.stringify({ query: '{ employee(userId: "a-first-one") { name } }' });
  const startMs = await firstAnswer(running, () => fetch(`${url}/graphql`, { ...patiently(), ...first, body }));
  return { ...running, port, url, startMs, headers: await signIn(url) };
}
