import { availableParallelism } from 'node:os';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readSettings } from './read-settings.js';
import { WrongEnvironment } from './settings.js';

const SECRET = 'a-very-secret-value';
const RIGHT = { DINGTALK_CLIENT_ID: 'id', DINGTALK_CLIENT_SECRET: SECRET, DINGTALK_CORP_ID: 'ding1' };

function faultsOf(environment: Record<string, string>): string {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof WrongEnvironment) return error.message;
    throw error;
  }
  return '';
}

describe('the settings', () => {
  it('have the defaults of the contract', () => {
    const settings = readSettings(RIGHT);
    expect(settings.listen).toEqual({
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      trustedProxies: [],
      allowedOrigins: [],
    });
    expect(settings.dingtalk).toMatchObject({
      apiUrl: 'https://api.dingtalk.com',
      oapiUrl: 'https://oapi.dingtalk.com',
      loginUrl: 'https://login.dingtalk.com',
      thirdParty: false,
      timeoutMs: 8000,
    });
    expect(settings.access.personScopes).toEqual(['user:read', 'user:read:mobile', 'user:read:email']);
    expect(settings.access.adminScopes).toEqual(['department:read', 'employee:read', 'org-account:read']);
    expect(settings.access.callerRate).toEqual({ perS: 100, burst: 200 });
    expect(settings.access.jwt).toBeUndefined();
    expect(settings.session).toEqual({ idleS: 1800, maxS: 43_200 });
    expect(settings).toMatchObject({ explorer: true, logLevel: 'info', production: false });
  });

  it('keep the trail in a file by default, unsigned and for ever', () => {
    expect(readSettings(RIGHT).audit).toEqual({ folder: './data', keys: [] });
  });

  it('tell where the trail is kept, what signs it, how long, and where else it is told', () => {
    const { audit } = readSettings({
      ...{ ...RIGHT, DATABASE_URL: 'postgres://gateway@db/trail', AUDIT_KEY: `${'n'.repeat(16)},${'o'.repeat(16)}` },
      ...{ AUDIT_RETENTION_DAYS: '400', AUDIT_SINK: '/var/log/trail.ndjson', DATA_DIR: '/data' },
    });
    expect(audit).toMatchObject({
      ...{ database: { host: 'db', database: 'trail' }, folder: '/data', keptDays: 400 },
      ...{ keys: ['n'.repeat(16), 'o'.repeat(16)], tells: { file: '/var/log/trail.ndjson' } },
    });
  });

  it('name what is wrong with the trail, and never its values', () => {
    const wrong = {
      ...{ DATABASE_URL: 'mysql://user:hunter2@db/trail', AUDIT_KEY: 'short-key', AUDIT_RETENTION_DAYS: '0' },
      AUDIT_SINK: 'trail.ndjson',
    };
    const message = faultsOf({ ...RIGHT, ...wrong });
    for (const name of Object.keys(wrong)) expect(message).toContain(name);
    for (const value of ['hunter2', 'short-key']) expect(message).not.toContain(value);
  });

  it('take several workers only where these share what they know', () => {
    expect(readSettings(RIGHT).workers).toBe(1);
    expect(faultsOf({ ...RIGHT, WORKERS: '2' })).toContain('REDIS_URL is required with more than one of WORKERS.');
    const shared = { ...RIGHT, REDIS_URL: 'redis://localhost', STATE_SECRET: 'a-secret-of-the-test' };
    expect(readSettings({ ...shared, WORKERS: '2' }).workers).toBe(2);
    expect(readSettings({ ...shared, WORKERS: 'auto' }).workers).toBe(Math.min(availableParallelism(), 64));
    for (const wrong of ['0', '65', 'many']) expect(faultsOf({ ...shared, WORKERS: wrong })).toContain('WORKERS');
  });

  it('shut the explorer in production', () => {
    expect(readSettings({ ...RIGHT, NODE_ENV: 'production' }).explorer).toBe(false);
    expect(readSettings({ ...RIGHT, NODE_ENV: 'production', GRAPHQL_EXPLORER: 'on' }).explorer).toBe(true);
  });

  it('cannot be changed afterwards', () => {
    const settings = readSettings(RIGHT);
    expect(() => Object.assign(settings.dingtalk, { corpId: 'other' })).toThrow(TypeError);
  });

  it('are refused with every fault in one message', () => {
    const message = faultsOf({ PORT: 'many', SESSION_IDLE_S: '0', LOG_LEVEL: 'loud', PERSON_SCOPES: 'user:read all' });
    for (const name of [...Object.keys(RIGHT), 'PORT', 'SESSION_IDLE_S', 'LOG_LEVEL', 'PERSON_SCOPES']) {
      expect(message).toContain(name);
    }
  });

  it.each([
    ['TRUSTED_PROXIES', 'proxy.example.com'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', '10.0.0.1 fd00::/129'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://app.example.com/'],
    ['ALLOWED_ORIGINS', 'http://app.example.com'],
    ['CALLER_RATE', '100'],
    ['CALLER_RATE', '0:10'],
    ['CALLER_RATE', 'none'],
    ['DINGTALK_APP_TYPE', 'third-party'],
    ['DINGTALK_QPS', '0'],
    ['DINGTALK_QPS', '1.5'],
    ['DINGTALK_QPS', '-20'],
    ['OVERLOAD_LAG_MS', '0'],
    ['TRUSTED_DOCUMENTS', 'yes'],
    ['TRUSTED_DOCUMENTS_FILE', ''],
    ['DINGTALK_LOGIN_URL', 'http://login.example.com'],
  ])('refuse %s=%s', (name, value) => {
    // Documents are asked for, so that their file is.
    expect(faultsOf({ ...RIGHT, TRUSTED_DOCUMENTS: 'only', [name]: value })).toContain(name);
  });

  it('read lists, rates and kinds', () => {
    const settings = readSettings({
      ...RIGHT,
      TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      ALLOWED_ORIGINS: 'https://app.example.com http://localhost:5173',
      CALLER_RATE: 'off',
      DINGTALK_APP_TYPE: 'third-party-personal',
    });
    expect(settings.listen).toMatchObject({
      trustedProxies: ['10.0.0.0/8', '::1'],
      allowedOrigins: ['https://app.example.com', 'http://localhost:5173'],
    });
    expect(settings.access.callerRate).toBe('off');
    expect([settings.dingtalk.qps, settings.documents.mode]).toEqual([20, 'off']);
    expect(readSettings({ ...RIGHT, DINGTALK_QPS: '60' }).dingtalk.qps).toBe(60);
    expect(settings.dingtalk.thirdParty).toBe(true);
    for (const [type, thirdParty] of [
      ['internal', false],
      ['third-party-enterprise', true],
    ] as const) {
      expect(readSettings({ ...RIGHT, DINGTALK_APP_TYPE: type }).dingtalk.thirdParty).toBe(thirdParty);
    }
  });

  it('take the identity provider whole or not at all', () => {
    const jwt = {
      JWT_ISSUER: 'https://id.example.com/',
      JWT_AUDIENCE: 'contact',
      JWT_JWKS_URL: 'https://id.example.com/keys',
    };
    expect(readSettings({ ...RIGHT, ...jwt }).access.jwt).toEqual({
      issuer: 'https://id.example.com/',
      audience: 'contact',
      jwksUrl: 'https://id.example.com/keys',
    });
    for (const name of Object.keys(jwt)) expect(faultsOf({ ...RIGHT, ...jwt, [name]: '' })).toContain(name);
    expect(faultsOf({ ...RIGHT, ...jwt, JWT_JWKS_URL: 'http://id.example.com/keys' })).toContain(
      'JWT_JWKS_URL must be https',
    );
  });

  it('never show a value in a fault', () => {
    const wrong = { ...RIGHT, DINGTALK_API_URL: `http://${SECRET}.example.com`, PORT: SECRET, LOG_LEVEL: SECRET };
    expect(faultsOf(wrong)).toContain('DINGTALK_API_URL');
    expect(faultsOf(wrong)).not.toContain(SECRET);
  });

  it.each([
    ['http://api.example.com', 'must be https'],
    ['ftp://localhost', 'must be an http or https URL'],
    ['not a url', 'must be an http or https URL'],
    ['https://user:pass@api.example.com', 'must hold no user'],
    ['https://api.example.com/?a=1', 'must hold no user, query or fragment'],
    ['http://127.0.0.1.example.com', 'must be https'],
  ])('refuse the base URL %s: it %s', (url, reason) => {
    expect(faultsOf({ ...RIGHT, DINGTALK_OAPI_URL: url })).toContain(`DINGTALK_OAPI_URL ${reason}`);
  });

  it.each(['http://localhost:3001/', 'http://127.0.0.1:3001', 'http://[::1]:3001', 'https://api.dingtalk.io'])(
    'take the base URL %s, without its last slash',
    (url) => {
      expect(readSettings({ ...RIGHT, DINGTALK_API_URL: url }).dingtalk.apiUrl).toBe(url.replace(/\/$/, ''));
    },
  );

  it('read a secret from a file, and not from both', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'secret-')), 'secret');
    writeFileSync(file, `${SECRET}\n`);
    const { DINGTALK_CLIENT_SECRET: _, ...rest } = RIGHT;
    expect(readSettings({ ...rest, DINGTALK_CLIENT_SECRET_FILE: file }).dingtalk.clientSecret).toBe(SECRET);
    expect(faultsOf({ ...RIGHT, DINGTALK_CLIENT_SECRET_FILE: file })).toContain('both set');
    expect(faultsOf({ ...rest, DINGTALK_CLIENT_SECRET_FILE: '/nowhere' })).toContain('cannot be read');
  });
});
