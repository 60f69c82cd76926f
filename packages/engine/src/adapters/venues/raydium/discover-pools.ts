import { decodeRaydiumCpmmPool, InvalidAccount, RAYDIUM_CPMM_PROGRAM } from '@oee/amm';
import type { AccountReader } from '../../../ports/account-reader.ts';

/** A pool that exists on the chain; whether it can be traded here depends on its tokens. */
export interface DiscoveredPool {
  readonly address: string;
  readonly mints: readonly [string, string];
}

const POOL_LENGTH = 637;

/**
 * Every pool of the program. Other accounts of the same length are left out.
 *
 * @throws {ChainUnavailable} The node could not be asked, or refuses such searches.
 */
export async function discoverRaydiumPools(reader: AccountReader): Promise<readonly DiscoveredPool[]> {
  const found = await reader.programAccounts({
    programAddress: RAYDIUM_CPMM_PROGRAM,
    dataLength: POOL_LENGTH,
  });
  return found.flatMap(({ address, data }) => {
    try {
      return [{ address, mints: decodeRaydiumCpmmPool(data).mints }];
    } catch (error) {
      if (error instanceof InvalidAccount) return [];
      throw error;
    }
  });
}
