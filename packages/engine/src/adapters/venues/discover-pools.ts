import { InvalidAccount } from '@oee/amm';
import type { AccountReader } from '../../ports/account-reader.ts';
import type { PoolAddresses, PoolProgram } from './pool-program.ts';

/** A pool that exists on the chain; whether it can be traded here depends on its tokens. */
export interface DiscoveredPool {
  readonly address: string;
  readonly mints: readonly [string, string];
}

const ACCOUNTS_PER_CALL = 100; // The RPC's own limit.

/**
 * Every pool of the program, or those among the given accounts. Other accounts of the same length are left out.
 *
 * @param only Addresses to look at instead of searching: some nodes refuse such searches.
 * @throws {ChainUnavailable} The node could not be asked, or refuses such searches.
 */
export async function discoverPools<A extends PoolAddresses>(
  reader: AccountReader,
  program: PoolProgram<A>,
  only?: readonly string[],
): Promise<readonly DiscoveredPool[]> {
  const { programAddress, accountLength } = program;
  const found = only
    ? await ownedAccounts(reader, programAddress, only)
    : await reader.programAccounts({ programAddress, dataLength: accountLength });
  const pools: DiscoveredPool[] = [];
  for (const { address, data } of found) {
    try {
      pools.push({ address, mints: (await program.addressesOf(address, data)).mints });
    } catch (error) {
      if (!(error instanceof InvalidAccount)) throw error;
    }
  }
  return pools;
}

async function ownedAccounts(reader: AccountReader, owner: string, addresses: readonly string[]) {
  const owned: { readonly address: string; readonly data: Uint8Array }[] = [];
  for (let start = 0; start < addresses.length; start += ACCOUNTS_PER_CALL) {
    const chunk = addresses.slice(start, start + ACCOUNTS_PER_CALL);
    const { accounts } = await reader.accounts(chunk);
    for (const [index, account] of accounts.entries())
      if (account?.owner === owner) owned.push({ address: chunk[index] as string, data: account.data });
  }
  return owned;
}
