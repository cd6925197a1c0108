import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer, request as forward } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { hashKey } from '#access';
import { SANDBOX_APP, Sandbox } from '../../apps/dingtalk-sandbox/src/sandbox.js';
import { bearer } from '../harness/client.js';
import { Ledger } from '../harness/ledger.js';
import { OPERATIONS, codeOf, signIn } from '../harness/operations.js';
import { Program, freePort } from '../harness/processes.js';
import { KEY, TestWorld } from '../harness/world.js';

const ledger = new Ledger('faults');
const ID = '9007199254740991';
const app = bearer(KEY);

let world: TestWorld | undefined;
afterEach(async () => {
  jest.restoreAllMocks();
  await world?.stop();
  world = undefined;
});

const listen = (server: Server, port = 0): Promise<number> =>
  new Promise((done) => server.listen(port, '127.0.0.1', () => done((server.address() as AddressInfo).port)));

/** Hands everything on to the sandbox. */
const relay = (to: () => string) =>
  ((request, response) => {
    const { method, headers, url = '/' } = request;
    const onward = forward(`${to()}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  }) satisfies Parameters<typeof createServer>[1];

describe('U1 a connection that is refused', () => {
  /** A DingTalk whose port can be shut and opened again. */
  async function start(timeoutMs: number) {
    let url = '';
    const gate = createServer(relay(() => url));
    const port = await listen(gate);
    world = await TestWorld.start({
      DINGTALK_TIMEOUT_MS: String(timeoutMs),
      DINGTALK_API_URL: `http://localhost:${port}`,
      DINGTALK_OAPI_URL: `http://localhost:${port}`,
    });
    url = world.sandbox.url.replace('localhost', '127.0.0.1');
    await signIn(world);
    const shut = () => {
      gate.closeAllConnections();
      return new Promise((done) => gate.close(done));
    };
    return { world, shut, open: () => listen(gate, port), end: () => (gate.closeAllConnections(), gate.close()) };
  }

  it('once is tried again, by reads and by writes, which never ran', async () => {
    const { world, shut, open, end } = await start(5000);
    // The longest pause before the next try: there is time to open the port.
    jest.spyOn(Math, 'random').mockReturnValue(0.99);
    for (const operation of [OPERATIONS.profile, OPERATIONS.directory, OPERATIONS.visibility]) {
      await shut();
      world.sandbox.journal.clear();
      const answer = ledger.holds(() => operation.rest(world));
      await new Promise((wait) => setTimeout(wait, 40));
      await open();
      expect(codeOf(await answer)).toBe('ok');
    }
    end();
  });

  it('for good is told within a second, plainly: nothing was sent', async () => {
    const { world, shut } = await start(5000);
    await shut();
    for (const operation of Object.values(OPERATIONS)) {
      for (const door of ['rest', 'graphql'] as const) {
        const startMs = performance.now();
        const answer = await ledger.holds(() => operation[door](world));
        expect(codeOf(answer)).toBe('DINGTALK_UNAVAILABLE');
        expect(performance.now() - startMs).toBeLessThan(1000);
        expect(answer.text).not.toMatch(/localhost|127\.0\.0\.1|ECONN/);
      }
    }
  });
});

describe('tokens', () => {
  it.each(['88/40014', '40014', '42001', '40001'] as const)(
    'U15 ended early, told as %s, cost one fetch and nobody notices',
    async (tokenRefusal) => {
      world = await TestWorld.start();
      const { sandbox } = world;
      await OPERATIONS.directory.rest(world);
      sandbox.levers.settings.tokenRefusal = tokenRefusal;
      sandbox.desk.tokens.revoke('app');
      sandbox.journal.clear();
      const asked = Array.from({ length: 20 }, (_, at) =>
        OPERATIONS[at % 2 ? 'directory' : 'update'].rest(world as TestWorld),
      );
      const answers = await ledger.holds(() => Promise.all(asked));
      expect(new Set(answers.map(codeOf))).toEqual(new Set(['ok']));
      expect(sandbox.journal.all('/v1.0/oauth2/accessToken')).toHaveLength(1);
    },
  );

  it('U16 that stay refused however often they are fetched end in a failure, not in a loop', async () => {
    world = await TestWorld.start();
    world.sandbox.levers.settings.refuseAllTokens = true;
    for (const operation of [OPERATIONS.directory, OPERATIONS.update, OPERATIONS.visibility]) {
      const answer = await ledger.holds(() => operation.rest(world as TestWorld));
      expect(codeOf(answer)).toBe('DINGTALK_TOKEN_REFUSED');
    }
    expect(world.sandbox.journal.all().length).toBeLessThan(10);
  });

  it('U17 go on serving where none can be fetched; without one there is a plain failure at once', async () => {
    world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: '1500' });
    const fault = { kind: 'hang', route: 'POST /v1.0/oauth2/accessToken' } as const;
    await OPERATIONS.directory.rest(world);
    world.sandbox.levers.add(fault);
    expect(codeOf(await ledger.holds(() => OPERATIONS.directory.rest(world as TestWorld)))).toBe('ok');
    await world.restartGateway({ DINGTALK_TIMEOUT_MS: '1500' });
    const startMs = performance.now();
    expect(codeOf(await ledger.holds(() => OPERATIONS.update.rest(world as TestWorld)))).toBe('DINGTALK_TIMEOUT');
    expect(performance.now() - startMs).toBeLessThan(1500 * 1.1 + 200);
  });

  it('U18 for a secret that is wrong are asked for once a minute, however many callers there are', async () => {
    world = await TestWorld.start({ DINGTALK_CLIENT_SECRET: 'wrong-secret-of-the-operator' });
    const many = Array.from({ length: 50 }, () => OPERATIONS.directory.rest(world as TestWorld));
    const answers = await ledger.holds(() => Promise.all(many));
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['DINGTALK_TOKEN_REFUSED']));
    expect(world.sandbox.journal.all()).toHaveLength(1);
  });

  it.each([3, -3])('U19 do not care for a clock that is set by %i hours', async (hours) => {
    world = await TestWorld.start();
    await OPERATIONS.directory.rest(world);
    const [real, offMs] = [Date.now.bind(Date), hours * 3600_000];
    jest.spyOn(Date, 'now').mockImplementation(() => real() + offMs);
    world.sandbox.journal.clear();
    for (let count = 0; count < 20; count += 1) {
      expect(codeOf(await ledger.holds(() => OPERATIONS.directory.rest(world as TestWorld)))).toBe('ok');
    }
    // The clock is that of the sandbox too, whose tokens may have ended by it.
    expect(world.sandbox.journal.all('/v1.0/oauth2/accessToken').length).toBeLessThanOrEqual(hours > 0 ? 1 : 0);
  });
});

describe('where an answer comes from', () => {
  it('U20 is never another host: a redirect is not followed, and no token goes there', async () => {
    const thief = createServer((_, response) => response.end('{}'));
    let stolen = 0;
    thief.on('request', () => (stolen += 1));
    await new Promise<void>((done) => thief.listen(0, '127.0.0.2', done));
    const location = `http://127.0.0.2:${(thief.address() as AddressInfo).port}/steal`;
    world = await TestWorld.start();
    await signIn(world);
    for (const operation of Object.values(OPERATIONS)) {
      for (const status of [301, 302, 303, 307, 308]) {
        const fault = { kind: 'answer', status, body: '', headers: { location } } as const;
        world.sandbox.levers.add({ ...fault, route: operation.route, times: 1 });
        const code = codeOf(await ledger.holds(() => operation.rest(world as TestWorld)));
        expect(['DINGTALK_UNREADABLE', 'OUTCOME_UNKNOWN', 'ok']).toContain(code);
        if (!operation.isWrite) expect(code).toBe('DINGTALK_UNREADABLE');
      }
    }
    expect(stolen).toBe(0);
    thief.close();
  });

  it('U21 is cut at 1 MiB, whatever its size: memory does not grow by it', async () => {
    world = await TestWorld.start({ DINGTALK_TIMEOUT_MS: '3000' });
    await signIn(world);
    const before = process.memoryUsage().rss;
    for (const operation of [OPERATIONS.profile, OPERATIONS.directory]) {
      world.sandbox.levers.add({ kind: 'flood', route: operation.route, times: 5 });
      for (let count = 0; count < 5; count += 1) {
        expect(codeOf(await ledger.holds(() => operation.rest(world as TestWorld)))).toBe('DINGTALK_UNREADABLE');
      }
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  it('U24 is nowhere where its name is unknown: a plain failure, since nothing was sent', async () => {
    world = await TestWorld.start({ DINGTALK_OAPI_URL: 'https://oapi.invalid', DINGTALK_TIMEOUT_MS: '3000' });
    for (const operation of [OPERATIONS.directory, OPERATIONS.update]) {
      for (const door of ['rest', 'graphql'] as const) {
        const answer = await ledger.holds(() => operation[door](world as TestWorld));
        // A resolver may take its time to find out.
        expect(['DINGTALK_UNAVAILABLE', 'DINGTALK_TIMEOUT']).toContain(codeOf(answer));
        expect(answer.text).not.toMatch(/invalid"|ENOTFOUND|EAI_AGAIN/);
      }
    }
  });
});

describe('U22 the certificate of DingTalk', () => {
  const pem = (name: string) => readFileSync(join('test', 'certificates', `${name}.pem`));
  const identity = (name: string) => ({ key: pem(`${name}.key`), cert: pem(name) });
  const sandbox = new Sandbox({ people: 30 });
  const apps = join(tmpdir(), `tls-apps-${process.pid}.json`);
  const secure = createSecureServer(
    identity('trusted'),
    relay(() => sandbox.url.replace('localhost', '127.0.0.1')),
  );
  let gateway: Program | undefined;

  afterAll(async () => {
    await gateway?.stop('SIGKILL');
    secure.closeAllConnections();
    secure.close();
    await sandbox.stop();
    rmSync(apps, { force: true });
  });

  it('is checked at every connection: once it is another, nothing is sent any more, and nothing in the clear', async () => {
    await sandbox.start();
    const [port, PORT] = [await listen(secure), await freePort()];
    writeFileSync(
      apps,
      JSON.stringify([{ id: 'a', keyHash: hashKey(KEY), scopes: ['department:read', 'department:write'] }]),
    );
    const dingtalk = `https://localhost:${port}`;
    gateway = Program.node(['dist/apps/gateway/src/main.js'], {
      ...{
        PORT: String(PORT),
        INTERNAL_APPS_FILE: apps,
        CACHE_TTL_S: '0',
        NODE_EXTRA_CA_CERTS: 'test/certificates/trusted.pem',
      },
      ...{ DINGTALK_API_URL: dingtalk, DINGTALK_OAPI_URL: dingtalk, DINGTALK_CORP_ID: SANDBOX_APP.corpId },
      ...{ DINGTALK_CLIENT_ID: SANDBOX_APP.clientId, DINGTALK_CLIENT_SECRET: SANDBOX_APP.clientSecret },
    });
    await gateway.says('listening');
    const url = `http://localhost:${PORT}/v1/departments/${ID}`;
    const read = () => fetch(url, { headers: app });
    expect((await read()).status).toBe(200);

    secure.setSecureContext(identity('stranger'));
    secure.closeAllConnections();
    sandbox.journal.clear();
    const answer = await ledger.holds(read);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([502, 'DINGTALK_UNAVAILABLE']);
    const headers = { ...app, 'content-type': 'application/json' };
    const write = await ledger.holds(() => fetch(url, { method: 'PATCH', headers, body: '{"brief":"x"}' }));
    expect([write.status, ((await write.json()) as { code: string }).code]).toEqual([502, 'DINGTALK_UNAVAILABLE']);
    expect(sandbox.journal.all()).toEqual([]);

    secure.setSecureContext(identity('trusted'));
    await new Promise((wait) => setTimeout(wait, 1100));
    expect((await read()).status).toBe(200);
  });
});
