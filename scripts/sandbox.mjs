// Starts the sandbox and a gateway against it, and prints how to call them. Expects a build.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DEMO_APP, DEMO_KEY, banner } from './banner.mjs';

const PORT = process.env.PORT ?? '3000';
const SANDBOX_PORT = process.env.SANDBOX_PORT ?? '3001';
const HOST = process.env.HOST ?? '127.0.0.1';
const LONGEST_START_MS = 60_000;

const gateway = `http://localhost:${PORT}`;
const sandbox = `http://localhost:${SANDBOX_PORT}`;

function writeApps() {
  const folder = join('.cache', 'sandbox');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'apps.json');
  const keyHashes = [`sha256:${createHash('sha256').update(DEMO_KEY).digest('hex')}`];
  writeFileSync(file, JSON.stringify([{ ...DEMO_APP, keyHashes }], null, 2));
  return file;
}

/** Says in one sentence which port is taken, before anything is started. */
async function mustBeFree(name, port) {
  await new Promise((free, taken) => {
    const server = createServer()
      .once('error', taken)
      .listen(Number(port), HOST, () => server.close(free));
  }).catch((error) => {
    const reason = error.code === 'EADDRINUSE' ? `Port ${port} is taken` : `Port ${port} cannot be listened on`;
    process.stderr.write(`${reason}: set ${name} to a free one.\n`);
    process.exit(1);
  });
}

const children = [];

function stop(code) {
  process.exitCode = code;
  for (const child of children) child.kill('SIGTERM');
}

function start(name, main, environment, stdout = 'inherit') {
  const child = spawn(process.execPath, [main], { env: environment, stdio: ['ignore', stdout, 'inherit'] });
  children.push(child);
  // One that ends takes the other along; its own sentence has said why, unless it was killed.
  child.once('exit', (code, signal) => {
    if (process.exitCode !== undefined) return;
    if (signal) process.stderr.write(`The ${name} was ended by ${signal}.\n`);
    stop(code ?? 1);
  });
}

async function answers(url) {
  const endMs = Date.now() + LONGEST_START_MS;
  while (Date.now() < endMs && process.exitCode === undefined) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return true;
    await new Promise((wait) => setTimeout(wait, 100));
  }
  return false;
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(0));

await mustBeFree('SANDBOX_PORT', SANDBOX_PORT);
await mustBeFree('PORT', PORT);
process.stdout.write('Starting the sandbox and the gateway …\n');
const { SANDBOX_PEOPLE, SANDBOX_QPS } = process.env;
// Settings that are meant for a real DingTalk stay out of it.
const own = {
  LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
  DRAIN_S: '0',
  DATA_DIR: join('.cache', 'sandbox', `data-${PORT}`),
};
// The company is as at the start, and so is its trail.
rmSync(own.DATA_DIR, { recursive: true, force: true });
const KEPT = [
  ...['DINGTALK_TIMEOUT_MS', 'DINGTALK_APP_TYPE', 'PERSON_SCOPES', 'ADMIN_SCOPES', 'SESSION_IDLE_S', 'SESSION_MAX_S'],
  ...[
    'UPSTREAM_CALLS_MAX',
    'CACHE_TTL_S',
    'ALLOWED_ORIGINS',
    'TRUSTED_PROXIES',
    'CALLER_RATE',
    'JWT_ISSUER',
    'JWT_AUDIENCE',
    'JWT_JWKS_URL',
    'ADMIN_HOST',
    'ADMIN_PORT',
    'REDIS_URL',
    'STATE_SECRET',
    'DATABASE_URL',
    'DATA_DIR',
    'AUDIT_KEY',
    'AUDIT_RETENTION_DAYS',
    'AUDIT_SINK',
  ],
];
for (const name of KEPT) {
  if (process.env[name] !== undefined) own[name] = process.env[name];
}
const shared = { PATH: process.env.PATH, NODE_OPTIONS: process.env.NODE_OPTIONS, HOST };
start(
  'sandbox',
  'dist/apps/dingtalk-sandbox/src/main.js',
  { ...shared, PORT: SANDBOX_PORT, SANDBOX_PEOPLE, SANDBOX_QPS },
  'ignore',
);
start('gateway', 'dist/apps/gateway/src/main.js', {
  ...shared,
  ...own,
  PORT,
  DINGTALK_CLIENT_ID: 'dingsandboxclientid01',
  DINGTALK_CLIENT_SECRET: 'sandbox-client-secret-that-opens-nothing-real',
  DINGTALK_CORP_ID: 'dingsandbox8f3a51c2',
  DINGTALK_API_URL: sandbox,
  DINGTALK_OAPI_URL: sandbox,
  DINGTALK_LOGIN_URL: sandbox,
  INTERNAL_APPS_FILE: writeApps(),
});

const ready = (await answers(`${sandbox}/__sandbox/routes`)) && (await answers(`${gateway}/health/ready`));
if (ready) process.stdout.write(banner({ gateway, sandbox, color: process.stdout.isTTY }));
else if (process.exitCode === undefined) {
  process.stderr.write('The gateway did not become ready within a minute.\n');
  stop(1);
}
