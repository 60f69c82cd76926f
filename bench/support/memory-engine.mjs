// The embedded engine with a chain that decides at once: PGlite, the in-process queue and bus, HTTP and WebSocket.
// Started by lifecycle.mjs as a process of its own; prints its URL.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dist = new URL('../../packages/engine/dist/', import.meta.url);
const load = (path) => import(new URL(path, dist));
const { accountOf, createMemoryChain } = await load('adapters/memory/chain.js');
const { createMemoryEventBus } = await load('adapters/memory/event-bus.js');
const { vaultOf } = await load('adapters/memory/ledger.js');
const { createMemorySigner } = await load('adapters/memory/signer.js');
const { createMemoryTokenRegistry } = await load('adapters/memory/token-registry.js');
const { createMemoryVenue } = await load('adapters/memory/venue.js');
const { createMemoryWorkQueue } = await load('adapters/memory/work-queue.js');
const { migrate } = await load('adapters/postgres/migrate.js');
const { createPostgresOrderStore } = await load('adapters/postgres/order-store.js');
const { openPglite } = await load('adapters/postgres/pglite.js');
const { systemClock } = await load('adapters/system/clock.js');
const { createSystemRandom } = await load('adapters/system/random.js');
const { createApp } = await load('api/app.js');
const { createEngine, startEngine } = await load('execution/start-engine.js');
const { DEFAULT_LIMITS } = await load('execution/world.js');
const { createLogger } = await load('telemetry/logger.js');

const WALLET = 'wallet';
const SOL = {
  mint: 'So11111111111111111111111111111111111111112',
  symbol: 'SOL',
  decimals: 9,
  tokenProgram: 'tokens',
};
const USDC = { mint: 'Usdc', symbol: 'USDC', decimals: 6, tokenProgram: 'tokens' };
const pools = [
  { venue: 'raydium', address: 'ray', tokenA: SOL, tokenB: USDC, feeBps: 25 },
  { venue: 'meteora', address: 'met', tokenA: SOL, tokenB: USDC, feeBps: 20 },
];

const directory = mkdtempSync(join(tmpdir(), 'oee-bench-'));
const log = createLogger('warn');
const database = await openPglite(directory);
await migrate(database.pool, { log });
// Blocks come with every send, so the usual 150 would pass in an instant.
const chain = createMemoryChain({
  pools,
  blocks: 'onSend',
  confirmAfterSlots: 0,
  blockhashBlocks: 1_000_000,
});
chain.setBalance(accountOf(WALLET, SOL), 10n ** 18n);
for (const pool of pools) {
  chain.setBalance(vaultOf(pool, SOL), 10n ** 17n);
  chain.setBalance(vaultOf(pool, USDC), 15n * 10n ** 15n);
}
const engine = createEngine({
  orders: createPostgresOrderStore({ pool: database.pool, log }),
  queue: createMemoryWorkQueue({ clock: systemClock, log, concurrency: 256, ratePerMinute: null }),
  bus: createMemoryEventBus(),
  chain: chain.chain,
  venues: ['raydium', 'meteora'].map((name) => createMemoryVenue(name, pools, chain)),
  tokens: createMemoryTokenRegistry([SOL, USDC]),
  signer: createMemorySigner(WALLET),
  clock: systemClock,
  random: createSystemRandom(),
  log,
  limits: DEFAULT_LIMITS,
});
const stopEngine = await startEngine(engine, { soleProcess: true });
const about = { version: 'bench', chain: 'memory', database: 'PGlite' };
const readiness = async () => ({ ready: true, checks: {} });
const app = await createApp(engine, { host: '127.0.0.1', streamHoldMs: 300_000, readiness, about });
console.log(await app.listen({ host: '127.0.0.1', port: 0 }));

process.stdin.resume().once('end', async () => {
  await app.close();
  await stopEngine();
  await database.close();
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
