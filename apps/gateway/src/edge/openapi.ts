import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type Rule, scopeOf } from '#access';
import { PROBLEM, RATE_LIMIT, failurePages, failureResponses, failuresOf, tellsRate } from './openapi-failures.js';

const DESCRIPTION = [
  'DingTalk’s contact APIs without DingTalk’s tokens, error codes and two API generations.',
  'Internal apps show a key, or a JWT of the company’s identity provider: `Authorization: Bearer <key>`.',
  'People sign in (from this page: open `/session/login?returnTo=/docs`) and have a session cookie; every call with it carries `x-csrf: 1`, which this page adds by itself.',
  'Answers to a caller with a limit carry `RateLimit` and `RateLimit-Policy`; beyond it there is 429 with `Retry-After`.',
  'What was read is remembered for a short while, but for whoever has changed it; `Cache-Control: no-cache` on a request asks DingTalk.',
  'Failures are `application/problem+json`, with the same codes as in GraphQL.',
].join('\n\n');

const TAGS: readonly [string, string][] = [
  ['users', 'People as DingTalk knows them, with their own consent.'],
  ['departments', 'The tree of the organisation.'],
  ['employees', 'Its people, as the organisation keeps them.'],
  ['org-accounts', 'Enterprise accounts and who may see what of them.'],
  ['audit', 'Who changed what.'],
  ['session', 'Signing in and out.'],
  ['health', 'For probes.'],
];

interface Operation {
  tags?: string[];
  responses: Record<string, { $ref?: string; headers?: object }>;
  requestBody?: object;
  security?: object[];
  parameters?: { in: string; name: string }[];
  summary?: string;
  description?: string;
  'x-access'?: Rule;
  /** Whoever calls it reads pages, failures too. */
  'x-page'?: true;
}

const SECURITY: Readonly<Record<Rule['for'], object[]>> = {
  anybody: [],
  callers: [{ key: [] }, { session: [], csrf: [] }],
  people: [{ session: [], csrf: [] }],
};

/** Whether something at DingTalk is changed. */
const changesSomething = ({ parameters = [] }: Operation): boolean =>
  parameters.some(({ name }) => name === 'Idempotency-Key');

const REPLAYED = {
  'Idempotency-Replayed': {
    description: '`true` where the change was made before, by a request with the same `Idempotency-Key`.',
    schema: { type: 'string', maxLength: 4 },
  },
};

/** What is shared has its headers already. */
function completeHeaders(operation: Operation): void {
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!tellsRate(status) || response.$ref) continue;
    response.headers = { ...response.headers, ...RATE_LIMIT, ...(changesSomething(operation) && REPLAYED) };
  }
}

/** Adds to an operation what follows from its rule: who may call it, and how it can fail. */
function complete(operation: Operation): void {
  const rule = operation['x-access'] ?? { for: 'anybody' };
  const quiet = operation.tags?.includes('health') ?? false;
  const takesBody = operation.requestBody !== undefined;
  const needs = rule.for === 'anybody' ? [] : rule.scopes.map((scope) => `\`${scope}\``);
  const guarded = rule.for !== 'anybody';
  const takesInput = takesBody || (operation.parameters ?? []).length > 0;
  // With a session any call may: at times it is asked whether its person is still an employee.
  const changes = changesSomething(operation);
  const kind = { quiet, guarded, takesInput, takesBody, changes, callsDingTalk: guarded || takesBody };
  const failures = operation['x-page'] ? failurePages() : failuresOf(kind);
  // Compilers run decorators in orders of their own.
  operation.parameters?.sort((one, other) => one.in.localeCompare(other.in) || one.name.localeCompare(other.name));
  operation.security = SECURITY[rule.for];
  operation.description = `${operation.summary}.${needs.length > 0 ? ` Needs ${needs.join(', ')}.` : ''}`;
  operation.responses = { ...failures, ...operation.responses };
  completeHeaders(operation);
  delete operation['x-access'];
  delete operation['x-page'];
}

interface Schema {
  properties?: Record<string, { type?: unknown; description?: string }>;
  required?: string[];
}

/** Fields that say how to reach a person: what an answer holds of them depends on who asks. */
function completeFields(schema: Schema): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const scope = Array.isArray(property.type) && property.type.includes('string') ? scopeOf(name) : undefined;
    if (!scope) continue;
    property.description += ' Masked or absent without it.';
    schema.required = schema.required?.filter((other) => other !== name);
  }
}

function builder() {
  const document = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('DingTalk contact gateway')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/')
    .addSecurity('key', { type: 'http', scheme: 'bearer', description: 'The key or JWT of an internal app.' })
    .addSecurity('session', { type: 'apiKey', in: 'cookie', name: '__Host-Http-session' })
    .addSecurity('csrf', { type: 'apiKey', in: 'header', name: 'x-csrf', description: 'Always `1`.' });
  for (const [name, description] of TAGS) document.addTag(name, description);
  return document.build();
}

const SCHEMA = /#\/components\/schemas\/(\w+)/g;

/** The shapes of bodies: what they ask for is not masked. */
const inputsOf = (document: OpenAPIObject): Set<string> => {
  const bodies = Object.values(document.paths).flatMap((path) =>
    (Object.values(path) as Operation[]).map(({ requestBody }) => requestBody),
  );
  return new Set([...JSON.stringify(bodies).matchAll(SCHEMA)].map(([, name]) => name ?? ''));
};

/** The contract of the REST door, OpenAPI 3.1. */
export function buildOpenApi(app: INestApplication): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, builder(), { operationIdFactory: (_, method) => method });
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path) as unknown as Operation[]) complete(operation);
  }
  // For a company's own front ends and services, and nobody else.
  for (const server of document.servers ?? []) Object.assign(server, { 'x-internal': true });
  const components = document.components as NonNullable<OpenAPIObject['components']>;
  const inputs = inputsOf(document);
  for (const [name, schema] of Object.entries(components.schemas ?? {})) {
    if (!inputs.has(name)) completeFields(schema as Schema);
  }
  components.schemas = { ...components.schemas, Problem: PROBLEM as never };
  components.responses = failureResponses() as never;
  return document;
}
