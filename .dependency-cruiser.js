/** Arrows go down only. See docs/architecture.md. */
const LIBS = ['contract', 'config', 'state', 'telemetry', 'dingtalk', 'access', 'audit', 'contact'];

/** What each lib may import of the others; everything else of ours is forbidden to it. */
const MAY_IMPORT = {
  contract: [],
  config: ['contract'],
  state: ['contract', 'config', 'telemetry'],
  telemetry: [],
  dingtalk: ['contract', 'config', 'state', 'telemetry'],
  access: ['contract', 'config', 'state', 'telemetry'],
  audit: ['contract', 'config', 'telemetry'],
  contact: ['contract', 'config', 'state', 'telemetry', 'dingtalk', 'audit'],
};

const libRules = LIBS.map((lib) => ({
  name: `${lib}-looks-down-only`,
  severity: 'error',
  comment: `libs/${lib} may import ${MAY_IMPORT[lib].join(', ') || 'no other lib'}.`,
  from: { path: `^libs/${lib}/` },
  to: { path: '^(libs|apps|test)/', pathNot: `^libs/(${[lib, ...MAY_IMPORT[lib]].join('|')})/` },
}));

const indexRules = LIBS.map((lib) => ({
  name: `${lib}-is-entered-by-its-index`,
  severity: 'error',
  from: { pathNot: `^libs/${lib}/` },
  to: { path: `^libs/${lib}/`, pathNot: `^libs/${lib}/src/index\\.ts$` },
}));

export default {
  forbidden: [
    ...libRules,
    ...indexRules,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only-the-transport-imports-axios',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/dingtalk/src/(by-axios|wire)\\.ts$' },
      to: { path: 'node_modules/(axios|undici)/' },
    },
    {
      name: 'the-gateway-does-not-know-the-sandbox',
      severity: 'error',
      from: { path: '^(apps/gateway|libs)/' },
      to: { path: '^apps/dingtalk-sandbox/' },
    },
    {
      name: 'the-sandbox-shares-nothing',
      severity: 'error',
      from: { path: '^apps/dingtalk-sandbox/' },
      to: { path: '^(libs|apps/gateway)/' },
    },
    {
      name: 'no-tests-in-what-runs',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '(^test/|\\.spec\\.ts$)' },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // Without "source" the libs resolve into dist, and every rule passes in silence.
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
    },
  },
};
