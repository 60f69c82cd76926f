import { migrate, requireMigrated } from '../adapters/postgres/migrate.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../ports/logger.ts';
import { bindProcess, findWallet } from './bind-process.ts';
import type { Cleanups } from './cleanups.ts';
import { connectDevnet } from './connect-devnet.ts';
import type { ConnectedChain } from './connected-chain.ts';
import type { Membership } from './membership.ts';
import type { OpenDatabase } from './open-database.ts';
import type { Role } from './role.ts';

/** A process that belongs to its database, which belongs to the chain and to the wallet. */
export interface BoundProcess {
  readonly chain: ConnectedChain;
  readonly genesisHash: string;
  readonly wallet: string;
  readonly membership: Membership;
}

/**
 * Brings the database up to date, finds the wallet, and binds the process to the chain before anything is funded there.
 * The chain starts while the database is migrated.
 *
 * @throws {BindingRefused} The database is bound to another chain, wallet or secret, or other processes have other settings.
 */
export async function bindToChain(options: {
  readonly config: Config;
  readonly role: Role;
  readonly database: OpenDatabase;
  readonly cleanups: Cleanups;
  readonly log: Logger;
}): Promise<BoundProcess> {
  const { config, role, database, cleanups, log } = options;
  if (role !== 'all') await requireMigrated(database.pool);
  const migrated = role === 'all' ? migrate(database.pool, { log }) : Promise.resolve();
  const found = migrated.then(() => findWallet(config, role, database.pool));
  let bound: { readonly genesisHash: string; readonly membership: Membership } | undefined;
  const walletOn = async (genesisHash: string) => {
    const wallet = await found;
    const membership = await bindProcess({ config, role, database, wallet, genesisHash, log });
    bound = { genesisHash, membership };
    cleanups.add(membership.leave);
    return wallet;
  };
  const [chain, { address: wallet }] = await Promise.all([connectDevnet({ config, log, walletOn }), found]);
  cleanups.add(chain.close);
  return { chain, wallet, ...bound! };
}
