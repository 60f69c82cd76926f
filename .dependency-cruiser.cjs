/**
 * The walls between folders (ARCHITECTURE.md). Each rule has a planted violation in test/walls.test.ts.
 * Tests and suites may reach further than the code beside them; cycles are forbidden to them too.
 */
const engine = '^packages/engine/src';
const devnet = '^packages/devnet/src';
const tests = '\\.(test|suite)\\.ts$';
/** The rooms of execution, lowest floor first: a room knows those before it, and none after it. */
const EXECUTION_FLOORS = [
  'waiting',
  'market',
  'building',
  'quoting',
  'proofs',
  'tries',
  'triggers',
  'upkeep',
  'attempts',
  'streams',
  'recovery',
  'readiness',
];
/** The rooms of the local chain, lowest floor first. */
const DEVNET_FLOORS = [
  'chain',
  'ledger',
  'pools',
  'market',
  'faults',
  'rpc',
  'pubsub',
  'jupiter',
  'admin',
  'http',
];
/** The rooms of the HTTP and WebSocket interface, lowest floor first. */
const API_FLOORS = ['plugins', 'streams', 'dialects', 'routes'];
/**
 * The floors of a folder that has them: a room imports those before it, and none after it. A new room needs its floor
 * here, unless it is one of `tools`, which no room imports.
 */
const floorRules = (name, folder, floors, tools = []) => [
  {
    name: `${name}-rooms-have-a-floor`,
    severity: 'error',
    from: { path: `${folder}/(?!(?:${[...floors, ...tools].join('|')})/)[^/]+/`, pathNot: tests },
    to: {},
  },
  ...floors.slice(0, -1).map((room, floor) => ({
    name: `${name}-${room}-knows-no-higher-room`,
    severity: 'error',
    comment: 'Rooms stand on each other in one order, so that each can be read without those above it.',
    from: { path: `${folder}/${room}/`, pathNot: tests },
    to: { path: `${folder}/(${[...floors.slice(floor + 1), ...tools].join('|')})/` },
  })),
];
const frontDoor = (name) => `^packages/${name}/src/index\\.ts$`;

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },

    // Between packages.
    {
      name: 'amm-is-pure',
      severity: 'error',
      comment: 'amm is useful on its own: no dependency, no input or output.',
      from: { path: '^packages/amm/src/', pathNot: tests },
      to: { pathNot: '^packages/amm/src/' },
    },
    {
      name: 'api-schema-needs-zod-only',
      severity: 'error',
      comment: 'Browsers load it. Its command line, which writes the generated documents, aside.',
      from: { path: '^packages/api-schema/src/', pathNot: `^packages/api-schema/src/cli/|${tests}` },
      to: { pathNot: '^packages/api-schema/src/(?!cli/)|node_modules/zod/' },
    },
    {
      name: 'solana-is-plumbing',
      severity: 'error',
      comment:
        'What engine and local chain share of Solana itself: no order, no market, no input or output. Hashes are none.',
      from: { path: '^packages/solana/src/', pathNot: tests },
      to: { pathNot: `^packages/solana/src/|${frontDoor('amm')}|node_modules/@solana/kit/|^(node:)?crypto$` },
    },
    {
      name: 'nothing-imports-the-server',
      severity: 'error',
      comment: 'The engine is a program: what it shares with others lies in packages of their own.',
      from: { path: '^packages/(?!engine/)' },
      to: { path: '^packages/engine/' },
    },
    {
      name: 'packages-through-their-front-door',
      severity: 'error',
      comment: 'What a package offers is what its index exports.',
      from: { path: '^packages/([^/]+)/src/' },
      to: { path: '^packages/', pathNot: '^packages/$1/|^packages/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'packages-by-their-name',
      severity: 'error',
      comment: 'A relative path into another package resolves to its sources, and breaks in the build.',
      from: { path: '^packages/([^/]+)/src/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },

    // Inside the local chain.
    ...floorRules('devnet', devnet, DEVNET_FLOORS, ['differential', 'dumps', 'toolchain']),
    {
      name: 'devnet-rooms-know-what-they-are-given',
      severity: 'error',
      comment:
        'The files on top put the rooms together; a room knows only what they hand it, chain and ledger not even that.',
      from: { path: `${devnet}/(${DEVNET_FLOORS.join('|')})/`, pathNot: tests },
      to: {
        path: `${devnet}/[^/]+\\.ts$`,
        pathNot: `${devnet}/(node|problem|genesis|genesis-account)\\.ts$`,
      },
    },
    {
      name: 'devnet-chain-and-ledger-know-no-devnet',
      severity: 'error',
      from: { path: `${devnet}/(chain|ledger)/`, pathNot: tests },
      to: { path: `${devnet}/[^/]+\\.ts$` },
    },

    // Inside the engine.
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: `${engine}/domain/`, pathNot: tests },
      to: { pathNot: `${engine}/domain/|${frontDoor('amm')}` },
    },
    {
      name: 'ports-know-the-domain-only',
      severity: 'error',
      from: { path: `${engine}/ports/`, pathNot: tests },
      to: { pathNot: `${engine}/(ports|domain)/` },
    },
    {
      name: 'execution-knows-domain-and-ports-only',
      severity: 'error',
      comment: 'No npm package and no node: module, so that the simulation can run it in virtual time.',
      from: { path: `${engine}/execution/`, pathNot: tests },
      to: { pathNot: `${engine}/(execution|domain|ports)/` },
    },
    ...floorRules('execution', `${engine}/execution`, EXECUTION_FLOORS),
    {
      name: 'execution-rooms-know-what-they-are-given',
      severity: 'error',
      comment:
        'The verbs on top call the rooms; a room knows of them only what every room is given, and submitting.',
      from: { path: `${engine}/execution/[^/]+/`, pathNot: tests },
      to: {
        path: `${engine}/execution/[^/]+\\.ts$`,
        pathNot: `${engine}/execution/(ports|limits|engine|commit|try-end|submit-order)\\.ts$`,
      },
    },
    {
      name: 'adapters-stay-apart',
      severity: 'error',
      comment: 'Venues may share what lies directly in adapters/venues.',
      from: { path: `${engine}/adapters/(venues/[^/]+|[^/]+)/`, pathNot: tests },
      to: { path: `${engine}/adapters/`, pathNot: `${engine}/adapters/($1/|venues/[^/]+\\.ts$)` },
    },
    {
      name: 'postgres-rows-and-sql-know-no-store',
      severity: 'error',
      comment: 'The store is made of statements, and statements of rows.',
      from: { path: `${engine}/adapters/postgres/(rows|sql)/`, pathNot: tests },
      to: { path: `${engine}/adapters/postgres/`, pathNot: `${engine}/adapters/postgres/(rows|$1)/` },
    },
    {
      name: 'pglite-knows-no-store',
      severity: 'error',
      comment: 'The embedded database is a server like another: it knows no order.',
      from: { path: `${engine}/adapters/postgres/pglite/`, pathNot: tests },
      to: {
        path: `${engine}/adapters/postgres/`,
        pathNot: `${engine}/adapters/postgres/(pglite/|machine-fault\\.ts$)`,
      },
    },
    {
      name: 'venues-share-no-venue',
      severity: 'error',
      comment: 'What all venues share knows none of them.',
      from: { path: `${engine}/adapters/venues/[^/]+$`, pathNot: tests },
      to: { path: `${engine}/adapters/venues/[^/]+/` },
    },
    {
      name: 'adapters-have-a-folder-each',
      severity: 'error',
      comment: 'A file above the folders would be shared ground between adapters.',
      from: { path: `${engine}/` },
      to: { path: `${engine}/adapters/[^/]+$` },
    },
    {
      name: 'adapters-know-domain-and-ports-only',
      severity: 'error',
      comment:
        'Of our own code; beside it their library, of which amm, solana and the directory lock are three.',
      from: { path: `${engine}/adapters/`, pathNot: tests },
      to: {
        path: '^packages/',
        pathNot: `${engine}/(adapters|domain|ports)/|${frontDoor('(amm|directory-lock|solana)')}`,
      },
    },
    {
      name: 'api-knows-execution-and-the-contract-only',
      severity: 'error',
      from: { path: `${engine}/api/`, pathNot: tests },
      to: {
        path: '^packages/|node_modules/',
        pathNot: `${engine}/(api|execution|domain|ports)/|${frontDoor('api-schema')}|node_modules/(@types/)?(fastify|fastify-plugin|@fastify/[^/]+|ws)/`,
      },
    },
    ...floorRules('api', `${engine}/api`, API_FLOORS),
    {
      name: 'api-shares-no-room',
      severity: 'error',
      comment: 'What the rooms share knows none of them; app.ts puts them together.',
      from: { path: `${engine}/api/[^/]+$`, pathNot: `${engine}/api/app\\.ts$|${tests}` },
      to: { path: `${engine}/api/[^/]+/` },
    },
    {
      name: 'fastify-only-in-api',
      severity: 'error',
      from: { path: `${engine}/`, pathNot: `${engine}/api/|${tests}` },
      to: { path: 'node_modules/(fastify|fastify-plugin|@fastify/[^/]+)/' },
    },
    {
      name: 'transport-opens-in-one-place',
      severity: 'error',
      comment: 'Every other file has queue and bus as ports.',
      from: {
        path: `${engine}/`,
        pathNot: `${engine}/(adapters/|main/open-transport\\.ts$)|${tests}`,
      },
      to: { path: `${engine}/adapters/(bullmq|redis|memory/(event-bus|work-queue)\\.ts$)` },
    },
    {
      name: 'redis-stays-in-its-adapters',
      severity: 'error',
      comment: 'Beside them, the transport is handed the queue of BullMQ, and its page shows it.',
      from: {
        path: `${engine}/`,
        pathNot: `${engine}/(adapters/(bullmq|redis)/|main/(open-transport|queue-board)\\.ts$)|${tests}`,
      },
      to: { path: 'node_modules/(bullmq|ioredis)/' },
    },
    {
      name: 'config-and-telemetry-serve-main',
      severity: 'error',
      from: { path: `${engine}/(config|telemetry)/`, pathNot: tests },
      to: { path: `${engine}/(adapters|api|execution)/` },
    },
    {
      name: 'main-is-the-top',
      severity: 'error',
      from: { path: `${engine}/`, pathNot: `${engine}/main/|${tests}` },
      to: { path: `${engine}/main/` },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    // Ours alone: installed packages live in dist/ too, and the walls must see them.
    exclude: { path: '^packages/[^/]+/dist/|^packages/.*/fixtures/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
