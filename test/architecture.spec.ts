import { cpSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { shell } from './harness/processes.js';

const COPIED = ['apps', 'libs', 'package.json', 'tsconfig.json', '.dependency-cruiser.js'];
const CRUISE = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** Each rule, and a file that breaks it. */
const BREACHES: [rule: string, path: string, text: string][] = [
  ['contract-looks-down-only', 'libs/contract/src/planted.ts', "export type { UserService } from '#contact';"],
  ['dingtalk-looks-down-only', 'libs/dingtalk/src/planted.ts', "export type { Department } from '#contact';"],
  ['access-looks-down-only', 'libs/access/src/planted.ts', "export { AppTokens } from '#dingtalk';"],
  ['contact-looks-down-only', 'libs/contact/src/planted.ts', "export { Sessions } from '#access';"],
  [
    'dingtalk-is-entered-by-its-index',
    'libs/contact/src/user/planted.ts',
    "export { Transport } from '../../../dingtalk/src/transport.js';",
  ],
  ['only-the-transport-imports-axios', 'libs/contact/src/department/planted.ts', "export { default } from 'axios';"],
  [
    'the-gateway-does-not-know-the-sandbox',
    'apps/gateway/src/planted.ts',
    "export { Sandbox } from '../../dingtalk-sandbox/src/sandbox.js';",
  ],
  ['the-sandbox-shares-nothing', 'apps/dingtalk-sandbox/src/planted.ts', "export { Failure } from '#contract';"],
  ['no-circles', 'libs/state/src/locks.ts', "import './index.js'; export class Locks {} export class MemoryLocks {}"],
];

/** What the architecture check says of a copy of the house with these files in it. */
async function checkWith(files: readonly (readonly [path: string, text: string])[]) {
  const house = mkdtempSync(join(tmpdir(), 'house-'));
  for (const part of COPIED) cpSync(part, join(house, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(house, 'node_modules'));
  for (const [path, text] of files) writeFileSync(join(house, path), text);
  return shell(`'${process.execPath}' '${CRUISE}' apps libs --config .dependency-cruiser.js`, house);
}

describe('the architecture check', () => {
  let found: string;
  beforeAll(async () => {
    const { code, stdout } = await checkWith(BREACHES.map(([, path, text]) => [path, text]));
    expect(code).not.toBe(0);
    found = stdout;
  }, 60_000);

  it.each(BREACHES)('catches a planted breach of %s', (rule, path) => {
    expect(found).toContain(`error ${rule}: ${dirname(path)}/`);
  });

  it('has nothing to say of the house as it is', async () => {
    expect(await checkWith([])).toMatchObject({ code: 0 });
  });
});
