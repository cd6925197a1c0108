import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { generateOpenApi, generateSchema } from '../apps/gateway/src/edge/contract.js';
import { TestWorld } from './harness/world.js';

describe('graphql-http’s audits of the running gateway', () => {
  let world: TestWorld;

  beforeAll(async () => {
    world = await TestWorld.start();
  });
  afterAll(() => world.stop());

  it.each(serverAudits({ url: 'http://audit.example/graphql' }).map(({ id, name }) => [id, name]))(
    '%s: %s finds no error',
    async (id) => {
      const audit = serverAudits({
        url: `${world.client.url}/graphql`,
        fetchFn: (url: string, init: RequestInit = {}) =>
          fetch(url, { ...init, headers: { 'apollo-require-preflight': 'true', ...(init.headers as object) } }),
      }).find((one) => one.id === id);
      const result = await audit?.fn();
      expect(result?.status).not.toBe('error');
      expect(['ok', 'warn', 'notice']).toContain(result?.status);
    },
  );
});

describe('the contract in the repository', () => {
  it('schema.graphql is what the code says (npm run contract writes it)', async () => {
    expect(await readFile('schema.graphql', 'utf8')).toBe(await generateSchema());
  });

  it('openapi.json is what the code says (npm run contract writes it)', async () => {
    expect(await readFile('openapi.json', 'utf8')).toBe(await generateOpenApi());
  });
});

describe('openapi.json', () => {
  type Schema = Record<string, unknown> & { type?: string | string[] };
  const schemas: [place: string, schema: Schema][] = [];
  const walk = (node: unknown, place: string): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('type' in node && !('in' in node) && !place.endsWith('properties')) schemas.push([place, node as Schema]);
    for (const [key, value] of Object.entries(node)) if (!/^examples?$/.test(key)) walk(value, `${place}.${key}`);
  };
  const isOf = ({ type }: Schema, wanted: string): boolean => [type].flat().includes(wanted);

  beforeAll(async () => {
    const document = JSON.parse(await readFile('openapi.json', 'utf8')) as { components: { schemas: object } };
    walk(document.components.schemas, 'schemas');
    walk((document as unknown as { paths: object }).paths, 'paths');
    expect(schemas.length).toBeGreaterThan(100);
  });

  it.each([
    ['string', ['maxLength', 'enum']],
    ['array', ['maxItems']],
    ['integer', ['maximum']],
    ['integer', ['minimum']],
  ])('promises a bound for every %s but a stream: %j', (type, bounds) => {
    const unbounded = schemas.filter(([, schema]) => isOf(schema, type) && !bounds.some((bound) => bound in schema));
    const streams = /^paths\.\/v1\/(?:departments\/\{id\}|audit-events)\/export\.get\.responses\.200\./;
    expect(unbounded.map(([place]) => place).filter((place) => !streams.test(place))).toEqual([]);
  });
});
