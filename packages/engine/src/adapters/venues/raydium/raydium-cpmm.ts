import {
  decodeRaydiumAmmConfig,
  decodeRaydiumCpmmPool,
  type Pool,
  RAYDIUM_CPMM_PROGRAM,
  type RaydiumCpmmPool,
  toRaydiumCpmmPool,
} from '@oee/amm';
import type { PoolProgram } from '../pool-program.ts';
import { cpmmErrors } from './cpmm-errors.ts';
import { RAYDIUM_CPMM_AUTHORITY, type RaydiumPoolAddresses, raydiumSwapInstruction } from './raydium-swap.ts';

/** Raydium's constant-product pools. */
export const raydiumCpmm: PoolProgram<RaydiumPoolAddresses> = {
  venue: 'raydium',
  kind: 'raydium-cpmm',
  programAddress: RAYDIUM_CPMM_PROGRAM,
  errors: cpmmErrors,
  sharedAccounts: [RAYDIUM_CPMM_AUTHORITY],
  swapComputeUnits: 50_000,
  accountLength: 637,
  addressesOf(pool, data) {
    const { ammConfig, observation, mints, vaults, tokenPrograms } = decodeRaydiumCpmmPool(data);
    return { pool, ammConfig, observation, mints, vaults, tokenPrograms };
  },
  moreAccounts: ({ ammConfig }) => [ammConfig],
  read(addresses, { data, vaultAmounts }) {
    const pool = toRaydiumCpmmPool({
      pool: decodeRaydiumCpmmPool(data(addresses.pool)),
      config: decodeRaydiumAmmConfig(data(addresses.ammConfig)),
      vaultAmounts,
    });
    return { pool, reserves: [...pool.reserves] };
  },
  feeBps,
  swapInstruction: raydiumSwapInstruction,
};

/** Rates are per 1,000,000. */
function feeBps(pool: Pool): number {
  const { tradeFeeRate, creatorFeeRate } = pool as RaydiumCpmmPool;
  return Number(tradeFeeRate + creatorFeeRate) / 100;
}
