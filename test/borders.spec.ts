import type { ApolloDriverConfig } from '@nestjs/apollo';
import { Controller, Get, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import { Field, GraphQLModule, ID, ObjectType, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Callers, InternalAppGuard, Needs, Open } from '#access';
import { readSettings } from '#config';
import type { DepartmentService, EmployeeService } from '#contact';
import { Logger } from '#telemetry';
import { FailureFilter } from '../apps/gateway/src/edge/failure.filter.js';
import { GraphQLContexts } from '../apps/gateway/src/edge/graphql-contexts.js';
import { GraphQLOptions } from '../apps/gateway/src/edge/graphql.options.js';
import { TrustedDocuments } from '../apps/gateway/src/edge/trusted-documents.js';
import { RouteTable } from '../apps/gateway/src/edge/route-table.js';
import { Client, type FieldError, bearer } from './harness/client.js';
import { DOORS } from './harness/doors.js';
import { KEY, TestWorld } from './harness/world.js';

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start({ TRUSTED_PROXIES: '127.0.0.1' });
});
afterAll(() => world.stop());
afterEach(() => world.reset());

describe('what reaches DingTalk', () => {
  /** All that any call of the gateway carries. */
  const OURS = new Set([
    'accept',
    'connection',
    'content-length',
    'content-type',
    'host',
    'user-agent',
    'x-acs-dingtalk-access-token',
  ]);

  it('is none of the headers of a caller, at any door, by key or session or while signing in', async () => {
    const planted = {
      'x-forwarded-for': '203.0.113.77',
      'x-forwarded-host': 'planted.example',
      'x-forwarded-proto': 'https',
      forwarded: 'for=203.0.113.77',
      'x-real-ip': '203.0.113.77',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'user-agent': 'planted-agent',
      referer: 'https://planted.example/',
      origin: 'https://planted.example',
      'x-acs-dingtalk-access-token': 'planted-token',
      'x-planted': 'planted',
    };
    const person = await world.client.signIn(world.authCode('102530009661373952'));
    for (const door of DOORS.filter(({ name }) => name !== 'DELETE /session')) {
      await door.call(world.client, { ...planted, ...person });
      await door.call(world.client, { ...planted, ...bearer(KEY), cookie: person['cookie'] ?? '' });
    }
    await world.client.rest(
      'POST',
      '/session',
      { ...planted, ...person },
      { authCode: world.authCode('102530009661373952') },
    );
    const calls = world.sandbox.journal.all();
    expect(calls.length).toBeGreaterThan(10);
    for (const { headers } of calls) expect(Object.keys(headers).filter((name) => !OURS.has(name))).toEqual([]);
    expect(JSON.stringify(calls)).not.toMatch(/planted|203\.0\.113\.77|Bearer|session=/);
  });
});

describe('front ends of other origins', () => {
  const APP = 'https://app.example.com';
  const preflight = (origin: string, path = '/graphql') =>
    world.client.raw(path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-csrf,content-type',
      },
    });
  const spoken = ({ headers }: { headers: Headers }) =>
    [...headers.keys()].filter((name) => name.startsWith('access-control'));

  it('are not spoken of where none is named', async () => {
    for (const path of ['/graphql', '/v1/users/me', '/session', '/health/live']) {
      expect(spoken(await preflight(APP, path))).toEqual([]);
      expect(spoken(await world.client.raw(path, { headers: { origin: APP } }))).toEqual([]);
    }
  });

  describe('that are named', () => {
    beforeAll(() => world.restartGateway({ ALLOWED_ORIGINS: `${APP} http://localhost:5173` }));
    afterAll(() => world.restartGateway());

    it('may call, with the cookie and the headers that they need, and read what the answer says', async () => {
      for (const path of ['/graphql', '/v1/departments/1', '/session']) {
        const { status, headers } = await preflight(APP, path);
        expect(status).toBe(204);
        expect(headers.get('access-control-allow-origin')).toBe(APP);
        expect(headers.get('access-control-allow-credentials')).toBe('true');
        expect(headers.get('access-control-allow-headers')).toContain('x-csrf');
      }
      const refused = await world.client.rest('GET', '/v1/users/me', { origin: APP });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('access-control-allow-origin')).toBe(APP);
      expect(refused.headers.get('access-control-expose-headers')).toContain('x-request-id');
      expect(refused.headers.get('vary')).toContain('Origin');
    });

    it.each(['https://evil.example', 'https://app.example.com.evil.example', 'http://app.example.com', 'null'])(
      'are not %s',
      async (origin) => {
        expect(spoken(await preflight(origin))).toEqual([]);
        expect(spoken(await world.client.raw('/health/live', { headers: { origin } }))).toEqual([]);
      },
    );

    it('leave the answers to wrong addresses and methods as they are', async () => {
      expect((await world.client.raw('/nowhere')).body).toMatchObject({ status: 404, code: 'NOT_FOUND' });
      expect((await world.client.rest('PUT', '/session', {}, {})).body).toMatchObject({ status: 405 });
    });
  });
});

@ObjectType()
class Thing {
  @Field(() => ID)
  id: string;
}

@Controller()
class Forgetful {
  @Get('forgotten')
  forgotten() {
    return { told: 'what nobody may know' };
  }

  @Get('open')
  @Open()
  open() {
    return { told: 'what everybody may know' };
  }
}

@Resolver(() => Thing)
class ForgetfulResolver {
  @Query(() => Thing)
  forgotten() {
    return { id: 'secret' };
  }

  @Query(() => Thing)
  @Needs('department:read')
  thing() {
    return { id: '1' };
  }

  @ResolveField(() => Thing, { nullable: true })
  forgottenLink() {
    return { id: 'secret' };
  }

  @ResolveField(() => Thing, { nullable: true })
  @Needs('employee:read')
  employees() {
    return { id: '2' };
  }
}

const settings = readSettings({ DINGTALK_CLIENT_ID: 'i', DINGTALK_CLIENT_SECRET: 's', DINGTALK_CORP_ID: 'ding1' });
const logger = new Logger('silent');
/** Whoever asks is an app that may read departments. */
const callers = {
  meet: async (request: { caller?: unknown }) => {
    request.caller = { kind: 'app', id: 'any', scopes: new Set(['department:read']) };
  },
  countRest: async () => undefined,
  confirm: async () => undefined,
} as unknown as Callers;

const documents = new TrustedDocuments(settings);
const contexts = new GraphQLContexts(settings, callers, documents, {} as DepartmentService, {} as EmployeeService);

@Module({
  imports: [
    GraphQLModule.forRoot<ApolloDriverConfig>(
      new GraphQLOptions(settings, callers, contexts, logger).createGqlOptions(),
    ),
  ],
  controllers: [Forgetful],
  providers: [
    ForgetfulResolver,
    { provide: Callers, useValue: callers },
    { provide: Logger, useValue: logger },
    { provide: RouteTable, useValue: new RouteTable() },
    { provide: APP_GUARD, useClass: InternalAppGuard },
    { provide: APP_FILTER, useClass: FailureFilter },
  ],
})
class ForgetfulModule {}

describe('a handler that names no rule', () => {
  it('is shut: a route, a field, and a link between types', async () => {
    const app = await NestFactory.create(ForgetfulModule, new FastifyAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    const client = new Client(await app.getUrl(), world.capture);
    expect((await client.raw('/forgotten')).body).toMatchObject({
      status: 403,
      detail: 'This door names nobody who may open it.',
    });
    expect((await client.raw('/open')).status).toBe(200);
    const { body } = await client.graphql({}, '{ thing { id forgottenLink { id } employees { id } } }');
    expect(body.data).toEqual({ thing: { id: '1', forgottenLink: null, employees: null } });
    expect(body.errors.map(({ path, message }: FieldError) => [path.at(-1), message])).toEqual([
      ['forgottenLink', 'This door names nobody who may open it.'],
      ['employees', 'The caller lacks the scope employee:read.'],
    ]);
    const field = await client.graphql({}, '{ forgotten { id } }');
    expect(field.body.errors[0].extensions.code).toBe('FORBIDDEN');
    await app.close();
  });
});
