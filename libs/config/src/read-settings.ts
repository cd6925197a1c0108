import { createHmac } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import { RATE_RULE, SCOPES, parseRate } from '#contract';
import { isNetwork, isOrigin } from './addresses.js';
import { DATABASE_URL_RULE, parseDatabaseUrl } from './database-url.js';
import { type Environment, EnvironmentReader } from './reader.js';
import { REDIS_URL_RULE, parseRedisUrl } from './redis-url.js';
import { Settings, WrongEnvironment } from './settings.js';

const APP_TYPES = ['internal', 'third-party-enterprise', 'third-party-personal'] as const;
const MAX_WORKERS = 64;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

function readListen(read: EnvironmentReader): Settings['listen'] {
  const host = read.text('HOST', '127.0.0.1');
  const port = read.whole('PORT', 3000, 0, 65_535);
  return {
    host,
    port,
    publicUrl: read.url('PUBLIC_URL', `http://localhost:${port}`),
    trustedProxies: read.list('TRUSTED_PROXIES', isNetwork, 'must hold addresses or networks, as 10.0.0.0/8'),
    allowedOrigins: read.list('ALLOWED_ORIGINS', isOrigin, 'must hold origins, as https://app.example.com'),
  };
}

function readAdmin(read: EnvironmentReader): Settings['admin'] {
  const host = read.text('ADMIN_HOST', '127.0.0.1');
  const port = read.optional('ADMIN_PORT') === undefined ? undefined : read.whole('ADMIN_PORT', 0, 0, 65_535);
  return port === undefined ? undefined : { host, port };
}

function readDingTalk(read: EnvironmentReader): Settings['dingtalk'] {
  return {
    clientId: read.text('DINGTALK_CLIENT_ID'),
    clientSecret: read.secret('DINGTALK_CLIENT_SECRET'),
    corpId: read.text('DINGTALK_CORP_ID'),
    apiUrl: read.url('DINGTALK_API_URL', 'https://api.dingtalk.com'),
    oapiUrl: read.url('DINGTALK_OAPI_URL', 'https://oapi.dingtalk.com'),
    loginUrl: read.url('DINGTALK_LOGIN_URL', 'https://login.dingtalk.com'),
    thirdParty: read.choice('DINGTALK_APP_TYPE', APP_TYPES, 'internal') !== 'internal',
    qps: read.whole('DINGTALK_QPS', 20, 1, Number.MAX_SAFE_INTEGER),
    timeoutMs: read.whole('DINGTALK_TIMEOUT_MS', 8000, 100, 120_000),
    callsMax: read.whole('UPSTREAM_CALLS_MAX', 100, 1, 10_000),
  };
}

function readReads(read: EnvironmentReader, clientSecret: string): Settings['reads'] {
  return {
    rememberS: read.whole('CACHE_TTL_S', 30, 0, 3600),
    cursorKey: createHmac('sha256', clientSecret).update('cursors of lists').digest('hex'),
  };
}

function readAccess(read: EnvironmentReader): Settings['access'] {
  return {
    appsFile: read.optional('INTERNAL_APPS_FILE'),
    personScopes: read.words('PERSON_SCOPES', SCOPES, ['user:read', 'user:read:mobile', 'user:read:email']),
    adminScopes: read.words('ADMIN_SCOPES', SCOPES, ['department:read', 'employee:read', 'org-account:read']),
    callerRate: read.parsed('CALLER_RATE', '100:200', parseRate, RATE_RULE),
    jwt: readJwt(read),
  };
}

/** All three or none. */
function readJwt(read: EnvironmentReader): Settings['access']['jwt'] {
  const names = ['JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_JWKS_URL'];
  if (names.every((name) => read.optional(name) === undefined)) return undefined;
  const [issuer, audience] = names.map((name) => read.text(name));
  return { issuer: issuer ?? '', audience: audience ?? '', jwksUrl: read.url('JWT_JWKS_URL', 'https://none.invalid') };
}

function readSession(read: EnvironmentReader): Settings['session'] {
  return {
    idleS: read.whole('SESSION_IDLE_S', 1800, 1, 30 * 86_400),
    maxS: read.whole('SESSION_MAX_S', 43_200, 1, 30 * 86_400),
  };
}

/** Shorter ones can be guessed. */
const LEAST_SECRET = 16;

/** A secret, or the new and the old one as `new,old`. */
function readSecrets(read: EnvironmentReader, name: string): string[] {
  const secrets = (read.optionalSecret(name)?.split(',') ?? []).map((secret) => secret.trim());
  if (secrets.some((secret) => secret.length < LEAST_SECRET)) {
    read.faults.push(
      `${name} must be of at least ${LEAST_SECRET} characters: a secret, or the new and the old one as new,old.`,
    );
  }
  return secrets;
}

function readState(read: EnvironmentReader): Settings['state'] {
  const url = read.optionalSecret('REDIS_URL');
  const secrets = readSecrets(read, 'STATE_SECRET');
  const redis = url === undefined ? undefined : parseRedisUrl(url);
  if (url !== undefined && !redis) read.faults.push(`REDIS_URL ${REDIS_URL_RULE}.`);
  if (url !== undefined && secrets.length === 0) read.faults.push('STATE_SECRET is required with REDIS_URL.');
  return { redis, secrets };
}

function readAudit(read: EnvironmentReader): Settings['audit'] {
  const url = read.optionalSecret('DATABASE_URL');
  const database = url === undefined ? undefined : parseDatabaseUrl(url);
  if (url !== undefined && !database) read.faults.push(`DATABASE_URL ${DATABASE_URL_RULE}.`);
  const days = read.optional('AUDIT_RETENTION_DAYS');
  const sink = read.optional('AUDIT_SINK');
  if (sink !== undefined && sink !== 'stdout' && !isAbsolute(sink)) {
    read.faults.push('AUDIT_SINK must be stdout or the whole path of a file.');
  }
  return {
    database,
    folder: read.text('DATA_DIR', './data'),
    keys: readSecrets(read, 'AUDIT_KEY'),
    keptDays: days === undefined ? undefined : read.whole('AUDIT_RETENTION_DAYS', 1, 1, 36_500),
    tells: sink === undefined || sink === 'stdout' ? sink : { file: sink },
  };
}

/** Several processes share what they know by Redis, as replicas do. */
function readWorkers(read: EnvironmentReader, redis: unknown): number {
  const isAuto = read.optional('WORKERS') === 'auto';
  const workers = isAuto ? Math.min(availableParallelism(), MAX_WORKERS) : read.whole('WORKERS', 1, 1, MAX_WORKERS);
  if (workers > 1 && !redis) read.faults.push('REDIS_URL is required with more than one of WORKERS.');
  return workers;
}

function readDocuments(read: EnvironmentReader): Settings['documents'] {
  const mode = read.choice('TRUSTED_DOCUMENTS', ['only', 'prefer', 'off'], 'off');
  const file = read.optional('TRUSTED_DOCUMENTS_FILE');
  if (mode !== 'off' && !file) read.faults.push('TRUSTED_DOCUMENTS_FILE is required with TRUSTED_DOCUMENTS.');
  return { mode, file };
}

/** Where they are sent to, how they are sampled and what they are called is read by OpenTelemetry itself. */
function readTracing(read: EnvironmentReader): boolean {
  const endpoints = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].map((name) =>
    read.optional(name),
  );
  const isOff = read.optional('OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
  const exporter = read.optional('OTEL_TRACES_EXPORTER');
  if (exporter !== undefined && exporter !== 'otlp' && exporter !== 'none') {
    read.faults.push('OTEL_TRACES_EXPORTER must be otlp or none.');
  }
  const isWanted =
    exporter === 'otlp' || (exporter === undefined && endpoints.some((endpoint) => endpoint !== undefined));
  return isWanted && !isOff;
}

/**
 * Reads the settings of the gateway from an environment.
 * @throws WrongEnvironment with every fault at once.
 */
export function readSettings(environment: Environment = process.env): Settings {
  const read = new EnvironmentReader(environment);
  const production = environment['NODE_ENV'] === 'production';
  const dingtalk = readDingTalk(read);
  const state = readState(read);
  const settings = new Settings({
    production,
    listen: readListen(read),
    admin: readAdmin(read),
    drainMs: read.whole('DRAIN_S', 5, 0, 300) * 1000,
    dingtalk,
    reads: readReads(read, dingtalk.clientSecret),
    access: readAccess(read),
    session: readSession(read),
    state,
    workers: readWorkers(read, state.redis),
    audit: readAudit(read),
    overloadLagMs: read.whole('OVERLOAD_LAG_MS', 200, 10, 60_000),
    documents: readDocuments(read),
    fastPath: read.choice('FAST_PATH', ['on', 'off'], 'on') === 'on',
    explorer: read.choice('GRAPHQL_EXPLORER', ['on', 'off'], production ? 'off' : 'on') === 'on',
    tracing: readTracing(read),
    logLevel: read.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
  });
  if (read.faults.length > 0) throw new WrongEnvironment(read.faults);
  return settings;
}

/** The environment of the process, with the variables of a file where it has none of its own. */
export function environmentFrom(file?: string): Environment {
  if (file !== undefined) process.loadEnvFile(file);
  return process.env;
}
