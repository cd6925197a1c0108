// Puts the gateway into one file, `main.js`, with what is seldom needed in files beside it. Expects what tsc has made.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import module from 'node:module';
import { basename, join, resolve } from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build } from 'esbuild';
import { namesOfClasses, nodeAsNeeded, nothingUnused, oneClassValidator } from './bundle-plugins.mjs';

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

/**
 * A map of our lines: of a package it says the file only. The first stack that is told reads the map, and what it says of
 * packages would be six times as much, and stay in memory.
 */
function mapOfOurs(map) {
  const isPackage = map.sources.map((source) => /\/node_modules\/|^(?:node|instead):/.test(source));
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
  // `own-lines.ts` finds them by their names, when a stack is told.
  sourcemap: 'external',
  sourcesContent: false,
  ...{ minifyWhitespace: true, charset: 'ascii' },
  ...{ platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
  mainFields: ['module', 'main'],
  external: PACKAGES,
  plugins: [oneClassValidator, nothingUnused, nodeAsNeeded, namesOfClasses],
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
