import { makeDirectory } from '@oee/directory-lock';
import { createPostgresOrderStore } from '../adapters/postgres/order-store.ts';
import { createPostgresRecoveryLog } from '../adapters/postgres/recovery-log.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createSystemRandom } from '../adapters/system/random.ts';
import type { Config } from '../config/config.ts';
import type { ExecutionLimits } from '../execution/limits.ts';
import { stoppableSigner } from '../execution/proofs/gate-signer.ts';
import { createEngine } from '../execution/start-engine.ts';
import type { Logger } from '../ports/logger.ts';
import type { OrderStore } from '../ports/order-store.ts';
import { bindToChain } from './bind-to-chain.ts';
import { createCleanups } from './cleanups.ts';
import { joinTransport } from './join-transport.ts';
import { limitsOf } from './limits-of.ts';
import { listen } from './listen.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { reviewRestored, type StartOptions } from './review-restored.ts';
import type { Role } from './role.ts';
import { startWatching, startWorking } from './start-loops.ts';

export interface RunningEngine {
  /** Null in a worker, which listens on no port. */
  readonly url: string | null;
  /** Where the chain answers JSON-RPC. */
  readonly rpcUrl: string;
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
  const cleanups = createCleanups(log);
  try {
    if (role === 'all') makeDirectory(config.DATA_DIR, 0o700);
    // The database first: its lock is what keeps a second process off this DATA_DIR, devnet and wallet included.
    const database = await openDatabase(config, log);
    cleanups.add(database.close);
    const bound = await bindToChain({ config, role, database, cleanups, log });
    const { chain, membership } = bound;
    const joined = await joinTransport({ config, role, database, bound, cleanups, log });
    const { transport, claimLost } = joined;
    const limits = limitsOf(config);
    const recoveries = createPostgresRecoveryLog(database.pool);
    const engine = createEngine(
      {
        ...chain.parts,
        orders: openOrders(database, limits, log),
        queue: transport.queue,
        bus: transport.bus,
        signer: stoppableSigner(chain.parts.signer, membership.whyNotSign),
        clock: systemClock,
        random: createSystemRandom(),
        log,
        limits,
      },
      recoveries,
    );

    await reviewRestored(engine, recoveries, recovered);
    if (role === 'api') startWatching(engine, cleanups);
    else await startWorking(engine, joined, { database, cleanups, retentionDays: config.RETENTION_DAYS });
    const url =
      role === 'worker' ? null : await listen(engine, { config, database, transport, cleanups, log });
    return {
      url,
      rpcUrl: chain.rpcUrl,
      wallet: engine.signer.address,
      lost: Promise.race([membership.lost, ...(claimLost ? [claimLost] : [])]),
      stop: cleanups.runAll,
    };
  } catch (error) {
    await cleanups.runAll();
    throw error;
  }
}

/** Orders begin with a lease of this process where it alone has the database. */
const openOrders = (
  { pool, embedded }: OpenDatabase,
  { leaseMs }: ExecutionLimits,
  log: Logger,
): OrderStore => createPostgresOrderStore({ pool, log, ...(embedded && { bornLeaseMs: leaseMs }) });
