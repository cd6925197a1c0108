import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer } from './harness/client.js';
import { shell } from './harness/processes.js';
import { KEY, TestWorld } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

describe('a GraphQL request that is wrong in itself', () => {
  it('is the caller’s fault and no defect: no error is logged', async () => {
    world.capture.logs.length = 0;
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`v${index}`, { no: 1 }]));
    const variables = Object.keys(many).map((name) => `$${name}: ID!`);
    const uses = Object.keys(many).map((name) => `a${name}: department(id: $${name}) { id }`);
    const answers = [
      await world.client.graphql(bearer(KEY), 'subscription { a }'),
      await world.client.graphql(bearer(KEY), `query(${variables.join()}) { ${uses.join()} }`, many),
      await world.client.graphql(
        bearer(KEY),
        `{ ${Array.from({ length: 60 }, (_, index) => `no${index}`).join(' ')} }`,
      ),
      await world.client.rest('POST', '/graphql', bearer(KEY), { operationName: 'x', query: '{ __typename }' }),
      await world.client.rest('POST', '/graphql', bearer(KEY), [{ query: '{ __typename }' }]),
      await world.client.rest('POST', '/graphql', bearer(KEY)),
      await world.client.raw('/graphql?query=mutation{x}', { headers: bearer(KEY) }),
    ];
    for (const { status, body } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(body.errors?.length ?? 1).toBeLessThanOrEqual(10);
      expect(JSON.stringify(body)).not.toMatch(/INTERNAL/);
    }
    expect(world.capture.logs.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  it('with HTTP/1.0 and no host at all, as of a balancer’s health check, is as any other', async () => {
    const { port } = new URL(world.client.url);
    for (const path of ['health/live', 'graphql?query={__typename} -H x-csrf:1']) {
      const { stdout } = await shell(`curl -s -g -i --http1.0 -H 'Host:' 127.0.0.1:${port}/${path}`);
      expect(stdout).toMatch(/^HTTP\/1\.1 200/);
    }
  });

  it('with a host that is none is refused, also without a key', async () => {
    const { port } = new URL(world.client.url);
    for (const host of ['', 'a b', '[']) {
      const { stdout } = await shell(
        `curl -s -i --path-as-is -H 'Host: ${host}' '127.0.0.1:${port}/graphql?query={__typename}'`,
      );
      expect(stdout).toMatch(/^HTTP\/1.1 400/);
    }
  });
});

describe('every answer', () => {
  const requestIdOf = (headers: Headers) => headers.get('x-request-id');

  it('carries the caller’s own request id, if it sent a sane one, also inside failures of both doors', async () => {
    const headers = { ...bearer(KEY), 'x-request-id': 'my-own.id_1' };
    const rest = await world.client.rest('GET', '/v1/departments/0', headers);
    const graphql = await world.client.graphql(headers, '{ department(id: "0") { id } }');
    const wrong = await world.client.graphql(headers, '{ nonsense }');
    expect([rest, graphql, wrong].map((answer) => requestIdOf(answer.headers))).toEqual(Array(3).fill('my-own.id_1'));
    expect(rest.body.requestId).toBe('my-own.id_1');
    for (const { body } of [graphql, wrong]) expect(body.errors[0].extensions.requestId).toBe('my-own.id_1');
  });

  it.each(['', 'a b', 'x'.repeat(129), '<script>'])('carries a new request id instead of %j', async (id) => {
    const answer = await world.client.raw('/health/live', { headers: { 'x-request-id': id } });
    expect(requestIdOf(answer.headers)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is not to be stored, sniffed or framed', async () => {
    const { headers } = await world.client.rest('GET', '/v1/departments/1', bearer(KEY));
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
  });

  it.each([
    ['GET', '/nowhere', 404, 'NOT_FOUND'],
    ['GET', '/v1/departments', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/v1/departments/1/2/3', 404, 'NOT_FOUND'],
    ['POST', '/v1/departments/1', 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', '/v1/org-accounts/visibility', 405, 'METHOD_NOT_ALLOWED'],
    ['PUT', '/graphql', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/v1/departments/1/', 404, 'NOT_FOUND'],
    ['GET', '/v1/users/%zz', 400, 'BAD_INPUT'],
    ['GET', `/v1/users/${'x'.repeat(600)}`, 400, 'BAD_INPUT'],
  ])('to %s %s is a problem with the status %i', async (method, path, status, code) => {
    const answer = await world.client.rest(method, path, bearer(KEY));
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({ status, code });
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/GET|PUT|POST/);
    expect(world.calls()).toEqual([]);
  });
});
