import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type IntrospectionQuery,
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { bearer } from './harness/client.js';
import { Fleet, type Replica } from './harness/fleet.js';
import { KEY } from './harness/world.js';

const app = bearer(KEY);

let fleet: Fleet;
let gateway: Replica;

beforeAll(async () => {
  fleet = await Fleet.start({ replicas: 1, environment: { NODE_ENV: 'development' } });
  [gateway] = fleet.replicas as [Replica];
});
afterAll(() => fleet.stop());

/** What is bundled renames classes where it may; callers know types by these names. */
describe('the gateway in one file', () => {
  it('has the schema of the contract', async () => {
    const { text } = await gateway.client.graphql(app, getIntrospectionQuery({ specifiedByUrl: true }));
    const { data } = JSON.parse(text) as { data: IntrospectionQuery };
    const told = buildClientSchema(data);
    const contract = buildSchema(readFileSync('schema.graphql', 'utf8'));
    expect(printSchema(lexicographicSortSchema(told))).toBe(printSchema(lexicographicSortSchema(contract)));
  });

  it('has the API of the contract', async () => {
    const told = await gateway.client.rest('GET', '/openapi.json', {});
    expect(JSON.parse(told.text)).toEqual(JSON.parse(readFileSync('openapi.json', 'utf8')));
  });
});
