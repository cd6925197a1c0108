import 'reflect-metadata';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { Args, GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AskingRequest, Callers } from '#access';
import { readSettings } from '#config';
import type { DepartmentService, EmployeeService } from '#contact';
import { FAILURES, Failure, type FailureCode } from '#contract';
import { Logger } from '#telemetry';
import { FailureFilter } from '../apps/gateway/src/edge/failure.filter.js';
import { GraphQLContexts } from '../apps/gateway/src/edge/graphql-contexts.js';
import { GraphQLOptions } from '../apps/gateway/src/edge/graphql.options.js';
import { TrustedDocuments } from '../apps/gateway/src/edge/trusted-documents.js';
import { RouteTable } from '../apps/gateway/src/edge/route-table.js';
import { Capture } from './harness/capture.js';
import { Client } from './harness/client.js';

const SECRET = 'secret-of-the-operator';
const DEFECT = 'DEFECT';

/** A failure of that code, as some part of the gateway would throw it; or a plain defect. */
function fail(code: string): never {
  if (code === DEFECT) throw new TypeError(`cannot read access_token=${SECRET} of 10.1.2.3`);
  const fields = [{ field: 'name', message: 'is wrong' }];
  throw new Failure(code as FailureCode, `own words of ${code}`, {
    note: SECRET,
    dingtalkCode: '60001',
    dingtalkRequestId: 'rid-1',
    retryAfterS: 7,
    fields,
  });
}

@Controller('fail')
class FailingController {
  @Get(':code')
  fail(@Param('code') code: string): string {
    return fail(code);
  }
}

@Resolver()
class FailingResolver {
  @Query(() => String)
  fail(@Args('code') code: string): string {
    return fail(code);
  }
}

const capture = new Capture();
const logger = new Logger('debug', capture.destination);
const settings = readSettings({ DINGTALK_CLIENT_ID: 'id', DINGTALK_CLIENT_SECRET: 's', DINGTALK_CORP_ID: 'ding1' });
/** The doors are not what this is about. */
const everybody = {
  meet: async (request: AskingRequest) => {
    request.caller = { kind: 'app', id: 'any', scopes: new Set() };
  },
  countRest: async () => undefined,
  confirm: async () => undefined,
} as unknown as Callers;

const documents = new TrustedDocuments(settings);
const contexts = new GraphQLContexts(settings, everybody, documents, {} as DepartmentService, {} as EmployeeService);

@Module({
  imports: [
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      ...new GraphQLOptions(settings, everybody, contexts, logger).createGqlOptions(),
    }),
  ],
  controllers: [FailingController],
  providers: [
    FailingResolver,
    RouteTable,
    { provide: Logger, useValue: logger },
    { provide: APP_FILTER, useClass: FailureFilter },
  ],
})
class FailingModule {}

let app: NestFastifyApplication;
let client: Client;

beforeAll(async () => {
  app = await NestFactory.create<NestFastifyApplication>(FailingModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  client = new Client(await app.getUrl(), capture);
});
afterAll(() => app.close());

const CODES = Object.keys(FAILURES) as FailureCode[];
const wordsOf = (code: FailureCode): string =>
  FAILURES[code].blame === 'caller' ? `own words of ${code}` : FAILURES[code].detail;

describe('the table of failures', () => {
  it('has the codes and statuses of the contract', () => {
    const statuses = Object.fromEntries(CODES.map((code) => [code, FAILURES[code].status]));
    expect(statuses).toEqual({
      BAD_INPUT: 400,
      UNAUTHENTICATED: 401,
      FORBIDDEN: 403,
      NOT_FOUND: 404,
      METHOD_NOT_ALLOWED: 405,
      IDEMPOTENCY_CONFLICT: 409,
      TOO_LARGE: 413,
      UNSUPPORTED_MEDIA_TYPE: 415,
      REJECTED: 422,
      IDEMPOTENCY_MISMATCH: 422,
      TOO_MANY_REQUESTS: 429,
      INTERNAL: 500,
      DINGTALK_TOKEN_REFUSED: 502,
      DINGTALK_NOT_PERMITTED: 502,
      DINGTALK_UNREADABLE: 502,
      DINGTALK_UNAVAILABLE: 502,
      DINGTALK_THROTTLED: 503,
      DINGTALK_QUOTA_SPENT: 503,
      SESSION_STORE_UNAVAILABLE: 503,
      IDENTITY_PROVIDER_UNAVAILABLE: 503,
      AUDIT_UNAVAILABLE: 503,
      OVERLOADED: 503,
      DINGTALK_TIMEOUT: 504,
      OUTCOME_UNKNOWN: 504,
    });
  });

  it.each(CODES)('%s is told by REST as a problem', async (code) => {
    const { status, title, retryable } = FAILURES[code];
    const answer = await client.raw(`/fail/${code}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.headers.get('www-authenticate')).toBe(
      code === 'UNAUTHENTICATED' ? 'Bearer realm="dingtalk-contact-gateway"' : null,
    );
    expect(answer.body).toEqual({
      type: `urn:dingtalk-contact-gateway:failure:${code}`,
      title,
      status,
      code,
      detail: wordsOf(code),
      retryable,
      requestId: expect.any(String),
      dingtalkCode: '60001',
      dingtalkRequestId: 'rid-1',
      errors: [{ field: 'name', message: 'is wrong' }],
    });
  });

  it.each(CODES)('%s is told by GraphQL in its extensions', async (code) => {
    const { status, body } = await client.graphql({}, 'query($code: String!) { fail(code: $code) }', { code });
    expect(status).toBe(200);
    expect(body.data).toBeNull();
    expect(body.errors).toEqual([
      {
        message: wordsOf(code),
        path: ['fail'],
        locations: expect.any(Array),
        extensions: {
          code,
          retryable: FAILURES[code].retryable,
          requestId: expect.any(String),
          dingtalkCode: '60001',
          dingtalkRequestId: 'rid-1',
          fields: [{ field: 'name', message: 'is wrong' }],
          retryAfter: 7,
        },
      },
    ]);
  });

  it('makes INTERNAL of a defect: no stack, no text of it goes out, and what is logged is scrubbed', async () => {
    const rest = await client.raw(`/fail/${DEFECT}`);
    const graphql = await client.graphql({}, `{ fail(code: "${DEFECT}") }`);
    expect(rest.body).toMatchObject({ status: 500, code: 'INTERNAL', detail: FAILURES.INTERNAL.detail });
    expect(graphql.body.errors[0]).toMatchObject({
      message: FAILURES.INTERNAL.detail,
      extensions: { code: 'INTERNAL' },
    });
    expect(rest.text + graphql.text).not.toMatch(/TypeError|\.ts:|10\.1\.2\.3/);
    const logged = capture.logs.filter((line) => line.includes('TypeError'));
    expect(logged).toHaveLength(2);
    expect(logged.join()).not.toMatch(new RegExp(`${SECRET}|10\\.1\\.2\\.3`));
  });

  it('never sends the operator’s note', () => {
    expect(capture.answers.join()).not.toContain(SECRET);
    expect(capture.logs.join()).toContain(SECRET);
  });
});
