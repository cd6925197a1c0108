// Puts the gateway into one file, `main.js`, with what is seldom needed in files beside it. Expects what tsc has made.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import module from 'node:module';
import { basename, join, resolve } from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build } from 'esbuild';

const FOLDER = 'dist/apps/gateway/src';
/** As `entry.ts` calls it. */
const COMPILED = 'compiled';

/** They stay packages: they are native, or bring files along, or are of Nest's offers that nobody has taken. */
const PACKAGES = [
  ...['libsql', 'pg-native', 'swagger-ui-dist', '@graphql-yoga/render-graphiql'],
  ...['@nestjs/platform-express', '@nestjs/microservices', '@nestjs/microservices/*', '@nestjs/websockets/*'],
  ...['@as-integrations/express5', '@apollo/subgraph', '@apollo/subgraph/*', '@apollo/gateway', 'ts-morph'],
  ...['@fastify/multipart', '@fastify/static', '@fastify/view', 'class-transformer', 'class-transformer/*'],
];

const REQUIRE = 'const require = createRequire(import.meta.url);';

/**
 * Nest's mapped types would require a class-validator of their own, with all its two megabytes of rules: they get the one
 * that is in the file, by name, so that the rest of it can be left out. Nest's own ValidationPipe, which nobody uses here, would
 * import all of it.
 */
const oneClassValidator = {
  name: 'one-class-validator',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^class-validator$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
    onLoad({ filter: /@nestjs\/mapped-types\/dist\/type-helpers\.utils\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes(REQUIRE)) throw new Error(`${path} has changed: look at how it loads class-validator`);
      const named = `import { IsOptional, ValidateIf, getMetadataStorage } from 'class-validator';
        const classValidatorOfFile = { IsOptional, ValidateIf, getMetadataStorage };`;
      return {
        contents: named + text.replaceAll("require('class-validator')", 'classValidatorOfFile'),
        resolveDir: join(path, '..'),
      };
    });
  },
};

/** Of undici its pools only. All of it would load Node's own copy of it too, for what its fetch has in common with that one. */
const poolsOfUndici = {
  name: 'pools-of-undici',
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/undici\/index\.js$/ }, ({ path }) => ({
      contents: "export { default as Agent } from './lib/dispatcher/agent.js';",
      resolveDir: join(path, '..'),
    }));
  },
};

/** Whoever imports all of node:http by name reads all of it: the WebSocket that it has too would load Node's own undici. */
const httpWithoutWebSocket = {
  name: 'http-without-web-socket',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(?:node:)?http$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'http', namespace: 'builtin', sideEffects: false } : undefined,
    );
    onLoad({ filter: /^http$/, namespace: 'builtin' }, () => {
      const names = Object.keys(http).filter((name) => !Object.getOwnPropertyDescriptor(http, name).get);
      return { contents: `const http = require('node:http'); export default http; export const { ${names} } = http;` };
    });
  },
};

/**
 * GraphQL's types and the API page's shapes are called as their classes are, which esbuild renames where two files have one of
 * the same name. Its own remedy, `keepNames`, costs a third of the speed: it names every closure each time that it is made.
 */
const namesOfClasses = {
  name: 'names-of-classes',
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/(apps|libs)\/.*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const named = (start, name) => `${start} static { Object.defineProperty(this, 'name', { value: '${name}' }); }`;
      return { contents: ascii(text.replace(/\blet (\w+) = class \1\b[^{]*\{/g, named)) };
    });
  },
};

/** V8 keeps a file with one character beyond Latin-1, as in a regular expression, with two bytes for each of all its characters. */
const ascii = (text) => text.replace(/[^\0-\x7f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * A map of our lines: of a package it says the file only. The first stack that is told reads the map, and what it says of
 * packages would be six times as much, and stay in memory.
 */
function mapOfOurs(map) {
  const isPackage = map.sources.map((source) => source.includes('/node_modules/'));
  let last;
  const lines = decode(map.mappings).map((line) =>
    line.flatMap(([column, source, ...place]) => {
      const goesOn = source === last;
      last = source;
      if (!isPackage[source]) return [[column, source, ...place]];
      return goesOn ? [] : [[column, source, 0, 0]];
    }),
  );
  return { ...map, mappings: encode(lines) };
}

for (const made of ['parts', COMPILED]) await rm(join(FOLDER, made), { recursive: true, force: true });
const { outputFiles } = await build({
  write: false,
  entryPoints: { main: join(FOLDER, 'entry.js') },
  outdir: FOLDER,
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  sourcemap: true,
  sourcesContent: false,
  ...{ minifyWhitespace: true, charset: 'ascii' },
  ...{ platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
  mainFields: ['module', 'main'],
  external: PACKAGES,
  plugins: [oneClassValidator, poolsOfUndici, httpWithoutWebSocket, namesOfClasses],
  // Packages of the older kind require Node's own modules.
  banner: {
    js: "import { createRequire as createRequireOfFile } from 'node:module'; const require = createRequireOfFile(import.meta.url);",
  },
});

await mkdir(join(FOLDER, 'parts'), { recursive: true });
await Promise.all(
  outputFiles.map(({ path, contents, text }) =>
    writeFile(path, path.endsWith('.map') ? JSON.stringify(mapOfOurs(JSON.parse(text))) : contents),
  ),
);

// The first start need not compile it either: Node.js keeps what V8 has made of it when this process ends. 20 cannot.
module.enableCompileCache?.(join(FOLDER, COMPILED));
const gateway = outputFiles.map(({ path }) => basename(path)).find((name) => /^gateway-\w+\.js$/.test(name));
await import(resolve(FOLDER, 'parts', gateway));
process.exit();
