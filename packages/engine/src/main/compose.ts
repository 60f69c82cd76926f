import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryEventBus } from '../adapters/memory/event-bus.ts';
import { createMemoryWorkQueue } from '../adapters/memory/work-queue.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import { createPostgresOrderStore } from '../adapters/postgres/order-store.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createSystemRandom } from '../adapters/system/random.ts';
import { createApp } from '../api/app.ts';
import type { Config } from '../config/config.ts';
import { createEngine, startEngine } from '../execution/start-engine.ts';
import { DEFAULT_LIMITS } from '../execution/world.ts';
import type { Logger } from '../ports/logger.ts';
import { connectChain } from './connect-chain.ts';
import { openDatabase } from './open-database.ts';

export interface RunningEngine {
  readonly url: string;
  readonly devnetUrl: string;
  readonly wallet: string;
  /** Takes no more requests, finishes what is in hand, and closes everything in reverse. */
  stop(): Promise<void>;
}

/** Puts the whole engine together, and takes it apart in the reverse order. */
export async function compose(config: Config, log: Logger): Promise<RunningEngine> {
  const cleanups: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse())
      await cleanup().catch((error: unknown) => log.error({ error }, 'a part did not stop cleanly'));
  };

  try {
    mkdirSync(config.DATA_DIR, { recursive: true, mode: 0o700 });
    // The database first: its lock is what keeps a second process off this DATA_DIR, devnet and wallet included.
    const database = await openDatabase(config, log);
    cleanups.push(database.close);
    const [chain] = await Promise.all([
      connectChain({ config, log, walletFile: config.WALLET_FILE ?? join(config.DATA_DIR, 'wallet.json') }),
      migrate(database.pool, { log }),
    ]);
    cleanups.push(chain.close);

    const clock = systemClock;
    const orders = createPostgresOrderStore({ pool: database.pool, log });
    const queue = createMemoryWorkQueue({
      clock,
      log,
      concurrency: config.QUEUE_MAX_CONCURRENCY,
      ratePerMinute: config.QUEUE_RATE_LIMIT_PER_MINUTE || null,
    });
    const engine = createEngine({
      orders,
      queue,
      bus: createMemoryEventBus(),
      ...chain.parts,
      clock,
      random: createSystemRandom(),
      log,
      limits: {
        ...DEFAULT_LIMITS,
        maxTries: config.MAX_TRIES,
        quoteTimeoutMs: config.QUOTE_TIMEOUT_MS,
        computeUnitPriceMicroLamports: BigInt(config.PRIORITY_FEE_MICRO_LAMPORTS),
      },
    });
    cleanups.push(await startEngine(engine, { soleProcess: database.embedded }));

    const app = await createApp(engine, {
      host: config.HOST,
      ...(config.API_KEY !== null && { apiKey: config.API_KEY }),
      streamHoldMs: config.STREAM_HOLD_MS,
      readiness: () => checkReadiness(engine),
      about: { version: '0.1.0', chain: config.CHAIN, database: database.embedded ? 'PGlite' : 'PostgreSQL' },
    });
    cleanups.push(() => app.close());
    const url = await app.listen({ host: config.HOST, port: config.PORT });
    return { url, devnetUrl: chain.devnetUrl, wallet: engine.signer.address, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ready when the database and the chain both answer. */
async function checkReadiness(engine: ReturnType<typeof createEngine>) {
  const answers = (part: Promise<unknown>): Promise<boolean> =>
    part.then(
      () => true,
      () => false,
    );
  const [database, chain] = await Promise.all([
    answers(engine.orders.ping()),
    answers(engine.chain.nodes[0]!.latestBlockhash()),
  ]);
  return { ready: database && chain, checks: { database, chain } };
}
