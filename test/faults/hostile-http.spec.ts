import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Running } from '../../apps/gateway/src/edge/running.js';
import { bearer } from '../harness/client.js';
import { Ledger } from '../harness/ledger.js';
import { raw } from '../harness/raw.js';
import { KEY, TestWorld } from '../harness/world.js';

const ledger = new Ledger('hostile inputs');
let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const ID = '9007199254740991';
const app = bearer(KEY);
const AUTH = `Authorization: ${app['authorization']}\r\n`;
const HOST = 'Host: localhost\r\n';

const isOurs = (text: string) => {
  expect(text).toMatch(/content-type: application\/problem\+json/i);
  expect(text).toMatch(/x-content-type-options: nosniff/i);
  expect(text).toMatch(/"requestId":"[^"]+"/);
  expect(text).not.toMatch(/"statusCode"| at \w+ \(|node_modules/);
};

const chunked = 'Transfer-Encoding: chunked\r\n';
const PATCH = `PATCH /v1/departments/${ID} HTTP/1.1\r\n${HOST}${AUTH}Content-Type: application/json\r\n`;

describe('bytes that are no request', () => {
  it.each<[string, number, ...(string | Buffer)[]]>([
    ['C19 headers of 20 KB', 431, `GET /health/live HTTP/1.1\r\n${HOST}x-big: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['C19 an address of 20 KB', 431, `GET /v1/departments/${'1'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`],
    ['C23 two lengths', 400, `${PATCH}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['C23 a length and chunks', 400, `${PATCH}Content-Length: 2\r\n${chunked}\r\n0\r\n\r\n`],
    ['C23 chunks and a length', 400, `${PATCH}${chunked}Content-Length: 2\r\n\r\n0\r\n\r\n`],
    ['C23 an encoding that is none', 400, `${PATCH}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['C23 a chunk of no length', 400, `${PATCH}${chunked}\r\nzz\r\n\r\n`],
    ['C23 a folded header', 400, `GET /health/live HTTP/1.1\r\n${HOST}x-a: b\r\n c: d\r\n\r\n`],
    ['C23 a space before the colon', 400, `GET /health/live HTTP/1.1\r\n${HOST}Content-Length : 3\r\n\r\nabc`],
    ['C23 a bare line feed', 400, `GET /health/live HTTP/1.1\nHost: a\nx: \rb\n\n`],
    ['C12 NUL in a header', 400, `GET /health/live HTTP/1.1\r\n${HOST}x-a: b\0c\r\n\r\n`],
    ['C22 a method that is none', 400, `HACK /health/live HTTP/1.1\r\n${HOST}\r\n`],
    [
      'C18 raw bytes in the address',
      400,
      Buffer.from(`GET /v1/employees?query=\xff HTTP/1.1\r\n${HOST}\r\n`, 'latin1'),
    ],
    ['TLS at the plain port', 400, Buffer.from('16030100a5010000a10303', 'hex')],
    ['nothing that is HTTP', 400, 'hello\r\n\r\n'],
  ])('%s is answered %i in our words, and hung up on', async (_, status, ...parts) => {
    const answer = await ledger.holds(() => raw(world.client.url, ...parts));
    expect([answer.status, answer.closed]).toEqual([status, true]);
    isOurs(answer.text);
    expect(world.calls()).toEqual([]);
  });

  it('C23 a second request hidden in the body of the first is never run', async () => {
    const hidden = `DELETE /v1/departments/${ID} HTTP/1.1\r\n${HOST}${AUTH}\r\n`;
    const answer = await ledger.holds(() =>
      raw(world.client.url, `${PATCH}Content-Length: ${hidden.length}\r\n${chunked}\r\n0\r\n\r\n${hidden}`),
    );
    expect(answer.status).toBe(400);
    expect(world.calls()).toEqual([]);
  });

  it.each(['TRACE', 'CONNECT', 'PROPFIND', 'PURGE', 'OPTIONS', 'LINK'])('C22 %s does nothing', async (method) => {
    const answer = await ledger.holds(() =>
      raw(world.client.url, `${method} /v1/departments/${ID} HTTP/1.1\r\n${HOST}${AUTH}\r\n`),
    );
    expect([0, 400, 404, 405]).toContain(answer.status);
    expect(world.calls()).toEqual([]);
  });
});

describe('a connection', () => {
  const read = `GET /v1/departments/${ID} HTTP/1.1\r\n${HOST}${AUTH}\r\n`;

  it('that breaks with requests in line leaves none of them counted as under way', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 300, route: '*' });
    const load: object = world.app.get(Running).load;
    const underWay = () => (load as { readonly underWay: number }).underWay;
    const { port } = new URL(world.client.url);
    await ledger.holds(async () => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(read.repeat(50)));
      await new Promise((wait) => setTimeout(wait, 100));
      expect(underWay()).toBeGreaterThan(1);
      socket.resetAndDestroy();
      await new Promise((wait) => setTimeout(wait, 600));
      expect(underWay()).toBe(0);
    }, 50);
  });

  it('with garbage behind a request is hung up on: no other answer is mixed into the one that is under way', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 300, route: '*' });
    const answer = await ledger.holds(() => raw(world.client.url, read, 50, 'garbage\r\n\r\n'));
    expect([answer.status, answer.closed]).toEqual([0, true]);
  });
});

describe('an address', () => {
  it.each([
    ['C13 dots', '/v1/employees/..'],
    ['C13 a dot', '/v1/employees/.'],
    ['C13 encoded dots', '/v1/employees/%2e%2e'],
    ['C13 encoded dots and a slash', '/v1/employees/%2e%2e%2foauth2'],
    ['C13 an encoded slash', '/v1/employees/me%2Fx'],
    ['C13 a backslash', '/v1/employees/a%5Cb'],
    ['C13 a raw backslash', '/v1/employees/a\\b'],
    ['C13 an encoded question mark', '/v1/employees/a%3Fb'],
    ['C13 an encoded hash', '/v1/employees/a%23b'],
    ['C13 a double encoding', '/v1/employees/%252e%252e'],
    ['C13 two slashes', '//v1/employees/lisi'],
    ['C13 another host', 'http://evil.example/v1/employees/lisi%0d%0a'],
    ['C12 a line break', '/v1/employees/a%0d%0ax:1'],
    ['C12 NUL', '/v1/employees/a%00'],
    ['C12 NUL in a unionId', '/v1/employees?unionId=a%00'],
    ['C20 a percent sign alone', '/v1/employees/%'],
    ['C20 half an escape', '/v1/employees/%4'],
    ['C20 no hexadecimal digits', '/v1/employees/%zz'],
    ['C4 bytes that are no UTF-8', '/v1/employees/%ff%fe'],
    ['C4 the same in a query', '/v1/employees?query=%ff'],
    ['C20 a broken query', '/v1/employees?query=%e4%b8'],
    ['C4 an overlong encoding', '/v1/employees?query=%c0%af'],
    ['C18 an encoded surrogate', '/v1/employees?query=%ed%a0%80'],
    ['C13 a unionId that climbs', '/v1/employees?unionId=../../oauth2/accessToken'],
    ['a parameter twice', '/v1/employees?query=a&query=b'],
    ['a parameter as a list', '/v1/employees?query[]=a'],
    ['a parameter as an object', '/v1/employees?query[__proto__]=a'],
    ['C11 __proto__ as a parameter', '/v1/employees?__proto__=a&query=b'],
    ['C16 a limit of 1e2', '/v1/departments/1/members?limit=1e2'],
    ['C16 a limit of -1', '/v1/departments/1/members?limit=-1'],
    ['C16 a limit of 1.5', '/v1/departments/1/members?limit=1.5'],
    ['C16 a limit of 101', '/v1/departments/1/members?limit=101'],
    ['C16 an id beyond 2^53', '/v1/departments/9007199254740992'],
    ['C16 an id of 1e3', '/v1/departments/1e3'],
    ['C16 an id of 0x10', '/v1/departments/0x10'],
    ['C16 an id of +1', '/v1/departments/+1'],
    ['C16 an id in full width', `/v1/departments/${encodeURIComponent('１')}`],
    ['C16 an id of 0', '/v1/departments/0'],
    ['C16 an id with zeros', '/v1/departments/01'],
    ['a cursor that nobody gave', '/v1/departments/1/members?cursor=eyJzdGFydCI6MH0'],
  ])('with %s is refused, with 0 calls at DingTalk: %s', async (_, path) => {
    const answer = await ledger.holds(() => raw(world.client.url, `GET ${path} HTTP/1.1\r\n${HOST}${AUTH}\r\n`));
    expect([400, 404]).toContain(answer.status);
    isOurs(answer.text);
    expect(world.sandbox.journal.all().filter(({ path: called }) => !called.endsWith('/accessToken'))).toEqual([]);
  });

  it('of many parameters, or of a long one, is refused', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => `p${at}=1`).join('&');
    for (const path of [`/v1/employees?${many}`, `/v1/employees?query=${'a'.repeat(5000)}`]) {
      expect((await ledger.holds(() => world.client.rest('GET', path, app))).status).toBe(400);
    }
  });
});

describe('a body', () => {
  const send = (body: Buffer | string, headers: Record<string, string> = {}, path = `/v1/departments/${ID}`) =>
    world.client.raw(path, {
      method: path === '/graphql' ? 'POST' : 'PATCH',
      headers: { ...app, 'content-type': 'application/json', ...headers },
      body: body as string,
    });

  const BODIES: readonly [string, number, Buffer | string, Record<string, string>?][] = [
    ['C1 larger than 1 MiB', 413, `{"brief":"${'x'.repeat(1024 * 1024)}"}`],
    ['C3 broken', 400, '{"name":'],
    ['C3 with a comma too many', 400, '{"brief":"a",}'],
    ['C3 with a comment', 400, '{"brief":"a"/**/}'],
    ['C3 in single quotes', 400, "{'brief':'a'}"],
    ['C3 NaN', 400, '{"order":NaN}'],
    ['C4 not UTF-8', 400, Buffer.from('{"brief":"\xff"}', 'latin1')],
    ['C4 UTF-16', 400, Buffer.from('{"brief":"a"}', 'utf16le')],
    ['C4 a byte order mark within', 400, '{\ufeff"brief":"a"}'],
    ['C5 of 2,000 brackets', 400, '['.repeat(2000)],
    ['C5 of 100,000 brackets', 400, '{"a":'.repeat(100_000)],
    ['C11 with __proto__', 400, '{"__proto__":{"admin":true},"brief":"a"}'],
    ['C11 with an escaped __proto__', 400, '{"\\u005f_proto__":{"admin":true},"brief":"a"}'],
    ['C11 with __proto__ within', 400, '{"hideSceneConfig":{"__proto__":{"active":true}}}'],
    ['C11 with a constructor', 400, '{"constructor":{"prototype":{"admin":true}},"brief":"a"}'],
    ['C16 with a huge number', 400, '{"order":1e400}'],
    ['C16 with 2^31', 400, '{"order":2147483648}'],
    ['C16 with a fraction', 400, '{"order":1.5}'],
    ['C16 with a number as text', 400, '{"order":"1"}'],
    ['C16 with a number for an id', 400, '{"parentId":9007199254740993}'],
    ['C18 with half a surrogate', 400, '{"name":"\\ud800"}'],
    ['C21 in latin1', 415, '{"brief":"a"}', { 'content-type': 'application/json; charset=iso-8859-1' }],
    ['C21 in utf-16', 415, '{"brief":"a"}', { 'content-type': 'application/json; charset=utf-16' }],
    ['C21 compressed', 415, gzipSync('{"brief":"a"}'), { 'content-encoding': 'gzip' }],
    ['C21 a bomb', 415, gzipSync(Buffer.alloc(5_000_000)), { 'content-encoding': 'gzip' }],
    ['C21 compressed in a way that is none', 415, 'x', { 'content-encoding': 'br, hack' }],
    ['C21 of a type that is none', 415, '{"brief":"a"}', { 'content-type': 'application/jsonx' }],
    ['C21 as XML', 415, '<a/>', { 'content-type': 'application/xml' }],
    ['C21 as a form', 415, 'brief=a', { 'content-type': 'application/x-www-form-urlencoded' }],
  ];

  it.each(BODIES.map(([name, status, body, headers = {}]) => [name, status, body, headers] as const))(
    'that is %s is refused as %i',
    async (_, status, body, headers) => {
      const answer = await ledger.holds(() => send(body, headers));
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({ status, requestId: expect.any(String) });
      expect(answer.text).not.toMatch(/ at \w+ \(|SyntaxError|node_modules/);
      expect(world.calls()).toEqual([]);
      expect(({} as { admin?: boolean }).admin).toBeUndefined();
    },
  );

  it('C17 with a name twice means the last of them, as JSON has it', async () => {
    const answer = await ledger.holds(() => send('{"brief":"first","brief":"last"}'));
    expect(answer.body.department.brief).toBe('last');
  });

  it('in UTF-8 is taken, however the charset is written', async () => {
    for (const charset of ['charset=utf-8', 'charset=UTF-8', 'charset="utf-8"']) {
      const answer = await send('{"brief":"介绍"}', { 'content-type': `application/json; ${charset}` });
      expect(answer.status).toBe(200);
    }
  });

  it.each(['/graphql', '/session'])('that is none of ours is refused by %s too', async (path) => {
    for (const body of ['{"query":', '['.repeat(2000), '{"__proto__":{}}', Buffer.from([0xff])]) {
      const answer = await ledger.holds(() =>
        world.client.raw(path, {
          method: 'POST',
          headers: { ...app, 'content-type': 'application/json' },
          body: body as string,
        }),
      );
      expect(answer.status).toBe(400);
    }
  });
});

describe('a client that takes its time', () => {
  it('C2 for its headers is cut off after ten seconds, for its body after thirty, and keeps nobody else waiting', async () => {
    const slowHeaders = Array.from({ length: 100 }, () =>
      raw(
        world.client.url,
        `GET /health/live HTTP/1.1\r\n`,
        4000,
        'x-a: 1\r\n',
        4000,
        'x-b: 1\r\n',
        4000,
        'x-c: 1\r\n',
      ),
    );
    const body = `${PATCH}Content-Length: 100\r\n\r\n{`;
    const slowBodies = Array.from({ length: 100 }, () => raw(world.client.url, body, 8000, '"', 8000, 'b', 8000, 'r'));
    const times: number[] = [];
    for (let count = 0; count < 50; count += 1) {
      const startMs = performance.now();
      expect((await world.client.rest('GET', `/v1/departments/${ID}`, app)).status).toBe(200);
      times.push(performance.now() - startMs);
    }
    expect(times.sort((a, b) => a - b)[25]).toBeLessThan(200);
    const startMs = performance.now();
    for (const answer of await ledger.holds(() => Promise.all(slowHeaders), 100)) {
      expect([answer.status, answer.closed]).toEqual([408, true]);
      isOurs(answer.text);
    }
    expect(performance.now() - startMs).toBeLessThan(13_000);
    for (const answer of await ledger.holds(() => Promise.all(slowBodies), 100)) {
      expect([answer.status, answer.closed]).toEqual([408, true]);
    }
    expect(performance.now() - startMs).toBeLessThan(34_000);
  }, 60_000);
});

describe('every answer', () => {
  it.each([
    ['/health/live', 200],
    ['/nowhere', 404],
    [`/v1/departments/${ID}`, 401],
    ['/graphql', 400],
  ])('has the headers that keep browsers safe: %s', async (path, status) => {
    const { headers, status: told } = await world.client.raw(path);
    expect(told).toBe(status);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
  });

  it('says to come by https only where people do', async () => {
    expect((await world.client.raw('/health/live')).headers.get('strict-transport-security')).toBeNull();
    const secure = await TestWorld.start({ PUBLIC_URL: 'https://gateway.example.com' });
    const { headers } = await secure.client.raw('/health/live');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    await secure.stop();
  });
});
