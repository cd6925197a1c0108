import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { hashKey } from '#access';
import { bearer } from './harness/client.js';
import { later } from './harness/clock.js';
import { KEY, TestWorld, keyOf } from './harness/world.js';

const RATED = 'key-of-an-app-with-a-rate-of-its-own';
const APPS = join(tmpdir(), `rated-apps-${process.pid}.json`);
const FREE = 'key-of-an-app-without-any-limit';

let world: TestWorld;

/** Slow enough that nothing comes back while a test runs. */
const RATE = '1:5';

beforeAll(async () => {
  const scopes = ['department:read'];
  const apps = [
    { id: 'everything', keyHash: hashKey(KEY), scopes },
    { id: 'other', keyHash: hashKey(keyOf('department:read')), scopes },
    { id: 'rated', keyHash: hashKey(RATED), scopes, rate: '1:2' },
    { id: 'free', keyHash: hashKey(FREE), scopes, rate: 'off' },
  ];
  writeFileSync(APPS, JSON.stringify(apps));
  world = await TestWorld.start({ CALLER_RATE: RATE, INTERNAL_APPS_FILE: APPS });
});
afterAll(async () => {
  await world.stop();
  rmSync(APPS);
});
afterEach(async () => {
  world.reset();
  await world.restartGateway({ CALLER_RATE: RATE, INTERNAL_APPS_FILE: APPS });
});

const read = (key: string) => world.client.rest('GET', '/v1/departments/1', bearer(key));

async function statuses(count: number, work: () => Promise<{ status: number }>): Promise<number[]> {
  const told: number[] = [];
  for (let at = 0; at < count; at += 1) told.push((await work()).status);
  return told;
}

describe('a caller', () => {
  it('may do as much at once as its burst, and is then told when to come back, with 0 calls at DingTalk', async () => {
    expect(await statuses(5, () => read(KEY))).toEqual([200, 200, 200, 200, 200]);
    world.sandbox.journal.clear();
    const refused = await read(KEY);
    expect(refused.body).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS', retryable: true });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(world.sandbox.journal.all()).toEqual([]);
  });

  it('is told in every answer how it stands', async () => {
    const first = await read(KEY);
    expect(first.headers.get('ratelimit-policy')).toBe('"caller";q=5;w=5');
    expect(first.headers.get('ratelimit')).toMatch(/^"caller";r=4;t=1$/);
    await statuses(5, () => read(KEY));
    const refused = await world.client.graphql(bearer(KEY), '{ department(id: "1") { id } }');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('ratelimit')).toMatch(/^"caller";r=0;t=[1-5]$/);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.body.errors[0].extensions).toMatchObject({ code: 'TOO_MANY_REQUESTS', retryable: true });
  });

  it('comes back when it was told to', async () => {
    await statuses(2, () => read(RATED));
    const refused = await read(RATED);
    const waitS = Number(refused.headers.get('retry-after'));
    await new Promise((wait) => setTimeout(wait, waitS * 1000 + 50));
    expect((await read(RATED)).status).toBe(200);
  });

  it('gets its operations back one by one, never more than its burst', async () => {
    await statuses(5, () => read(KEY));
    await new Promise((wait) => setTimeout(wait, 2100));
    expect(await statuses(3, () => read(KEY))).toEqual([200, 200, 429]);
  });

  it('is counted by itself, by the rate of its own entry, or not at all', async () => {
    expect(await statuses(6, () => read(KEY))).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await read(keyOf('department:read'))).status).toBe(200);
    expect(await statuses(3, () => read(RATED))).toEqual([200, 200, 429]);
    expect(await statuses(20, () => read(FREE))).toEqual(Array(20).fill(200));
    expect((await read(FREE)).headers.get('ratelimit')).toBeNull();
  });

  it('who is a person is counted by session', async () => {
    const one = await world.client.signIn(world.authCode('lisi'));
    const other = await world.client.signIn(world.authCode('lisi'));
    const session = (person: Record<string, string>) => world.client.rest('GET', '/session', person);
    expect(await statuses(6, () => session(one))).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await session(other)).status).toBe(200);
  });

  it('may sign out however often it asked', async () => {
    const person = await world.client.signIn(world.authCode('lisi'));
    const session = () => world.client.rest('GET', '/session', person);
    expect(await statuses(6, session)).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await world.client.rest('DELETE', '/session', person)).status).toBe(204);
  });

  it('pays in GraphQL for each operation that a request holds, aliases and fragments counted', async () => {
    const four = `{ a: department(id: "1") { id } b: department(id: "1") { id } ...F ...F }
      fragment F on Query { ... { c: department(id: "1") { id } } d: department(id: "1") { id } __typename }`;
    expect((await world.client.graphql(bearer(KEY), four)).status).toBe(200);
    expect((await world.client.graphql(bearer(KEY), four)).status).toBe(429);
    // The four ask for the same at once, which is one call.
    expect(world.calls('/topapi/v2/department/get')).toHaveLength(1);
  });

  it('pays also for what is refused before it is done', async () => {
    const ask = () => world.client.graphql(bearer(KEY), '{ nothing }');
    expect(await statuses(6, ask)).toEqual([400, 400, 400, 400, 400, 429]);
  });

  it('who asks for more at once than ever fits is told so at once', async () => {
    const six = [...'abcdef'].map((alias) => `${alias}: department(id: "1") { id }`).join(' ');
    const { status, body } = await world.client.graphql(bearer(KEY), `{ ${six} }`);
    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({
      message: expect.stringContaining('6 operations'),
      extensions: { code: 'BAD_INPUT' },
    });
    expect(world.calls()).toEqual([]);
  });
});

describe('sign-ins', () => {
  // What may be tried comes back by the time.
  beforeEach(() => later(0));
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const guess = (headers: Record<string, string> = {}) =>
    world.client.rest('POST', '/session', headers, { authCode: 'guessed' });

  /** Tries in turn, so that each failure is counted before the next try. */
  async function until429(headers?: Record<string, string>): Promise<number> {
    for (let tries = 1; tries <= 200; tries += 1) if ((await guess(headers)).status === 429) return tries;
    return Infinity;
  }

  it('that fail are few from one address: then none is tried any more', async () => {
    expect(await until429()).toBe(121);
    world.sandbox.journal.clear();
    const refused = await world.client.rest('POST', '/session', {}, { authCode: world.authCode('lisi') });
    expect(refused.body).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.headers.get('ratelimit-policy')).toBe('"sign-in";q=1200;w=60');
    expect(world.sandbox.journal.all()).toEqual([]);
  }, 20_000);

  it('that come all at once are counted before they are answered', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 300, route: 'POST /v1.0/oauth2/userAccessToken' });
    const answers = await Promise.all(Array.from({ length: 200 }, () => guess()));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(80);
  });

  it('that succeed are many', async () => {
    for (let count = 0; count < 130; count += 1) await world.client.signIn(world.authCode('lisi'));
  }, 30_000);

  it('are counted by the address that a trusted proxy names, and by nobody else’s word', async () => {
    const proxied = { 'x-forwarded-for': '203.0.113.7' };
    expect(await until429(proxied)).toBe(121);
    expect((await guess({ 'x-forwarded-for': '203.0.113.8' })).status).toBe(429);
    await world.restartGateway({ CALLER_RATE: 'off', TRUSTED_PROXIES: '127.0.0.0/8' });
    expect(await until429(proxied)).toBe(121);
    expect((await guess({ 'x-forwarded-for': '203.0.113.8' })).status).toBe(401);
    expect((await guess({ 'x-forwarded-for': '203.0.113.7:41234' })).status).toBe(429);
    // What stands left of the last address was written by the caller.
    expect((await guess({ 'x-forwarded-for': '203.0.113.9, 203.0.113.7' })).status).toBe(429);
    expect(
      (await guess({ 'x-forwarded-for': 'nonsense', 'x-forwarded-host': '[', 'x-forwarded-proto': ' ' })).status,
    ).toBe(400);
  }, 30_000);
});
