// The embedded engine with a chain that decides at once: PGlite, the in-process queue and bus, HTTP and WebSocket.
// lifecycle.mjs starts it in a separate process; prints its URL.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveBenchApp } from './bench-app.mjs';
import { BENCH_LIMITS } from './bench-limits.mjs';
import { load } from './built.mjs';
import { createMemoryParts } from './memory-parts.mjs';
import { untilReleased } from './servers.mjs';

const { createMemoryEventBus } = await load('adapters/memory/event-bus.js');
const { createMemoryWorkQueue } = await load('adapters/memory/work-queue.js');
const { migrate } = await load('adapters/postgres/migrate.js');
const { createPostgresOrderStore } = await load('adapters/postgres/order-store.js');
const { openPglite } = await load('adapters/postgres/pglite/pglite.js');
const { systemClock } = await load('adapters/system/clock.js');
const { createSystemRandom } = await load('adapters/system/random.js');
const { createEngine, startEngine } = await load('execution/start-engine.js');
const { createLogger } = await load('telemetry/logger.js');

const directory = mkdtempSync(join(tmpdir(), 'oee-bench-'));
const log = createLogger('warn');
const database = await openPglite(directory);
await migrate(database.pool, { log });
const engine = createEngine({
  orders: createPostgresOrderStore({ pool: database.pool, log, bornLeaseMs: BENCH_LIMITS.leaseMs }),
  queue: createMemoryWorkQueue({ clock: systemClock, log, concurrency: 256, startLimit: null }),
  bus: createMemoryEventBus(),
  ...createMemoryParts(),
  clock: systemClock,
  random: createSystemRandom(),
  log,
  limits: BENCH_LIMITS,
});
const stopEngine = await startEngine(engine, { soleProcess: true });
const { app, url } = await serveBenchApp(engine, { database: database.pool, name: 'PGlite' });
console.log(url);

untilReleased(async () => {
  await app.close();
  await stopEngine();
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});
