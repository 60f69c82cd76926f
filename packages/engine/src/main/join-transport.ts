import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { createPostgresLeaderLease } from '../adapters/postgres/leader-lease.ts';
import { storeNameOf } from '../adapters/postgres/store-name.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Config } from '../config/config.ts';
import { createLeadership, type Leadership, SOLE_LEADER } from '../execution/upkeep/leadership.ts';
import type { Logger } from '../ports/logger.ts';
import type { BoundProcess } from './bind-to-chain.ts';
import type { Cleanups } from './cleanups.ts';
import type { OpenDatabase } from './open-database.ts';
import { isAlone, openTransport, type Transport } from './open-transport.ts';
import type { Role } from './role.ts';

/** How this process works with the others of its database, if there are any. */
export interface JoinedTransport {
  readonly transport: Transport;
  /** Which of the processes sweeps. */
  readonly sweeping: Leadership;
  /** Settles when Redis was taken for the orders of another store; absent without Redis. */
  readonly claimLost: Promise<Error> | undefined;
}

/** @throws {RedisClaimed} An engine of another store uses this Redis. */
export async function joinTransport(options: {
  readonly config: Config;
  readonly role: Role;
  readonly database: OpenDatabase;
  readonly bound: BoundProcess;
  readonly cleanups: Cleanups;
  readonly log: Logger;
}): Promise<JoinedTransport> {
  const { config, role, database, bound, cleanups, log } = options;
  const alone = isAlone(config, database);
  const sweeping = lead('sweep', { pool: database.pool, alone, log });
  const transport = openTransport({ config, role, log, leads: sweeping.leads, alone });
  cleanups.add(transport.close);
  const claim = await transport.claim(await storeNameOf(database.pool, bound));
  if (claim) cleanups.add(claim.release);
  return { transport, sweeping, claimLost: claim?.lost };
}

function lead(name: string, options: { pool: pg.Pool; alone: boolean; log: Logger }): Leadership {
  if (options.alone) return SOLE_LEADER;
  const lease = createPostgresLeaderLease(options.pool, name);
  return createLeadership({ lease, holder: randomUUID(), name, clock: systemClock, log: options.log });
}
