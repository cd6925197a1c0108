import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const BUILT = join(import.meta.dirname, '../dist/libs/telemetry/src/standard-output.js');

/** What a program writes that logs by `out`, and how long before its end the first of it came. */
async function written(program: string): Promise<{ readonly lines: string[]; readonly aheadMs: number }> {
  const code = `import { standardOutput } from ${JSON.stringify(BUILT)}; const out = standardOutput(); ${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let [text, firstMs] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    firstMs ||= performance.now();
    text += part;
  });
  await new Promise((done) => child.once('close', done));
  return { lines: text.split('\n').slice(0, -1), aheadMs: performance.now() - firstMs };
}

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}`);
const writing = (count: number) => `for (let at = 0; at < ${count}; at += 1) out.write('line ' + at + '\\n');`;

describe('standard output', () => {
  it.each([1, 100, 20_000])('has all %s lines once and in their order when the process ends at once', async (count) => {
    const { lines } = await written(`${writing(count)} process.exit();`);
    expect(lines).toEqual(numbered(count));
  });

  it('has them in their order though the thread that writes is late when the process ends', async () => {
    const busy = "(await import('node:crypto')).pbkdf2('', '', 5000, 64, 'sha512', () => undefined);";
    const { lines } = await written(`process.env.UV_THREADPOOL_SIZE = '1'; ${busy} ${writing(2000)} process.exit();`);
    expect(lines).toEqual(numbered(2000));
  });

  it('has them when the process fails', async () => {
    const { lines } = await written(`process.on('uncaughtException', () => process.exit(1)); ${writing(3)} throw 1;`);
    expect(lines).toEqual(numbered(3));
  });

  it('has what comes while something is being written, though nothing comes after it', async () => {
    const trouble = "out.write('line 0\\n'); out.flush(); out.write('line 1\\n'); out.flush();";
    const { lines } = await written(`${trouble} setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000);`);
    expect(lines).toEqual(numbered(2));
  });

  it('has them long before the process ends', async () => {
    const { lines, aheadMs } = await written(`${writing(3)} setTimeout(() => undefined, 3000);`);
    expect([lines, aheadMs > 1000]).toEqual([numbered(3), true]);
  });
});
