import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import module, { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
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

const PARTS = 'dist/apps/gateway/src/parts';
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

  it('is not compiled anew at every start, where Node.js keeps what it has compiled', async () => {
    const first = await fleet.add({ DRAIN_S: '0' });
    await first.program.stop();
    const next = await fleet.add({ NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
    const taken = /parts\/gateway-\w+\.js was accepted/.test(next.program.stderr);
    expect(taken).toBe('enableCompileCache' in module);
  });

  it('tells stacks by our own lines', async () => {
    const [part = ''] = readdirSync(PARTS).filter((name) => /^gateway-.*\.js$/.test(name));
    const script = `
      const [{ showOwnLines }, { startGateway }] = await Promise.all(process.argv.slice(1).map((file) => import(file)));
      showOwnLines();
      startGateway(undefined).catch(({ stack }) => { console.log(stack); process.exit(); });`;
    const files = [resolve(PARTS, '../own-lines.js'), resolve(PARTS, part)];
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script, ...files]);
    const [what, where = ''] = stdout.split('\n');
    expect(what).toMatch(/^TypeError: Cannot read properties of undefined/);
    const [, file = '', line = ''] =
      /^ {4}at startGateway \((.*\/apps\/gateway\/src\/gateway\.ts):(\d+):\d+\)$/.exec(where) ?? [];
    expect(readFileSync(file, 'utf8').split('\n')[Number(line) - 1]).toContain('settings.');
  });

  it('has maps of our lines, and of packages the names of their files', () => {
    const [part = ''] = readdirSync(PARTS).filter((name) => /^gateway-.*\.js$/.test(name));
    const code = readFileSync(join(PARTS, part), 'utf8').split('\n');
    const map = new SourceMap(JSON.parse(readFileSync(join(PARTS, `${part}.map`), 'utf8')) as SourceMapPayload);
    const placeOf = (text: string) => {
      const line = code.findIndex((one) => one.includes(text));
      return map.findEntry(line, (code[line] ?? '').indexOf(text)) as SourceMapping;
    };
    const own = placeOf('"must be true or false"');
    expect(own.originalSource).toMatch(/apps\/gateway\/src\/edge\/value\.pipes\.ts$/);
    const lines = readFileSync('apps/gateway/src/edge/value.pipes.ts', 'utf8').split('\n');
    expect(lines[own.originalLine]).toContain("'must be true or false'");
    expect(placeOf('FST_ERR_DUPLICATED_ROUTE').originalSource).toMatch(/node_modules\/fastify\//);
  });
});
