import type pg from 'pg';
import type { Wallet } from '../adapters/signers/wallet-file.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Config, settingsInCommon } from '../config/config.ts';
import type { Logger } from '../ports/logger.ts';
import { awaitWallet } from './await-wallet.ts';
import { enterDatabase, type Membership } from './membership.ts';
import { executionSecretOf, loadOwnWallet } from './own-wallet.ts';
import type { Role } from './role.ts';

/** A wallet with its key, or, in a process that signs nothing, only the address of the workers' wallet. */
export type OwnWallet = Wallet | { readonly address: string };

/**
 * The wallet of this process. If there is none yet, a process that signs creates one.
 *
 * @throws {WalletFileRefused} Its file cannot be used, or is missing beside orders.
 * @throws {NoWallet} No worker has started yet.
 */
export async function findWallet(config: Config, role: Role, pool: pg.Pool): Promise<OwnWallet> {
  return role === 'api' ? { address: await awaitWallet(pool, systemClock) } : loadOwnWallet(config, pool);
}

/**
 * Registers this process with its database.
 * @throws {BindingRefused} The database is bound to another chain, wallet or secret, or other processes have other settings.
 */
export function bindProcess(options: {
  readonly config: Config;
  readonly role: Role;
  readonly database: { readonly pool: pg.Pool; readonly embedded: boolean };
  readonly wallet: OwnWallet;
  readonly genesisHash: string;
  readonly log: Logger;
}): Promise<Membership> {
  const { config, role, database, wallet, genesisHash, log } = options;
  const signer = 'secretKey' in wallet && {
    wallet: wallet.address,
    secret: executionSecretOf(config, wallet),
  };
  return enterDatabase({
    pool: database.pool,
    candidate: { genesisHash, settings: settingsInCommon(config), ...(signer && { signer }) },
    role,
    alone: database.embedded,
    log,
  });
}
