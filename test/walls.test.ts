import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantTree, root } from './support/planted-tree.ts';

const rules: string[] = createRequire(import.meta.url)('../.dependency-cruiser.cjs').forbidden.map(
  (rule: { name: string }) => rule.name,
);

const engine = 'packages/engine/src';

const HIGHER_ROOM = /^(execution|devnet|api)-(\w+)-knows-no-higher-room$/;
const FLOORS: Record<string, { readonly folder: string; readonly highest: string }> = {
  execution: { folder: `${engine}/execution`, highest: 'readiness' },
  devnet: { folder: 'packages/devnet/src', highest: 'http' },
  api: { folder: `${engine}/api`, highest: 'routes' },
};
/** Each room below the highest looks up into that one. */
const ROOMS_LOOKING_UP = rules.flatMap((rule): [string, string, string][] => {
  const [, house, room] = HIGHER_ROOM.exec(rule) ?? [];
  if (house === undefined) return [];
  const { folder, highest } = FLOORS[house]!;
  return [[rule, `${folder}/${room}/planted.ts`, `import type {} from '../${highest}/highest.ts';`]];
});

/** Every file of the planted tree that does nothing wrong: what the walls must let pass. */
const SOUND_FILES: Record<string, string> = {
  'packages/amm/src/index.ts': `export const amm = 1; export type Pool = 1;`,
  'packages/amm/src/quote.ts': `import { amm } from './index.ts'; export const quote = amm;`,
  'packages/amm/test/checks/check.ts': `import 'node:fs'; import '../../src/quote.ts';`,
  'packages/amm/src/quote.test.ts': `import 'node:fs'; import 'vitest'; import './quote.ts';`,
  'packages/api-schema/src/index.ts': `import 'zod'; export const schema = 1;`,
  'packages/api-schema/src/cli/write.ts': `import 'node:fs'; import '../index.ts';`,
  'packages/devnet/src/index.ts': `import 'litesvm'; import 'ws'; export const devnet = 1;`,
  'packages/devnet/src/inside.ts': `import './index.ts';`,
  'packages/devnet/src/node.ts': `export const node = 1;`,
  'packages/devnet/src/rpc/method.ts': `import '../node.ts';`,
  'packages/devnet/src/toolchain/compile.ts': `import 'node:fs'; import '../pools/layout.ts';`,
  'packages/devnet/src/pools/layout.ts': `export const layout = 1;`,
  'packages/directory-lock/src/index.ts': `import 'node:fs'; export const lock = 1;`,
  'packages/solana/src/index.ts': `import '@oee/amm'; import '@solana/kit'; export const solana = 1;`,
  [`${engine}/domain/order.ts`]: `import type { Pool } from '@oee/amm'; export type Order = Pool;`,
  [`${engine}/domain/order.test.ts`]: `import 'vitest'; import 'node:fs'; import '../adapters/memory/store.ts';`,
  [`${engine}/ports/store.ts`]: `import type { Order } from '../domain/order.ts'; import './clock.ts'; export type Store = Order;`,
  [`${engine}/ports/clock.ts`]: `export type Clock = 1;`,
  [`${engine}/ports/store.suite.ts`]: `import 'vitest'; import './store.ts';`,
  [`${engine}/execution/execute.ts`]: `import '../domain/order.ts'; import '../ports/store.ts'; import './quotes.ts';`,
  [`${engine}/execution/quotes.ts`]: `export const quotes = 1;`,
  [`${engine}/execution/ports.ts`]: `import '../ports/store.ts';`,
  [`${engine}/execution/waiting/deadline.ts`]: `import '../ports.ts';`,
  [`${engine}/execution/market/health.ts`]: `import '../waiting/deadline.ts';`,
  'packages/devnet/src/http/highest.ts': `import '../chain/chain.ts';`,
  'packages/devnet/src/chain/chain.ts': `import 'litesvm';`,
  'packages/devnet/src/ledger/ledger.ts': `import '../chain/chain.ts';`,
  [`${engine}/execution/readiness/highest.ts`]: `import '../market/health.ts'; import '../waiting/deadline.ts';`,
  [`${engine}/adapters/memory/store.ts`]: `import '../../ports/store.ts'; import '../../domain/order.ts';`,
  [`${engine}/adapters/postgres/store.ts`]: `import 'node:fs'; import 'pg'; import '@oee/directory-lock'; import './sql.ts';`,
  [`${engine}/adapters/postgres/sql.ts`]: `import '@electric-sql/pglite'; export const sql = 1;`,
  [`${engine}/adapters/postgres/sql/read.ts`]: `import '../rows/row.ts';`,
  [`${engine}/adapters/postgres/rows/row.ts`]: `export const row = 1;`,
  [`${engine}/adapters/postgres/pglite/thread.ts`]: `import '../machine-fault.ts';`,
  [`${engine}/adapters/postgres/machine-fault.ts`]: `export const fault = 1;`,
  [`${engine}/adapters/postgres/store.test.ts`]: `import '../memory/store.ts'; import '../../ports/store.suite.ts';`,
  [`${engine}/adapters/venues/raydium/venue.ts`]: `import '@oee/amm'; import '@solana/kit'; import './layout/pool.ts';`,
  [`${engine}/adapters/venues/raydium/layout/pool.ts`]: `import '../../shared-by-venues.ts'; export const pool = 1;`,
  [`${engine}/adapters/venues/shared-by-venues.ts`]: `import '@oee/amm';`,
  [`${engine}/api/app.ts`]: `import 'node:stream'; import 'fastify'; import '@fastify/websocket'; import type {} from 'ws'; import '@oee/api-schema'; import '../execution/execute.ts'; import '../ports/store.ts'; import '../domain/order.ts'; import './routes/orders.ts';`,
  [`${engine}/api/routes/orders.ts`]: `import '../account.ts'; import '../dialects/sockets.ts'; export const orders = 1;`,
  [`${engine}/api/routes/highest.ts`]: `import '../streams/push.ts'; import '../plugins/drain.ts';`,
  [`${engine}/api/dialects/sockets.ts`]: `import '../streams/push.ts'; import '../account.ts';`,
  [`${engine}/api/streams/push.ts`]: `import '../plugins/drain.ts';`,
  [`${engine}/api/plugins/drain.ts`]: `import 'fastify'; import '../account.ts';`,
  [`${engine}/api/account.ts`]: `export const account = 1;`,
  [`${engine}/adapters/bullmq/queue.ts`]: `import 'bullmq'; import 'ioredis'; import '../../ports/store.ts';`,
  [`${engine}/adapters/redis/bus.ts`]: `import '../../ports/store.ts';`,
  [`${engine}/adapters/memory/work-queue.ts`]: `import '../../ports/store.ts';`,
  [`${engine}/main/open-transport.ts`]: `import '../adapters/bullmq/queue.ts'; import '../adapters/redis/bus.ts'; import '../adapters/memory/work-queue.ts';`,
  [`${engine}/config/config.ts`]: `import 'node:process'; import '../domain/order.ts'; export const config = 1;`,
  [`${engine}/telemetry/logger.ts`]: `import 'pino'; import '../ports/clock.ts';`,
  [`${engine}/main/serve.ts`]: `import './open-transport.ts'; import '@oee/devnet'; import '@oee/amm'; import '../api/app.ts'; import '../config/config.ts'; import '../telemetry/logger.ts'; import '../adapters/memory/store.ts'; import '../adapters/venues/raydium/venue.ts'; import '../execution/execute.ts';`,
  'test/across.test.ts': `import '../packages/engine/src/main/serve.ts'; import '../packages/amm/src/quote.ts';`,
};

/** Violations: what each file imports, and the rule that must speak. Several rules may speak of one import. */
const VIOLATIONS: [rule: string, file: string, imports: string][] = [
  ['no-cycles', `${engine}/domain/cycle-a.ts`, `import type { B } from './cycle-b.ts'; export type A = B;`],
  ['no-cycles', `${engine}/domain/cycle-c.ts`, `export type C = import('./cycle-d.ts').D;`],
  ['no-unresolvable', 'packages/devnet/src/planted.ts', `import './absent.ts';`],
  ['amm-is-pure', 'packages/amm/src/planted-node.ts', `import 'node:fs';`],
  ['amm-is-pure', 'packages/amm/src/planted-npm.ts', `import 'zod';`],
  ['amm-is-pure', 'packages/amm/src/planted-package.ts', `import type {} from '@oee/api-schema';`],
  ['amm-is-pure', 'packages/amm/src/planted-test.ts', `import '../test/checks/check.ts';`],
  ['api-schema-needs-zod-only', 'packages/api-schema/src/planted-node.ts', `import 'node:crypto';`],
  ['api-schema-needs-zod-only', 'packages/api-schema/src/planted-npm.ts', `import 'pino';`],
  ['api-schema-needs-zod-only', 'packages/api-schema/src/planted-package.ts', `import '@oee/amm';`],
  ['solana-is-plumbing', 'packages/solana/src/planted-node.ts', `import 'node:fs';`],
  ['solana-is-plumbing', 'packages/solana/src/planted-npm.ts', `import 'ws';`],
  [
    'nothing-imports-the-server',
    'packages/devnet/src/planted-server.ts',
    `import '../../engine/src/main/serve.ts';`,
  ],
  [
    'nothing-imports-the-server',
    'packages/api-schema/src/cli/planted.ts',
    `import type {} from '../../../engine/src/domain/order.ts';`,
  ],
  [
    'packages-through-their-front-door',
    `${engine}/main/planted-door.ts`,
    `import '../../../devnet/src/inside.ts';`,
  ],
  ['packages-by-their-name', `${engine}/main/planted-name.ts`, `import '../../../devnet/src/index.ts';`],
  ['domain-is-pure', `${engine}/domain/planted-node.ts`, `import 'node:crypto';`],
  ['domain-is-pure', `${engine}/domain/planted-npm.ts`, `import type {} from '@solana/kit';`],
  ['domain-is-pure', `${engine}/domain/planted-port.ts`, `import type {} from '../ports/clock.ts';`],
  [
    'domain-is-pure',
    `${engine}/domain/planted-inline.ts`,
    `export type C = import('../ports/clock.ts').Clock;`,
  ],
  ['domain-is-pure', `${engine}/domain/planted-schema.ts`, `import '@oee/api-schema';`],
  ['ports-know-the-domain-only', `${engine}/ports/planted-node.ts`, `import type {} from 'node:stream';`],
  ['ports-know-the-domain-only', `${engine}/ports/planted-npm.ts`, `import type {} from 'pino';`],
  [
    'ports-know-the-domain-only',
    `${engine}/ports/planted-up.ts`,
    `import type {} from '../execution/quotes.ts';`,
  ],
  ['ports-know-the-domain-only', `${engine}/ports/planted-amm.ts`, `import type {} from '@oee/amm';`],
  [
    'execution-knows-domain-and-ports-only',
    `${engine}/execution/planted-node.ts`,
    `import 'node:timers/promises';`,
  ],
  [
    'execution-knows-domain-and-ports-only',
    `${engine}/execution/planted-npm.ts`,
    `import type {} from '@solana/kit';`,
  ],
  ['execution-knows-domain-and-ports-only', `${engine}/execution/planted-amm.ts`, `import '@oee/amm';`],
  [
    'execution-knows-domain-and-ports-only',
    `${engine}/execution/planted-down.ts`,
    `import '../adapters/memory/store.ts';`,
  ],
  [
    'execution-knows-domain-and-ports-only',
    `${engine}/execution/planted-config.ts`,
    `import '../config/config.ts';`,
  ],
  ...ROOMS_LOOKING_UP,
  ...Object.entries(FLOORS).map(([house, { folder, highest }]): [string, string, string] => [
    `${house}-rooms-have-a-floor`,
    `${folder}/planted-room/planted.ts`,
    `import type {} from '../${highest}/highest.ts';`,
  ]),
  [
    'devnet-pools-knows-no-higher-room',
    'packages/devnet/src/pools/planted-tool.ts',
    `import type {} from '../toolchain/compile.ts';`,
  ],
  [
    'devnet-rooms-know-what-they-are-given',
    'packages/devnet/src/rpc/planted-top.ts',
    `import type {} from '../inside.ts';`,
  ],
  [
    'devnet-chain-and-ledger-know-no-devnet',
    'packages/devnet/src/chain/planted-node.ts',
    `import type {} from '../node.ts';`,
  ],
  [
    'devnet-chain-knows-no-higher-room',
    'packages/devnet/src/chain/planted-next.ts',
    `import type {} from '../ledger/ledger.ts';`,
  ],
  [
    'execution-waiting-knows-no-higher-room',
    `${engine}/execution/waiting/planted-next.ts`,
    `import '../market/health.ts';`,
  ],
  [
    'execution-rooms-know-what-they-are-given',
    `${engine}/execution/waiting/planted-verb.ts`,
    `import '../execute.ts';`,
  ],
  ['adapters-stay-apart', `${engine}/adapters/memory/planted.ts`, `import '../postgres/sql.ts';`],
  [
    'adapters-stay-apart',
    `${engine}/adapters/venues/meteora/planted.ts`,
    `import '../raydium/layout/pool.ts';`,
  ],
  [
    'adapters-stay-apart',
    `${engine}/adapters/venues/meteora/planted-out.ts`,
    `import '../../postgres/sql.ts';`,
  ],
  [
    'adapters-stay-apart',
    `${engine}/adapters/postgres/planted-in.ts`,
    `import '../venues/raydium/venue.ts';`,
  ],
  ['adapters-have-a-folder-each', `${engine}/main/planted-loose.ts`, `import '../adapters/loose.ts';`],
  ['venues-share-no-venue', `${engine}/adapters/venues/planted.ts`, `import './raydium/layout/pool.ts';`],
  [
    'adapters-know-domain-and-ports-only',
    `${engine}/adapters/memory/planted-up.ts`,
    `import '../../execution/quotes.ts';`,
  ],
  [
    'adapters-know-domain-and-ports-only',
    `${engine}/adapters/memory/planted-api.ts`,
    `import '../../api/routes/orders.ts';`,
  ],
  [
    'postgres-rows-and-sql-know-no-store',
    `${engine}/adapters/postgres/sql/planted.ts`,
    `import '../store.ts';`,
  ],
  [
    'postgres-rows-and-sql-know-no-store',
    `${engine}/adapters/postgres/rows/planted.ts`,
    `import type {} from '../sql/read.ts';`,
  ],
  ['pglite-knows-no-store', `${engine}/adapters/postgres/pglite/planted.ts`, `import '../rows/row.ts';`],
  [
    'adapters-know-domain-and-ports-only',
    `${engine}/adapters/memory/planted-config.ts`,
    `import type {} from '../../config/config.ts';`,
  ],
  [
    'adapters-know-domain-and-ports-only',
    `${engine}/adapters/memory/planted-devnet.ts`,
    `import '@oee/devnet';`,
  ],
  [
    'api-knows-execution-and-the-contract-only',
    `${engine}/api/planted-adapter.ts`,
    `import '../adapters/memory/store.ts';`,
  ],
  [
    'api-knows-execution-and-the-contract-only',
    `${engine}/api/planted-config.ts`,
    `import '../config/config.ts';`,
  ],
  [
    'api-knows-execution-and-the-contract-only',
    `${engine}/api/routes/planted-npm.ts`,
    `import type {} from '@solana/kit';`,
  ],
  ['api-knows-execution-and-the-contract-only', `${engine}/api/routes/planted-amm.ts`, `import '@oee/amm';`],
  [
    'api-streams-knows-no-higher-room',
    `${engine}/api/streams/planted-next.ts`,
    `import type {} from '../dialects/sockets.ts';`,
  ],
  ['api-shares-no-room', `${engine}/api/planted-room.ts`, `import type {} from './streams/push.ts';`],
  [
    'transport-opens-in-one-place',
    `${engine}/main/planted-redis.ts`,
    `import type {} from '../adapters/redis/bus.ts';`,
  ],
  [
    'transport-opens-in-one-place',
    `${engine}/main/planted-queue.ts`,
    `import '../adapters/memory/work-queue.ts';`,
  ],
  ['redis-stays-in-its-adapters', `${engine}/main/planted-ioredis.ts`, `import type {} from 'ioredis';`],
  ['redis-stays-in-its-adapters', `${engine}/adapters/memory/planted-bullmq.ts`, `import 'bullmq';`],
  ['fastify-only-in-api', `${engine}/main/planted-fastify.ts`, `import type {} from 'fastify';`],
  ['fastify-only-in-api', `${engine}/telemetry/planted.ts`, `import type {} from 'fastify';`],
  ['fastify-only-in-api', `${engine}/adapters/memory/planted-fastify.ts`, `import '@fastify/websocket';`],
  ['config-and-telemetry-serve-main', `${engine}/config/planted.ts`, `import '../adapters/memory/store.ts';`],
  [
    'config-and-telemetry-serve-main',
    `${engine}/telemetry/planted-api.ts`,
    `import '../api/routes/orders.ts';`,
  ],
  ['main-is-the-top', `${engine}/api/planted-main.ts`, `import '../main/serve.ts';`],
];

/** What violations point at, where the walls speak of one end only. */
const TARGETS = {
  [`${engine}/domain/cycle-b.ts`]: `import type { A } from './cycle-a.ts'; export type B = A;`,
  [`${engine}/domain/cycle-d.ts`]: `import type { C } from './cycle-c.ts'; export type D = C;`,
  [`${engine}/adapters/loose.ts`]: `export const loose = 1;`,
};

interface Finding {
  rule: string;
  file: string;
}

let tree: string;
let findings: Finding[];

beforeAll(() => {
  tree = plantTree({
    ...SOUND_FILES,
    ...TARGETS,
    ...Object.fromEntries(VIOLATIONS.map(([, file, imports]) => [file, imports])),
  });
  const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const options = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'packages', 'test'];
  const report = JSON.parse(
    execFileSync(process.execPath, [depcruise, ...options], { cwd: tree, encoding: 'utf8', maxBuffer: 1e8 }),
  );
  findings = report.summary.violations.map((violation: { rule: { name: string }; from: string }) => ({
    rule: violation.rule.name,
    file: violation.from,
  }));
});

afterAll(() => rmSync(tree, { recursive: true }));

describe('the walls', () => {
  test.each(VIOLATIONS)('%s: stops %s', (rule, file) => {
    expect(findings).toContainEqual({ rule, file });
  });

  test('let sound files pass', () => {
    expect(findings.filter(({ file }) => file in SOUND_FILES)).toEqual([]);
  });

  test('have a planted violation for each rule', () => {
    expect([...new Set(VIOLATIONS.map(([rule]) => rule))].sort()).toEqual([...rules].sort());
  });
});
