import { decodeMeteoraDammV2Pool, InvalidAccount, METEORA_DAMM_V2_PROGRAM } from '@oee/amm';
import type { AccountReader } from '../../../ports/account-reader.ts';

/** A pool that exists on the chain; whether it can be traded here depends on its tokens. */
export interface DiscoveredPool {
  readonly address: string;
  readonly mints: readonly [string, string];
}

const POOL_LENGTH = 1_112;

/**
 * Every pool of the program. Other accounts of the same length are left out.
 *
 * @throws {ChainUnavailable} The node could not be asked, or refuses such searches.
 */
export async function discoverMeteoraPools(reader: AccountReader): Promise<readonly DiscoveredPool[]> {
  const found = await reader.programAccounts({
    programAddress: METEORA_DAMM_V2_PROGRAM,
    dataLength: POOL_LENGTH,
  });
  return found.flatMap(({ address, data }) => {
    try {
      return [{ address, mints: decodeMeteoraDammV2Pool(data).mints }];
    } catch (error) {
      if (error instanceof InvalidAccount) return [];
      throw error;
    }
  });
}
