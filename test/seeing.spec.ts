import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Metrics, Traces } from '#telemetry';
import { AdminListener } from '../apps/gateway/src/health/admin-listener.js';
import { Readiness } from '../apps/gateway/src/health/readiness.service.js';
import { ofOneProcess } from '../apps/gateway/src/health/told.js';
import { bearer } from './harness/client.js';
import { Fleet, type Replica } from './harness/fleet.js';
import { KEY, TestWorld } from './harness/world.js';

const app = bearer(KEY);
const DEPARTMENT = '/v1/departments/1';

let world: TestWorld;
let admin: AdminListener;

beforeAll(async () => {
  world = await TestWorld.start();
  admin = new AdminListener(ofOneProcess(world.app.get(Metrics), world.app.get(Readiness)));
  await admin.listen(0, '127.0.0.1');
});
const warmUp = () => world.client.rest('GET', '/health/ready', {});
afterAll(async () => {
  admin.close();
  await world.stop();
});
beforeEach(async () => {
  world.reset();
  await warmUp();
  world.capture.logs.length = 0;
});

type Line = Record<string, unknown>;

/** The lines of the log with that message. */
const lines = (message: string): Line[] =>
  world.capture.logs.map((text) => JSON.parse(text) as Line).filter(({ msg }) => msg === message);

async function figures(): Promise<Map<string, number>> {
  const text = await (await fetch(`${admin.url}/metrics`)).text();
  const found = [...text.matchAll(/^([a-z0-9_]+(?:\{[^}]*\})?) ([0-9.e+-]+)$/gm)];
  return new Map(found.map(([, name = '', value]) => [name, Number(value)]));
}

describe('the log', () => {
  it('has one line for each request and one for each call at DingTalk', async () => {
    await world.client.rest('GET', DEPARTMENT, { ...app, 'x-request-id': 'my-id' });
    const [request] = lines('request');
    const [call] = lines('dingtalk call');
    expect(request).toMatchObject({ requestId: 'my-id', caller: 'app:everything', method: 'GET', status: 200 });
    expect(request).toMatchObject({ route: '/v1/departments/:id', ms: expect.any(Number) });
    expect(call).toMatchObject({ requestId: 'my-id', caller: 'app:everything', operation: 'department.get', tries: 1 });
    expect(call).toMatchObject({
      ms: expect.any(Number),
      waitMs: 0,
      dingtalkRequestId: expect.stringMatching(/^\w+$/),
    });
    expect([lines('request').length, lines('dingtalk call').length]).toEqual([1, 1]);
  });

  it('tells of whoever went away before the answer, and of what was refused before it was looked at', async () => {
    world.sandbox.levers.add({ kind: 'latency', ms: 300, route: 'POST /topapi/v2/department/get' });
    const gone = new AbortController();
    const asked = world.client.raw(DEPARTMENT, { headers: app, signal: gone.signal }).catch(() => 'gone');
    setTimeout(() => gone.abort(), 100);
    expect(await asked).toBe('gone');
    while (lines('request').length === 0) await pause(20);
    await world.client.raw('/v1/departments', {
      method: 'POST',
      headers: { ...app, 'content-type': 'text/plain' },
      body: 'x',
    });
    await pause(50);
    expect(lines('request')).toMatchObject([
      { status: 499, route: '/v1/departments/:id', caller: 'app:everything' },
      { status: 415, failure: 'UNSUPPORTED_MEDIA_TYPE' },
    ]);
  });

  it('names what a GraphQL document asks for, and nothing that it holds', async () => {
    const query =
      '{ one: department(id: "1") { name } two: department(id: "1") { id } employee(userId: "lisi") { name } }';
    await world.client.graphql(app, query);
    expect(lines('request')).toMatchObject([{ route: '/graphql', operation: 'department employee' }]);
    expect(JSON.stringify(world.capture.logs)).not.toContain('lisi');
  });

  it('tells of a call that failed how often it was sent, and DingTalk’s own words for it', async () => {
    world.sandbox.levers.add({ kind: 'busy', route: 'POST /topapi/v2/department/get' });
    await world.client.rest('GET', DEPARTMENT, app);
    expect(lines('dingtalk call failed')).toMatchObject([
      { operation: 'department.get', tries: 3, code: 'DINGTALK_UNAVAILABLE', dingtalkCode: '-1' },
    ]);
    expect(lines('request')).toMatchObject([{ status: 502, failure: 'DINGTALK_UNAVAILABLE' }]);
  });
});

describe('the figures', () => {
  const rise = async (work: () => Promise<unknown>) => {
    const before = await figures();
    await work();
    const after = await figures();
    return (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  };

  it('count requests, fields and calls, and how each ended', async () => {
    const by = await rise(async () => {
      await world.client.rest('GET', DEPARTMENT, app);
      await world.client.rest('GET', DEPARTMENT, {});
      await world.client.rest('GET', '/v1/departments/404', app);
      await world.client.graphql(
        app,
        'query { a: department(id: "1") { name } ...More } fragment More on Query { b: department(id: "404") { name } }',
      );
      await world.client.graphql(app, '{ nothing }');
    });
    const requests = (rest: string) => by(`gateway_requests_total{method="GET",route="/v1/departments/:id",${rest}}`);
    expect(requests('status="200",code=""')).toBe(1);
    expect(requests('status="401",code="UNAUTHENTICATED"')).toBe(1);
    expect(requests('status="404",code="NOT_FOUND"')).toBe(1);
    expect(by('gateway_request_seconds_count{method="GET",route="/v1/departments/:id"}')).toBe(3);
    expect(by('gateway_graphql_fields_total{field="department",code="ok"}')).toBe(1);
    expect(by('gateway_graphql_fields_total{field="department",code="NOT_FOUND"}')).toBe(1);
    expect(by('gateway_dingtalk_calls_total{operation="department.get",code="ok",dingtalk_code=""}')).toBe(2);
    expect(by('gateway_dingtalk_calls_total{operation="department.get",code="NOT_FOUND",dingtalk_code="60003"}')).toBe(
      2,
    );
    expect(by('gateway_dingtalk_tries_total{operation="department.get"}')).toBe(4);
    expect(by('gateway_reads_total{from="dingtalk"}')).toBe(4);
  });

  it('show the token, the queue and the breakers as they are', async () => {
    await world.client.rest('GET', DEPARTMENT, app);
    const now = await figures();
    expect(now.get('gateway_app_token_left_seconds')).toBeGreaterThan(6000);
    expect(now.get('gateway_app_token_age_seconds')).toBeLessThan(600);
    expect(now.get('gateway_dingtalk_queue{operation="department.get"}')).toBe(0);
    expect(now.get('gateway_dingtalk_breaker_open{operation="department.get"}')).toBe(0);
    expect(now.get('gateway_dingtalk_banned')).toBe(0);
    expect(now.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    world.sandbox.levers.add({ kind: 'ban', route: 'POST /topapi/v2/department/get' });
    await world.client.rest('GET', DEPARTMENT, app);
    expect((await figures()).get('gateway_dingtalk_banned')).toBe(1);
  });

  it('have labels that callers cannot make up: whatever is asked, there are not more of them', async () => {
    const ask = async (mark: string) => {
      await world.client.rest('GET', `/nowhere/${mark}`, app);
      await world.client.rest('GET', `/v1/departments/${mark}`, app);
      await world.client.rest('GET', `/v1/employees/${mark}`, app);
      await world.client.raw(`/${mark}`, { method: 'PROPFIND' });
      await world.client.graphql(app, `query ${mark} { ${mark}: department(id: "1") { name } ${mark}x }`);
      await world.client.graphql(app, `query ${mark} { ${mark}: department(id: "1") { name } }`);
    };
    await ask('first');
    const ours = async () => [...(await figures()).keys()].filter((name) => name.startsWith('gateway_'));
    const before = await ours();
    for (let count = 0; count < 20; count += 1) await ask(`mark${count}`);
    expect(await ours()).toEqual(before);
  });
});

describe('the listener for operators', () => {
  it('tells why the gateway is unready, and callers nothing of it', async () => {
    await world.restartGateway({ DINGTALK_CLIENT_SECRET: 'wrong-secret-of-the-test' });
    const own = new AdminListener(ofOneProcess(world.app.get(Metrics), world.app.get(Readiness)));
    await own.listen(0, '127.0.0.1');
    const answer = await fetch(`${own.url}/health`);
    expect(answer.status).toBe(503);
    const told = (await answer.json()) as { ready: boolean; checks: Record<string, { ok: boolean; reason: string }> };
    expect(told).toMatchObject({ ready: false, checks: { process: { ok: true }, token: { ok: false, needed: true } } });
    expect(told.checks['token']?.reason).toMatch(/^DINGTALK_TOKEN_REFUSED: /);
    const open = await world.client.rest('GET', '/health/ready', {});
    expect([open.status, open.text]).toEqual([503, 'unready']);
    own.close();
    await world.restartGateway();
  });

  it('has two pages and no other', async () => {
    for (const path of ['/', '/v1/departments/1', '/graphql'])
      expect((await fetch(`${admin.url}${path}`)).status).toBe(404);
    expect((await fetch(`${admin.url}/metrics`, { method: 'POST' })).status).toBe(404);
    expect((await world.client.rest('GET', '/metrics', app)).status).toBe(404);
  });
});

describe('traces', () => {
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;

  it('are of the caller’s making where none are made here: its id is in the log, and never at DingTalk', async () => {
    const answer = await world.client.rest('GET', DEPARTMENT, { ...app, traceparent });
    expect(lines('request')).toMatchObject([{ traceId: TRACE }]);
    expect(lines('dingtalk call')).toMatchObject([{ traceId: TRACE }]);
    expect(answer.headers.get('traceparent')).toBeNull();
    expect(JSON.stringify(world.calls())).not.toContain(TRACE);
  });

  it.each([
    'garbage',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    `00-${TRACE}-x-01`,
  ])('are not begun by %s', (text) => {
    expect(new Traces().begin(text)).toBeUndefined();
  });

  it('are sent where OTEL_* says: a span of the request, and below it one of each call', async () => {
    const bodies: { resourceSpans: { resource: unknown; scopeSpans: { spans: Line[] }[] }[] }[] = [];
    const collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as (typeof bodies)[number]);
        response.end('{}');
      });
    }).listen(0, '127.0.0.1');
    await pause(50);
    const fleet = await Fleet.start({
      replicas: 1,
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
        OTEL_SERVICE_NAME: 'contacts',
        OTEL_BSP_SCHEDULE_DELAY: '100',
      },
    });
    const [{ client }] = fleet.replicas as [Replica];
    const answer = await client.rest('GET', DEPARTMENT, { ...app, traceparent });
    expect(answer.headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    const spans = () =>
      bodies
        .flatMap(({ resourceSpans }) =>
          resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
        )
        .filter(({ traceId }) => traceId === TRACE);
    const named = (name: string) => spans().find((span) => span['name'] === name);
    while (!named('GET /v1/departments/:id') || !named('department.get')) await pause(50);
    const request = named('GET /v1/departments/:id');
    expect(request).toMatchObject({ parentSpanId: '00f067aa0ba902b7', kind: 2 });
    expect(named('department.get')).toMatchObject({ parentSpanId: request?.['spanId'], kind: 3 });
    expect(JSON.stringify(bodies[0]?.resourceSpans[0]?.resource)).toContain('contacts');
    expect(JSON.stringify(fleet.sandbox.journal.all())).not.toContain(TRACE);
    await fleet.stop();
    collector.close();
    collector.closeAllConnections();
  });
});
