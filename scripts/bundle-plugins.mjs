// What the bundle takes of packages, and how it holds what it takes.
import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { join, relative } from 'node:path';

const require = createRequire(import.meta.url);
const REQUIRE = 'const require = createRequire(import.meta.url);';

/**
 * Nest's mapped types would require a class-validator of their own, with all its two megabytes of rules: they get the one
 * that is in the file, by name, so that the rest of it can be left out. Nest's own ValidationPipe, which nobody uses here, would
 * import all of it.
 */
export const oneClassValidator = {
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

/** Packages that others load at the start, and what stands for them here. */
const INSTEAD = {
  // Its pools only: all of it would load Node's own copy of it too, for what its fetch has in common with that one.
  undici: "export { default as Agent } from './lib/dispatcher/agent.js';",
  // Apollo Server hashes by it where it takes itself to be in a browser, as it does in an ES module.
  'sha.js': "module.exports = require('node:crypto').createHash;",
  // Of Nest's GraphQL module: there are no subscriptions, and the schema is made of classes.
  ...{ ws: '', 'graphql-ws': '', 'graphql-ws/use/ws': '', tinyglobby: '' },
  // Of Fastify: routes have no JSON schemas (`bootstrap.ts` says so).
  ...{ '@fastify/ajv-compiler': '', '@fastify/fast-json-stringify-compiler': '' },
};

export const nothingUnused = {
  name: 'nothing-unused',
  setup({ onLoad, onResolve }) {
    const names = Object.keys(INSTEAD).map((name) => name.replaceAll('.', '\\.'));
    onResolve({ filter: new RegExp(`^(?:${names.join('|')})$`) }, ({ path }) => ({ path, namespace: 'instead' }));
    // Apollo Server's own plugins, which `graphql.options.ts` turns off: what they share with it would be files of its own.
    onResolve({ filter: /^\.\/plugin\/.*\/index\.js$/ }, ({ path, kind, importer }) =>
      kind === 'dynamic-import' && importer.endsWith('/@apollo/server/dist/esm/ApolloServer.js')
        ? { path, namespace: 'instead' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'instead' }, ({ path }) => ({
      contents: INSTEAD[path] || 'module.exports = {};',
      resolveDir: join(require.resolve('undici'), '..'),
    }));
  },
};

/**
 * Whoever imports a module of Node's reads all that it has by name, and with it what Node loads on demand: the WebSocket of
 * node:http loads Node's own undici, the Web Crypto of node:crypto all its algorithms. So each takes what it imports.
 */
export const nodeAsNeeded = {
  name: 'node-as-needed',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^[a-z_:/0-9]+$/ }, ({ path, kind, importer }) => {
      if (kind !== 'import-statement' || !isBuiltin(path)) return undefined;
      // One for each importer: what several share would be a file of its own.
      const suffix = `?for=${relative('.', importer)}`;
      return { path: path.replace(/^node:/, ''), namespace: 'node', suffix, sideEffects: false };
    });
    onLoad({ filter: /.*/, namespace: 'node' }, ({ path }) => {
      const named = Object.keys(require(`node:${path}`)).map(
        (name) => `export const ${name} = /* @__PURE__ */ of('${name}');`,
      );
      const whole = `const whole = require('node:${path}'); const of = (name) => whole[name]; export default whole;`;
      return { contents: [whole, ...named].join('\n') };
    });
  },
};

/**
 * GraphQL's types and the API page's shapes are called as their classes are, which esbuild renames where two files have one of
 * the same name. Its own remedy, `keepNames`, costs a third of the speed: it names every closure each time that it is made.
 */
export const namesOfClasses = {
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
