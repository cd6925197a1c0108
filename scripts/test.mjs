// Everything that `npm test` stands for, stage by stage; the last line counts tests and checks together.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countTests } from './count-tests.mjs';

const RESULTS = join('.cache', 'results');
const bin = (path) => join('node_modules', ...path.split('/'));

const jest = (project, ...options) => ({
  name: `${project} tests`,
  command: [
    ...['--experimental-vm-modules', '--no-warnings', bin('jest/bin/jest.js'), '--selectProjects', project],
    ...['--json', `--outputFile=${join(RESULTS, `${project}.json`)}`],
    ...options,
  ],
  counts: join(RESULTS, `${project}.json`),
});

const STAGES = [
  { name: 'types and build', command: [bin('typescript/bin/tsc'), '-p', 'tsconfig.build.json'] },
  { name: 'bundle', command: [join('scripts', 'bundle.mjs')] },
  { name: 'types of the tests', command: [bin('typescript/bin/tsc'), '-p', 'tsconfig.json', '--noEmit'] },
  { name: 'format', command: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: [bin('eslint/bin/eslint.js'), '--max-warnings', '0', '.'] },
  {
    name: 'architecture',
    command: [
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      'apps',
      'libs',
      'test',
      '--config',
      '.dependency-cruiser.js',
    ],
  },
  { name: 'dead code', command: [bin('knip/bin/knip.js'), '--no-progress', '--treat-config-hints-as-errors'] },
  { name: 'OpenAPI (redocly)', command: [bin('@redocly/cli/bin/cli.js'), 'lint', 'openapi.json'] },
  {
    name: 'OpenAPI (spectral)',
    command: [bin('@stoplight/spectral-cli/dist/index.js'), 'lint', '--fail-severity', 'warn', 'openapi.json'],
  },
  {
    name: 'OpenAPI (OWASP)',
    command: [
      ...[bin('@stoplight/spectral-cli/dist/index.js'), 'lint', '--fail-severity', 'error'],
      ...['--ruleset', '.spectral-owasp.yaml', 'openapi.json'],
    ],
  },
  jest('unit', '--maxWorkers=2'),
  jest('end-to-end', '--maxWorkers=2'),
  // What it counts is told: how much was done to the gateway, and how much of it it held out against.
  {
    ...jest('faults', '--maxWorkers=3', '--reporters=default', '--reporters=./test/harness/ledger-reporter.mjs'),
    tells: /^(?:faults|hostile inputs): .*$/gm,
  },
  // Real processes, a real Redis, PostgreSQL and balancer.
  {
    ...jest('replicas', '--maxWorkers=2'),
    wants: {
      ...{ '/usr/bin/redis-server': 'redis-server', '/usr/sbin/haproxy': 'haproxy' },
      '/usr/lib/postgresql': 'postgresql',
    },
    tells: /^(?:Redis [a-z, -]+|crash \w+): .*$/gm,
  },
  // One browser at a time: two would starve each other on two cores.
  { ...jest('browser', '--runInBand'), wants: { '/usr/bin/chromium': 'chromium' } },
];

function run({ command }) {
  const environment = {
    ...process.env,
    FORCE_COLOR: '0',
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  };
  const startMs = Date.now();
  return new Promise((done) => {
    const child = spawn(process.execPath, command, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.once('close', (code) => {
      const seconds = ((Date.now() - startMs) / 1000).toFixed(1);
      done({ ok: code === 0, output: Buffer.concat(output).toString(), seconds });
    });
  });
}

/** Checks do not disturb each other, and use one core each: two at a time. Tests have the machine to themselves. */
function inPairs(checks) {
  const ends = [Promise.resolve(), Promise.resolve()];
  return new Map(
    checks.map((check, at) => {
      const result = ends[at % 2].then(() => run(check));
      ends[at % 2] = result;
      return [check, result];
    }),
  );
}

rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
const total = { passed: 0, failed: 0 };
const [BUILD, ...others] = STAGES;
let checks = new Map();
for (const stage of STAGES) {
  if (stage !== BUILD && checks.size === 0) checks = inPairs(others.filter(({ counts }) => !counts));
  process.stdout.write(`${stage.name} … `);
  const missing = Object.entries(stage.wants ?? {}).filter(([file]) => !existsSync(file));
  if (missing.length > 0) {
    // Where it must be there, its absence is a failure; elsewhere it is said, not hidden.
    total.failed += process.env.CI === 'true' ? 1 : 0;
    const [files, packages] = [0, 1].map((at) => missing.map((entry) => entry[at]));
    process.stdout.write(
      `NOT RUN: there is no ${files.join(' and no ')} (Debian: apt-get install ${packages.join(' ')})\n`,
    );
    continue;
  }
  const { ok, output, seconds } = await (checks.get(stage) ?? run(stage));
  // A check counts as one.
  const { passed, failed } = stage.counts ? countTests(stage.counts, ok) : { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  total.passed += passed;
  total.failed += failed;
  process.stdout.write(
    failed > 0 ? `FAILED (${seconds} s)\n${output}\n` : `ok${stage.counts ? `, ${passed} tests` : ''} (${seconds} s)\n`,
  );
  for (const [line] of output.matchAll(stage.tells ?? /$^/g)) process.stdout.write(`${line}\n`);
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
