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
