// Imports point one way (ARCHITECTURE.md, "Who may import whom"). `npm run check` fails on a cycle or a wrong-way import;
// test/tooling/imports.test.ts shows that this file can fail.

/** What each folder of src/ may import beside itself; util is open to all. Test files may also use platform's in-memory twins. */
const may = {
  util: [],
  consensus: [],
  chain: ['consensus'],
  mempool: ['consensus', 'chain'],
  mining: ['consensus', 'chain', 'mempool'],
  net: ['consensus', 'chain', 'mempool'],
  tracker: ['consensus', 'net', 'api'],
  wallet: ['consensus', 'api'],
  api: [],
  platform: ['consensus', 'chain', 'mining', 'net', 'tracker', 'wallet'],
  member: ['consensus', 'chain', 'mempool', 'mining', 'net', 'tracker', 'wallet', 'api', 'platform'],
  server: ['member', 'api', 'platform'],
  cli: ['member', 'server', 'tracker', 'net', 'api', 'platform', 'consensus'],
  main: ['member', 'server', 'api', 'platform'],
  preload: ['api'],
  renderer: ['api'],
}

/** Tests, and what helps them. */
const tests = ['\\.test\\.tsx?$', '/testing/']

const oneWay = Object.entries(may).map(([folder, others]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${['util', ...others].join(', ')} alone`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: tests },
  to: { path: '^src/', pathNot: `^src/(${[folder, 'util', ...others].join('|')})/` },
}))

/** Folders that must run where there is no Node: what needs it comes in through a port. */
const pure = ['util', 'consensus', 'chain', 'mempool', 'mining', 'net', 'wallet', 'renderer', 'preload']

module.exports = {
  forbidden: [
    ...oneWay,
    {
      name: 'no-cycles',
      comment: 'no import cycles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'electron-in-main-and-preload-alone',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|preload)/' },
      to: { path: '(^|/)electron(/|$)', dependencyTypesNot: ['local'] },
    },
    {
      name: 'no-node-in-pure-folders',
      severity: 'error',
      from: { path: `^src/(${pure.join('|')})/`, pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependency-in-what-ships',
      comment: 'what runs under Node ships with its dependencies; the page is bundled',
      severity: 'error',
      from: { path: '^src/', pathNot: [...tests, '^src/renderer/', '^src/main/', '^src/preload/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^out/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default', 'node'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
}
