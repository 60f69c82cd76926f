import { randomUUID } from 'node:crypto';
import { makeDirectory } from '@oee/directory-lock';
import type pg from 'pg';
import { createPostgresLeaderLease } from '../adapters/postgres/leader-lease.ts';
import { migrate, requireMigrated } from '../adapters/postgres/migrate.ts';
import { createPostgresOrderStore } from '../adapters/postgres/order-store.ts';
import { recentTries } from '../adapters/postgres/recent-tries.ts';
import { createPostgresRecoveryLog } from '../adapters/postgres/recovery-log.ts';
import { storeNameOf } from '../adapters/postgres/store-name.ts';
import { countWaitingOrders } from '../adapters/postgres/waiting-orders.ts';
import { createGatedSigner } from '../adapters/signers/gated-signer.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createSystemRandom } from '../adapters/system/random.ts';
import { createApp } from '../api/app.ts';
import { type Config, isLoopback } from '../config/config.ts';
import { keepDiscovering } from '../execution/market/discover-pools.ts';
import { sampleMarket } from '../execution/market/market-watch.ts';
import { createEngine, startEngine } from '../execution/start-engine.ts';
import { createLeadership, type Leadership, SOLE_LEADER } from '../execution/upkeep/leadership.ts';
import { watchChainTime } from '../execution/upkeep/watch-chain-time.ts';
import { watchIdentity } from '../execution/upkeep/watch-identity.ts';
import type { Logger } from '../ports/logger.ts';
import { acceptInBatches } from './accept-in-batches.ts';
import { bindProcess, findWallet } from './bind-process.ts';
import { connectChain } from './connect-chain.ts';
import { limitsOf } from './limits-of.ts';
import type { Membership } from './membership.ts';
import { openDatabase } from './open-database.ts';
import { boundByOpenFiles } from './open-file-limit.ts';
import { openTransport, START_WINDOW_MS } from './open-transport.ts';
import { serveQueueBoard } from './queue-board.ts';
import { readinessChecks } from './readiness-checks.ts';
import { reviewRestored, type StartOptions } from './review-restored.ts';
import type { Role } from './role.ts';
import { engineVersion } from './version.ts';

/** Requested size of the kernel's queue of unaccepted connections; the system may limit it further. */
const LISTEN_BACKLOG = 4_096;
/** `/readyz` fails this long before a process that stops takes no more connections. */
const STOP_NOTICE_MS = 500;
const STREAM_OVER_MS = 3_600_000;

export interface RunningEngine {
  /** Null in a worker, which listens on no port. */
  readonly url: string | null;
  readonly devnetUrl: string;
  readonly wallet: string;
  /** Settles when the process no longer belongs to its database: it signs nothing and must be stopped. */
  readonly lost: Promise<Error>;
  /** Stops accepting requests, finishes open ones, and closes everything in reverse order. */
  stop(): Promise<void>;
}

/** Starts all parts of an engine process, and stops them in reverse order. */
export async function compose(
  config: Config,
  log: Logger,
  role: Role,
  { recovered }: StartOptions,
): Promise<RunningEngine> {
  const cleanups: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse())
      await cleanup().catch((error: unknown) => log.error({ error }, 'component stop failed'));
  };

  try {
    if (role === 'all') makeDirectory(config.DATA_DIR, 0o700);
    // The database first: its lock is what keeps a second process off this DATA_DIR, devnet and wallet included.
    const database = await openDatabase(config, log);
    cleanups.push(database.close);
    if (role !== 'all') await requireMigrated(database.pool);
    const migrated = role === 'all' ? migrate(database.pool, { log }) : Promise.resolve();
    const found = migrated.then(() => findWallet(config, role, database.pool));
    let membership: Membership | undefined;
    let boundTo: string | undefined;
    const walletOn = async (genesisHash: string) => {
      boundTo = genesisHash;
      membership = await bindProcess({ config, role, database, wallet: await found, genesisHash, log });
      cleanups.push(membership.leave);
      return found;
    };
    const [chain] = await Promise.all([connectChain({ config, log, walletOn }), found]);
    cleanups.push(chain.close);
    const { whyNotSign } = membership!;

    const alone = database.embedded || config.REDIS_URL === null;
    const sweeping = lead('sweep', { pool: database.pool, alone, log });
    const transport = openTransport({ config, role, log, leads: sweeping.leads, alone });
    cleanups.push(transport.close);
    const { address: wallet } = await found;
    const claim = await transport.claim(await storeNameOf(database.pool, { genesisHash: boundTo!, wallet }));
    if (claim) cleanups.push(claim.release);
    const lost = Promise.race([membership!.lost, ...(claim ? [claim.lost] : [])]);
    const limits = limitsOf(config);
    const recoveries = createPostgresRecoveryLog(database.pool);
    const world = {
      orders: createPostgresOrderStore({
        pool: database.pool,
        log,
        ...(database.embedded && { bornLeaseMs: limits.leaseMs }),
      }),
      queue: transport.queue,
      bus: transport.bus,
      ...chain.parts,
      signer: createGatedSigner(chain.parts.signer, whyNotSign),
      clock: systemClock,
      random: createSystemRandom(),
      log,
      limits,
    };
    const engine = createEngine(world, recoveries);

    await reviewRestored(engine, recoveries, recovered);
    if (role === 'api') {
      cleanups.push(() => engine.queue.stop());
      cleanups.push(keepRunning((signal) => keepDiscovering(engine, engine.market.discover, signal)));
      cleanups.push(keepRunning((signal) => watchIdentity(engine, signal)));
      cleanups.push(keepRunning((signal) => watchChainTime(engine, engine.market.time, signal)));
      // The API stores an accepted order with the last price that it has seen.
      cleanups.push(keepRunning((signal) => sampleMarket(engine, engine.market, signal)));
      cleanups.push(keepRunning((signal) => engine.remembered.run(signal)));
      cleanups.push(keepRunning((signal) => engine.unknown.run(signal)));
    } else {
      cleanups.push(keepRunning((signal) => sweeping.run(signal)));
      if (transport.noteStart) await noteRecentStarts(database.pool, transport.noteStart);
      cleanups.push(await startEngine(engine, { soleProcess: database.embedded, leads: sweeping.leads }));
    }
    if (role === 'worker')
      return { url: null, devnetUrl: chain.devnetUrl, wallet: engine.signer.address, lost, stop };

    const app = await createApp(engine, {
      host: config.HOST,
      ...(config.API_KEY !== null && { apiKey: config.API_KEY }),
      origins: config.CORS_ORIGIN,
      streamHoldMs: config.STREAM_HOLD_MS,
      stopNoticeMs: STOP_NOTICE_MS,
      backlog: {
        maxBacklog: config.MAX_BACKLOG_ORDERS,
        countWaiting: (most) => countWaitingOrders(database.pool, most),
      },
      connections: {
        total: boundByOpenFiles(config.MAX_CONNECTIONS),
        perAddress: config.MAX_CONNECTIONS_PER_ADDRESS,
        trustedProxies: config.TRUSTED_PROXIES?.split(',') ?? [],
      },
      deadlines: {
        requestMs: config.REQUEST_TIMEOUT_MS,
        pingMs: config.STREAM_PING_MS,
        stallMs: config.STREAM_STALL_MS,
        overMs: STREAM_OVER_MS,
        eventsMs: config.EVENT_STREAM_MAX_MS,
      },
      readiness: readinessChecks(engine, transport),
      about: {
        version: engineVersion(),
        chain: config.CHAIN,
        database: database.embedded ? 'PGlite' : 'PostgreSQL',
      },
    });
    cleanups.push(() => app.close());
    const showsQueue = config.API_KEY !== null || (database.embedded && isLoopback(config.HOST));
    if (transport.jobs && showsQueue) await serveQueueBoard(app, transport.jobs);
    acceptInBatches(app, { backlog: LISTEN_BACKLOG, log });
    const url = await app.listen({ host: config.HOST, port: config.PORT, backlog: LISTEN_BACKLOG });
    return { url, devnetUrl: chain.devnetUrl, wallet: engine.signer.address, lost, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function lead(name: string, options: { pool: pg.Pool; alone: boolean; log: Logger }): Leadership {
  if (options.alone) return SOLE_LEADER;
  const lease = createPostgresLeaderLease(options.pool, name);
  return createLeadership({ lease, holder: randomUUID(), name, clock: systemClock, log: options.log });
}

/** Keeps the limit of starts across a restart: counts the tries that the log shows as started within the window. */
async function noteRecentStarts(pool: pg.Pool, noteStart: (agoMs: number) => void): Promise<void> {
  const now = systemClock.now();
  for (const begunAt of await recentTries(pool, now - START_WINDOW_MS)) noteStart(Math.max(0, now - begunAt));
}

/** Starts a background loop; returns a function that ends it. */
function keepRunning(run: (signal: AbortSignal) => Promise<void>): () => Promise<void> {
  const ending = new AbortController();
  const ended = run(ending.signal);
  return async () => {
    ending.abort();
    await ended;
  };
}
