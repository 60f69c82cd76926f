// One process of the scaled engine, an API or a worker, composed as by `npm run start:api` and `npm run start:worker`,
// except that the worker has a chain that decides at once. Settings: ROLE, DATABASE_URL, REDIS_URL. Prints its URL, or
// "ready".
import { serveBenchApp } from './bench-app.mjs';
import { BENCH_LIMITS } from './bench-limits.mjs';
import { load } from './built.mjs';
import { createMemoryParts } from './memory-parts.mjs';
import { untilReleased } from './servers.mjs';

const { createPostgresOrderStore } = await load('adapters/postgres/order-store.js');
const { openPostgres } = await load('adapters/postgres/open-postgres.js');
const { systemClock } = await load('adapters/system/clock.js');
const { createSystemRandom } = await load('adapters/system/random.js');
const { createEngine, startEngine } = await load('execution/start-engine.js');
const { openTransport } = await load('main/open-transport.js');
const { createLogger } = await load('telemetry/logger.js');

const { ROLE: role, DATABASE_URL, REDIS_URL } = process.env;
const log = createLogger('warn');
const pool = openPostgres(DATABASE_URL, { log });
const transport = openTransport({
  config: { REDIS_URL, QUEUE_MAX_CONCURRENCY: 1_024, QUEUE_RATE_LIMIT_PER_MINUTE: 0 },
  role,
  log,
  leads: () => true,
});
const engine = createEngine({
  orders: createPostgresOrderStore({ pool, log }),
  queue: transport.queue,
  bus: transport.bus,
  ...createMemoryParts(),
  clock: systemClock,
  random: createSystemRandom(),
  log,
  limits: BENCH_LIMITS,
});

if (role === 'worker') {
  const stopEngine = await startEngine(engine, { soleProcess: false });
  console.log('ready');
  untilReleased(async () => {
    await stopEngine();
    await transport.close();
    await pool.end();
  });
} else {
  const { app, url } = await serveBenchApp(engine, { database: pool, name: 'PostgreSQL' });
  console.log(url);
  untilReleased(async () => {
    await app.close();
    await engine.queue.stop();
    await transport.close();
    await pool.end();
  });
}
