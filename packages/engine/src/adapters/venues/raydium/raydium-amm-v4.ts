import {
  decodeRaydiumAmmV4Pool,
  type Pool,
  RAYDIUM_AMM_V4_PROGRAM,
  type RaydiumAmmV4Pool,
  toRaydiumAmmV4Pool,
} from '@oee/amm';
import type { PoolAddresses, PoolProgram } from '../pool-program.ts';
import { SPL_TOKEN_PROGRAM } from '../token-programs.ts';
import { ammV4Errors } from './amm-v4-errors.ts';
import { ammV4SwapInstruction, RAYDIUM_AMM_V4_AUTHORITY } from './amm-v4-swap.ts';

/** Raydium's oldest pools. What they once lent to an order book is in their vaults again. */
export const raydiumAmmV4: PoolProgram<PoolAddresses> = {
  venue: 'raydium',
  kind: 'raydium-amm-v4',
  programAddress: RAYDIUM_AMM_V4_PROGRAM,
  errors: ammV4Errors,
  sharedAccounts: [RAYDIUM_AMM_V4_AUTHORITY],
  swapComputeUnits: 60_000,
  accountLength: 752,
  addressesOf(pool, data) {
    const { mints, vaults } = decodeRaydiumAmmV4Pool(data);
    return { pool, mints, vaults, tokenPrograms: [SPL_TOKEN_PROGRAM, SPL_TOKEN_PROGRAM] };
  },
  moreAccounts: () => [],
  read(addresses, { data, vaultAmounts }) {
    const pool = toRaydiumAmmV4Pool({ pool: decodeRaydiumAmmV4Pool(data(addresses.pool)), vaultAmounts });
    return { pool, reserves: [...pool.reserves] };
  },
  feeBps,
  swapInstruction: ammV4SwapInstruction,
};

function feeBps(pool: Pool): number {
  const { swapFeeNumerator, swapFeeDenominator } = pool as RaydiumAmmV4Pool;
  return swapFeeDenominator === 0n ? 0 : Number((swapFeeNumerator * 1_000_000n) / swapFeeDenominator) / 100;
}
