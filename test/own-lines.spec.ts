import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';

const OWN_LINES = resolve('dist/apps/gateway/src/own-lines.js');
const folder = mkdtempSync(join(tmpdir(), 'own-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a file tells of an error that it makes by `code`, which is said to come of line 5 of the source. */
async function told(code: string, source: string): Promise<string[]> {
  const file = join(folder, 'made.mjs');
  writeFileSync(file, `export default () => ${code};`);
  // AAIA: the first column is of the first source, four lines down.
  writeFileSync(`${file}.map`, JSON.stringify({ version: 3, sources: [source], names: [], mappings: 'AAIA' }));
  const script = `import { showOwnLines } from ${JSON.stringify(OWN_LINES)}; showOwnLines();
    const { default: make } = await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(make().stack);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  return stdout.split('\n');
}

describe('a stack', () => {
  it('tells the line of the source', async () => {
    const [head, where] = await told("new TypeError('no')", '../src/ours.ts');
    expect(head).toBe('TypeError: no');
    expect(where).toContain(`${resolve(folder, '../src/ours.ts')}:5:`);
  });

  it('tells the line of the file where its source is none', async () => {
    const [head, where] = await told("new Error('no')", 'node:fs?for=somebody');
    expect(head).toBe('Error: no');
    expect(where).toContain('/made.mjs:1:');
  });

  it('tells the code of what Node.js throws', async () => {
    const [head] = await told('{ try { Buffer.from(1); } catch (error) { return error; } }', 'ours.ts');
    expect(head).toMatch(/^TypeError \[ERR_INVALID_ARG_TYPE\]: The first argument must be /);
  });

  it('tells nothing that an error makes of itself', async () => {
    const [head] = await told("Object.assign(new Error('no'), { toString: () => '{ a document }' })", 'ours.ts');
    expect(head).toBe('Error: no');
  });

  it('is told also of what cannot be told', async () => {
    const thing = '(() => { const it = { get name() { throw 1; } }; Error.captureStackTrace(it); return it; })()';
    const [head, where] = await told(thing, 'ours.ts');
    expect(head).toBe('Error');
    expect(where).toContain('/ours.ts:5:');
  });
});
