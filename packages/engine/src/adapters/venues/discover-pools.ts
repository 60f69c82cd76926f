import { InvalidAccount } from '@oee/amm';
import type { AccountReader } from '../../ports/account-reader.ts';
import type { PoolAddresses, PoolProgram } from './pool-program.ts';

/** A pool that exists on the chain; whether it can be traded here depends on its tokens. */
export interface DiscoveredPool {
  readonly address: string;
  readonly mints: readonly [string, string];
}

/**
 * Every pool of the program. Other accounts of the same length are left out.
 *
 * @throws {ChainUnavailable} The node could not be asked, or refuses such searches.
 */
export async function discoverPools<A extends PoolAddresses>(
  reader: AccountReader,
  program: PoolProgram<A>,
): Promise<readonly DiscoveredPool[]> {
  const { programAddress, accountLength } = program;
  const found = await reader.programAccounts({ programAddress, dataLength: accountLength });
  return found.flatMap(({ address, data }) => {
    try {
      return [{ address, mints: program.addressesOf(address, data).mints }];
    } catch (error) {
      if (error instanceof InvalidAccount) return [];
      throw error;
    }
  });
}
