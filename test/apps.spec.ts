import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { hashKey } from '#access';
import { bearer } from './harness/client.js';
import { later } from './harness/clock.js';
import { IdentityProvider } from './harness/identity-provider.js';
import { TestWorld } from './harness/world.js';

const [OLD, NEW] = ['the-key-before-it-was-changed', 'the-key-after-it-was-changed'];
const FILE = join(tmpdir(), `changing-apps-${process.pid}.json`);

let world: TestWorld;
let provider: IdentityProvider;

const write = (entries: unknown) =>
  writeFileSync(FILE, typeof entries === 'string' ? entries : JSON.stringify(entries));
const entry = (more: object) => ({ id: 'org-sync', scopes: ['department:read'], ...more });
const status = async (key: string): Promise<number> =>
  (await world.client.rest('GET', '/v1/departments/1', bearer(key))).status;

/** Waits for a fact that comes true by itself, but not for ever. */
async function soon(fact: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await fact()) return;
    await new Promise((wait) => setTimeout(wait, 50));
  }
  throw new Error('it did not come true within five seconds');
}

const told = (text: string): boolean => world.capture.logs.some((line) => line.includes(text));

beforeAll(async () => {
  provider = await IdentityProvider.start();
  write([entry({ keyHashes: [hashKey(OLD)] })]);
  world = await TestWorld.start({ INTERNAL_APPS_FILE: FILE, ...provider.environment });
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
  rmSync(FILE, { force: true });
});

describe('the apps file', () => {
  it('is read again when it changes: a key is changed without a stop, and without a moment with none', async () => {
    expect([await status(OLD), await status(NEW)]).toEqual([200, 401]);
    write([entry({ keyHashes: [hashKey(OLD), hashKey(NEW)] })]);
    await soon(async () => (await status(NEW)) === 200);
    expect(await status(OLD)).toBe(200);
    write([entry({ keyHashes: [hashKey(NEW)] })]);
    await soon(async () => (await status(OLD)) === 401);
    expect(await status(NEW)).toBe(200);
  });

  it.each([
    ['half written', '[{"id": "org-s'],
    ['with a fault in it', [{ id: 'org-sync', scopes: ['all'], keyHash: 'plain-key' }]],
  ])('that is %s keeps the last good one, and the log says what is wrong', async (_, broken) => {
    world.capture.logs.length = 0;
    write(broken);
    await soon(() => told('apps file is not right: the last good one stays in force'));
    expect(told('"faults":')).toBe(true);
    expect(world.capture.logs.join()).not.toContain('plain-key');
    expect(await status(NEW)).toBe(200);
    write([entry({ keyHash: hashKey(NEW) })]);
    await soon(() => told('apps file read again'));
  });

  it('that is gone keeps the last good one', async () => {
    world.capture.logs.length = 0;
    rmSync(FILE);
    await soon(() => told('cannot be read'));
    expect(await status(NEW)).toBe(200);
    write([entry({ keyHash: hashKey(NEW) })]);
    await soon(() => told('apps file read again'));
  });

  it('shuts an app out at once: disabled, or ended by its time', async () => {
    write([entry({ keyHash: hashKey(NEW), disabled: true })]);
    await soon(async () => (await status(NEW)) === 401);
    write([entry({ keyHash: hashKey(NEW), expiresAt: new Date(Date.now() + 1500).toISOString() })]);
    await soon(async () => (await status(NEW)) === 200);
    await soon(async () => (await status(NEW)) === 401);
  });
});

describe('the company’s identity provider', () => {
  const claims = { scope: 'department:read' };

  afterEach(() => {
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    delete provider.broken;
    await provider.rotate('first');
    write([entry({ keyHash: hashKey(NEW) })]);
    await world.restartGateway({ INTERNAL_APPS_FILE: FILE, ...provider.environment });
    provider.fetches = 0;
  });

  it('is asked for its keys once, however many JWTs come at once', async () => {
    const jwt = await provider.jwt(claims);
    const all = await Promise.all(Array.from({ length: 50 }, () => status(jwt)));
    expect(new Set(all)).toEqual(new Set([200]));
    expect(provider.fetches).toBe(1);
  });

  it('may change its keys: a JWT with the new one is taken at once', async () => {
    expect(await status(await provider.jwt(claims))).toBe(200);
    await provider.rotate('second');
    expect(await status(await provider.jwt(claims))).toBe(200);
    expect(provider.fetches).toBe(2);
  });

  it('is not asked again and again for keys that callers make up', async () => {
    expect(await status(await provider.jwt(claims))).toBe(200);
    for (let count = 0; count < 50; count += 1) {
      expect(await status(await provider.jwt(claims, { kid: `made-up-${count}` }))).toBe(401);
    }
    expect(provider.fetches).toBe(2);
    expect(await status(await provider.jwt(claims))).toBe(200);
  });

  it('that cannot be reached is no fault of the caller’s, and is not asked by every one of them', async () => {
    provider.broken = { status: 500, body: 'inner address 10.1.2.3' };
    for (let count = 0; count < 20; count += 1) {
      const answer = await world.client.rest('GET', '/v1/departments/1', bearer(await provider.jwt(claims)));
      expect(answer.body).toMatchObject({ status: 503, code: 'IDENTITY_PROVIDER_UNAVAILABLE', retryable: true });
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect(provider.fetches).toBe(1);
    expect(await status(NEW)).toBe(200);
    expect(world.capture.leaks([provider.url])).toEqual([]);
  });

  it.each(['{"keys": "none"}', 'no JSON', '{}'])('that answers %s is not asked by every caller', async (body) => {
    provider.broken = { status: 200, body };
    for (let count = 0; count < 5; count += 1) expect(await status(await provider.jwt(claims))).toBe(503);
    expect(provider.fetches).toBe(1);
  });

  it('that is away later does not matter: its keys are known', async () => {
    expect(await status(await provider.jwt(claims))).toBe(200);
    provider.broken = { status: 500, body: '' };
    expect(await status(await provider.jwt(claims, { kid: 'unknown' }))).toBe(401);
    expect(await status(await provider.jwt(claims))).toBe(200);
  });

  it('that withdraws a key is believed after ten minutes at the latest, also where nobody asked meanwhile', async () => {
    const withdrawn = await provider.jwt(claims, { ends: 86_400 });
    expect(await status(withdrawn)).toBe(200);
    await provider.rotate('second');
    expect(await status(withdrawn)).toBe(200);
    later(0.2);
    expect(await status(withdrawn)).toBe(401);
  });

  it('that is away for long is believed by what it said last, but only for a day', async () => {
    const jwt = await provider.jwt(claims, { ends: 2 * 86_400 });
    expect(await status(jwt)).toBe(200);
    provider.broken = { status: 200, body: '<html>10.1.2.3</html>' };
    world.capture.logs.length = 0;
    later(23);
    expect(await status(jwt)).toBe(200);
    expect(told('keys of the identity provider cannot be fetched')).toBe(true);
    expect(world.capture.logs.join()).not.toContain('10.1.2.3');
    later(24.5);
    expect(await status(jwt)).toBe(503);
  });

  it('is asked by a JWT for nothing that is not known here', async () => {
    const header = Buffer.from('{"alg":"RS256","kid":"first","crit":["x"],"x":1}').toString('base64url');
    expect(await status([header, ...(await provider.jwt(claims)).split('.').slice(1)].join('.'))).toBe(401);
  });

  it.each(['PS256', 'ES256', 'EdDSA'])('may sign with %s', async (alg) => {
    await provider.rotate('other', alg);
    expect(await status(await provider.jwt(claims, { alg }))).toBe(200);
  });

  it('gives a caller its name and scopes, in either claim, and small clock skew', async () => {
    for (const [given, different] of [
      [{ scope: 'openid department:read' }, {}],
      [{ scp: ['department:read'] }, {}],
      [{ scp: 'department:read', client_id: 'reporting' }, { ends: -10 }],
      [{ scope: 'department:read', sub: undefined }, { begins: 10 }],
    ] as const) {
      expect(await status(await provider.jwt({ ...given }, different))).toBe(200);
    }
    expect(told('"caller":"app:jwt:reporting"')).toBe(true);
    expect(await status(await provider.jwt({}))).toBe(403);
    expect(await status(await provider.jwt({ scope: { all: true }, scp: 7 }))).toBe(403);
  });

  it('that is misunderstood is told by the log: why somebody was not let in, through both doors', async () => {
    const elsewhere = bearer(await provider.jwt(claims, { audience: 'payroll' }));
    for (const send of [
      () => world.client.rest('GET', '/v1/departments/1', elsewhere),
      () => world.client.graphql(elsewhere, '{ department(id: "1") { id } }'),
    ]) {
      world.capture.logs.length = 0;
      expect((await send()).status).toBe(401);
      expect(told('"failure":"UNAUTHENTICATED","reason":"The JWT is for another audience."')).toBe(true);
    }
    await world.client.rest('GET', '/v1/departments/1', bearer(await provider.jwt({})));
    expect(told('"reason":"The caller lacks the scope department:read."')).toBe(true);
  });

  it('is not believed where none is set', async () => {
    await world.restartGateway({ INTERNAL_APPS_FILE: FILE });
    expect(await status(await provider.jwt(claims))).toBe(401);
    expect(provider.fetches).toBe(0);
  });
});
