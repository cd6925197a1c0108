// Unit and end-to-end tests on other versions of Node.js: npm run test:on -- 22 24. Expects a build.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countTests } from './count-tests.mjs';

const RESULTS = join('.cache', 'results');
mkdirSync(RESULTS, { recursive: true });

const JEST = ['--experimental-vm-modules', '--no-warnings', join('node_modules', 'jest', 'bin', 'jest.js')];

/** npm brings that version for the one command; the machine's own stays as it is. */
function run(version, file) {
  const jest = [...JEST, '--selectProjects', 'unit', 'end-to-end', '--maxWorkers=2', '--json', `--outputFile=${file}`];
  const child = spawn('npx', ['-y', '-p', `node@${version}`, 'node', ...jest], { stdio: ['ignore', 'ignore', 'pipe'] });
  const output = [];
  child.stderr.on('data', (chunk) => output.push(chunk));
  return new Promise((done) => child.once('close', (code) => done({ code, output: Buffer.concat(output).toString() })));
}

for (const version of process.argv.slice(2)) {
  const file = join(RESULTS, `node-${version}.json`);
  process.stdout.write(`unit and end-to-end tests on Node.js ${version} …\n`);
  rmSync(file, { force: true });
  const { code, output } = await run(version, file);
  const { passed, failed } = countTests(file, code === 0);
  if (failed > 0) process.stdout.write(`${output}\n`);
  process.stdout.write(`Node${version}: ${passed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
}
