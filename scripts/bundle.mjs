// Puts the gateway into one file, `main.js`, with what is seldom needed in files beside it. Expects what tsc has made.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const FOLDER = 'dist/apps/gateway/src';

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
 * that is in the file, by name, so that the rest of it can be left out.
 */
const oneClassValidator = {
  name: 'one-class-validator',
  setup({ onLoad }) {
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
      const contents = text.replace(/\blet (\w+) = class \1\b[^{]*\{/g, named);
      return { contents };
    });
  },
};

await rm(join(FOLDER, 'parts'), { recursive: true, force: true });
await build({
  entryPoints: { main: join(FOLDER, 'start.js') },
  outdir: FOLDER,
  chunkNames: 'parts/[name]-[hash]',
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  sourcemap: true,
  sourcesContent: false,
  ...{ minifyWhitespace: true, charset: 'ascii' },
  ...{ platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
  mainFields: ['module', 'main'],
  external: PACKAGES,
  plugins: [oneClassValidator, namesOfClasses],
  // Packages of the older kind require Node's own modules.
  banner: {
    js: "import { createRequire as createRequireOfFile } from 'node:module'; const require = createRequireOfFile(import.meta.url);",
  },
});
