import { InvalidAccount } from '@oee/amm';
import type { AccountReader } from '../../ports/account-reader.ts';
import { ACCOUNTS_PER_REQUEST } from '../../ports/chain-limits.ts';
import type { PoolAddresses, PoolProgram } from './pool-program.ts';

/**
 * The addresses of every pool of the program, or of the pools among the given accounts. Other accounts of the same
 * length are skipped. Whether the engine can trade a pool depends on its tokens.
 *
 * @param only Addresses to check instead of a search: some nodes refuse such searches.
 * @throws {ChainUnavailable} The node did not answer, or refuses such searches.
 */
export async function discoverPools<A extends PoolAddresses>(
  reader: AccountReader,
  program: PoolProgram<A>,
  only?: readonly string[],
): Promise<readonly A[]> {
  const { programAddress, accountLength } = program;
  const found = only
    ? await ownedAccounts(reader, programAddress, only)
    : await reader.programAccounts({ programAddress, dataLength: accountLength });
  const read = async (address: string) => (await ownedAccounts(reader, programAddress, [address]))[0]?.data;
  const pools: A[] = [];
  for (const { address, data } of found) {
    try {
      pools.push(await program.addressesOf(address, data, read));
    } catch (error) {
      if (!(error instanceof InvalidAccount)) throw error;
    }
  }
  return pools;
}

async function ownedAccounts(reader: AccountReader, owner: string, addresses: readonly string[]) {
  const owned: { readonly address: string; readonly data: Uint8Array }[] = [];
  for (let start = 0; start < addresses.length; start += ACCOUNTS_PER_REQUEST) {
    const chunk = addresses.slice(start, start + ACCOUNTS_PER_REQUEST);
    const { accounts } = await reader.accounts(chunk);
    for (const [index, account] of accounts.entries())
      if (account?.owner === owner) owned.push({ address: chunk[index] as string, data: account.data });
  }
  return owned;
}
