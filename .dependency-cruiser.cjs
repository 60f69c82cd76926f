/** The walls between folders (ARCHITECTURE.md, "Walls"). test/walls.test.ts plants violations against them. */
const engine = '^packages/engine/src';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'amm-is-pure',
      severity: 'error',
      comment: 'amm is useful on its own: no dependency, no input or output (its command line aside).',
      from: { path: '^packages/amm/src', pathNot: '^packages/amm/src/cli/|\\.test\\.ts$' },
      to: { pathNot: '^packages/amm/src' },
    },
    {
      name: 'api-schema-needs-zod-only',
      severity: 'error',
      from: { path: '^packages/api-schema/src', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^packages/api-schema/src|node_modules/zod' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: `${engine}/domain`, pathNot: '\\.test\\.ts$' },
      to: { pathNot: `${engine}/domain|^packages/amm/src` },
    },
    {
      name: 'ports-know-the-domain-only',
      severity: 'error',
      from: { path: `${engine}/ports`, pathNot: '\\.(test|suite)\\.ts$' },
      to: { pathNot: `${engine}/(ports|domain)` },
    },
    {
      name: 'execution-knows-domain-and-ports-only',
      severity: 'error',
      comment: 'No npm package and no node: module, so that the simulation can run it in virtual time.',
      from: { path: `${engine}/execution`, pathNot: '\\.test\\.ts$' },
      to: { pathNot: `${engine}/(execution|domain|ports)` },
    },
    {
      name: 'adapters-stay-apart',
      severity: 'error',
      comment: 'Venues may share what lies directly in adapters/venues.',
      from: { path: `${engine}/adapters/(venues/[^/]+|[^/]+)/`, pathNot: '\\.test\\.ts$' },
      to: { path: `${engine}/adapters/`, pathNot: `${engine}/adapters/($1/|venues/[^/]+\\.ts$)` },
    },
    {
      name: 'adapters-do-not-reach-up',
      severity: 'error',
      from: { path: `${engine}/adapters/`, pathNot: '\\.test\\.ts$' },
      to: { path: `${engine}/(api|execution|main|config)/` },
    },
    {
      name: 'api-does-not-reach-adapters',
      severity: 'error',
      from: { path: `${engine}/api/`, pathNot: '\\.test\\.ts$' },
      to: { path: `${engine}/(adapters|main|config)/` },
    },
    {
      name: 'fastify-only-in-api',
      severity: 'error',
      from: { path: engine, pathNot: `${engine}/(api|main)/` },
      to: { path: 'node_modules/(fastify|@fastify)' },
    },
    {
      name: 'main-is-the-top',
      severity: 'error',
      from: { path: engine, pathNot: `${engine}/main/|\\.test\\.ts$` },
      to: { path: `${engine}/main/` },
    },
    {
      name: 'clients-do-not-import-the-server',
      severity: 'error',
      from: { path: '^packages/(sdk|cli|dashboard)/' },
      to: { path: '^packages/engine/' },
    },
    {
      name: 'packages-through-their-front-door',
      severity: 'error',
      comment: 'Another package is imported by its name, never by a path into it.',
      from: { path: '^packages/([^/]+)/src' },
      to: { path: '^packages/[^/]+/', pathNot: '^packages/$1/|^packages/[^/]+/src/index\\.ts$' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/|/fixtures/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
