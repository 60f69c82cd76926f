import { join } from 'node:path';
import type pg from 'pg';
import { hasOrders, readBinding } from '../adapters/postgres/binding.ts';
import { secretOfKey } from '../adapters/signers/receipt-seed.ts';
import { loadOrCreateWallet, type Wallet, WalletFileRefused } from '../adapters/signers/wallet-file.ts';
import type { Config } from '../config/config.ts';

export const walletFileOf = ({ WALLET_FILE, DATA_DIR }: Config): string =>
  WALLET_FILE ?? join(DATA_DIR, 'wallet.json');

/** The secret from which the receipts of a wallet are derived. */
export const executionSecretOf = ({ EXECUTION_SECRET }: Config, { secretKey }: Wallet): string =>
  EXECUTION_SECRET ?? secretOfKey(secretKey);

/**
 * The wallet of the configuration. Creates one if there is no file, but not if orders exist: their funds are in another wallet.
 * @throws {WalletFileRefused} The file cannot be used, or is missing.
 */
export function loadOwnWallet(config: Config, pool: pg.Pool): Promise<Wallet> {
  const file = walletFileOf(config);
  return loadOrCreateWallet(file, async () => {
    const bound = (await readBinding(pool))?.wallet;
    if (!bound && !(await hasOrders(pool))) return;
    const owner = bound ? `is bound to the wallet ${bound}` : 'has orders of another wallet';
    throw new WalletFileRefused(
      `the wallet ${file} is missing, and the database ${owner}. Put the file back, or name it with WALLET_FILE; npm run rebind -- --wallet binds the database to a new one`,
    );
  });
}
