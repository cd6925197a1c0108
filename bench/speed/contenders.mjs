// The gateway and its peers: how each is started, and how it is asked.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { newFolder } from '../programs.mjs';
import { forwarded, profile } from './requests.mjs';

const PEERS = join(import.meta.dirname, 'peers');
const node = process.execPath;

const version = (name) => JSON.parse(readFileSync(join(PEERS, 'node_modules', name, 'package.json'), 'utf8')).version;

/** Their packages are their own, and installed by this alone. */
export function installPeers() {
  const lock = readFileSync(join(PEERS, 'package-lock.json'), 'utf8');
  const mark = join(PEERS, 'node_modules', '.of-this-lock');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  process.stderr.write('Installing the peers (a minute, 740 MB in bench/speed/peers) …\n');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: PEERS, stdio: 'inherit' });
  writeFileSync(mark, lock);
}

const script = (name) => [node, join(PEERS, name)];

function tutorial() {
  const { outputText } = ts.transpileModule(readFileSync(join(PEERS, 'tutorial.ts'), 'utf8'), {
    compilerOptions: {
      ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
      ...{ experimentalDecorators: true, emitDecoratorMetadata: true },
    },
  });
  writeFileSync(join(PEERS, 'tutorial.built.mjs'), outputText);
  return script('tutorial.built.mjs');
}

function hive({ port, upstream }) {
  const supergraph = join(newFolder('hive'), 'supergraph.graphql');
  const bin = (name) => join(PEERS, 'node_modules', '.bin', name);
  execFileSync(bin('mesh-compose'), ['-c', 'hive.config.mjs', '-o', supergraph], {
    ...{ cwd: PEERS, stdio: 'ignore' },
    env: { ...process.env, UPSTREAM: upstream },
  });
  const options = ['--port', String(port), '--host', '127.0.0.1', '--fork', '1'];
  return [node, bin('hive-gateway'), 'supergraph', supergraph, ...options];
}

/** TAILCALL says how its program is started where it needs another C library than this machine's. */
function tailcall({ port, upstream }) {
  const folder = newFolder('tailcall');
  const config = join(folder, 'tailcall.graphql');
  const text = readFileSync(join(PEERS, 'tailcall.graphql'), 'utf8');
  writeFileSync(config, text.replace('8000', port).replace('http://127.0.0.1:9000', upstream));
  const binary = join(PEERS, 'node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall');
  return [...(process.env.TAILCALL?.split(' ') ?? []), binary, 'start', config];
}

/** @returns how each peer is started: `command` of a port and the upstream's address. */
export const peers = () => [
  { name: 'bare', title: 'bare node:http + undici proxy', command: () => script('bare.mjs'), request: forwarded() },
  {
    name: 'tutorial',
    title: `Nest tutorial app (Nest ${version('@nestjs/core')}, Express)`,
    command: tutorial,
    request: profile({ 'x-api-key': 'a-key' }),
  },
  {
    name: 'apollo',
    title: `Apollo Server ${version('@apollo/server')} standalone, axios`,
    command: () => script('apollo.mjs'),
    request: profile(),
  },
  {
    name: 'yoga',
    title: `graphql-yoga ${version('graphql-yoga')}, axios`,
    command: () => script('yoga.mjs'),
    request: profile(),
  },
  {
    name: 'hive',
    title: `Hive Gateway ${version('@graphql-hive/gateway')}, OpenAPI source`,
    command: hive,
    request: profile({}, 'String!'),
  },
  {
    name: 'mercurius',
    title: `mercurius ${version('mercurius')}, jit: 1, axios`,
    command: () => script('mercurius.mjs'),
    request: profile(),
  },
  {
    name: 'sdk',
    title: `DingTalk's SDK ${version('@alicloud/dingtalk')} behind node:http`,
    command: () => script('sdk.mjs'),
    request: forwarded(),
  },
  { name: 'tailcall', title: 'Tailcall 1.6.14 (Rust, one core)', command: tailcall, request: profile() },
];
