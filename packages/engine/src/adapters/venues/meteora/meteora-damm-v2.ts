import {
  decodeMeteoraDammV2Pool,
  METEORA_DAMM_V2_PROGRAM,
  type MeteoraDammV2Pool,
  type Pool,
  SwapRefused,
  type SysvarClock,
  spotRate,
} from '@oee/amm';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import type { PoolProgram } from '../pool-program.ts';
import { dammV2Errors } from './damm-v2-errors.ts';
import {
  METEORA_DAMM_V2_AUTHORITY,
  METEORA_DAMM_V2_EVENT_AUTHORITY,
  type MeteoraPoolAddresses,
  meteoraSwapInstruction,
} from './meteora-swap.ts';

/** Meteora's DAMM v2 pools. A quote follows the pool's price; the vaults' balances are for display only. */
export const meteoraDammV2: PoolProgram<MeteoraPoolAddresses> = {
  venue: 'meteora',
  kind: 'meteora-damm-v2',
  programAddress: METEORA_DAMM_V2_PROGRAM,
  errors: dammV2Errors,
  sharedAccounts: [METEORA_DAMM_V2_AUTHORITY, METEORA_DAMM_V2_EVENT_AUTHORITY, METEORA_DAMM_V2_PROGRAM],
  swapComputeUnits: 60_000,
  accountLength: 1_112,
  addressesOf(pool, data) {
    const { mints, vaults, tokenFlags, pool: state } = decodeMeteoraDammV2Pool(data);
    const programOf = (flag: number) => (flag === 0 ? TOKEN_PROGRAM : TOKEN_2022_PROGRAM);
    const hasRateLimiter = state.baseFee.kind === 'rate-limiter';
    const tokenPrograms = [programOf(tokenFlags[0]), programOf(tokenFlags[1])] as const;
    return { pool, mints, vaults, tokenPrograms, hasRateLimiter };
  },
  moreAccounts: () => [],
  read: (addresses, { data, vaultAmounts }) => ({
    pool: decodeMeteoraDammV2Pool(data(addresses.pool)).pool,
    reserves: [...vaultAmounts],
  }),
  feeBps,
  swapInstruction: meteoraSwapInstruction,
};

/**
 * The current base fee, without the part that follows volatility. It is computed as the share of an infinitely small
 * swap's rate that the fee takes, so it covers every kind of schedule.
 */
function feeBps(state: Pool, clock: SysvarClock): number {
  const pool = { ...(state as MeteoraDammV2Pool), dynamicFee: null };
  try {
    const charged = spotRate(pool, { inputIndex: 0, clock });
    const ideal = spotRate({ ...pool, baseFee: FREE }, { inputIndex: 0, clock });
    const kept = charged.numerator * ideal.denominator * FEE_DENOMINATOR;
    const whole = charged.denominator * ideal.numerator;
    return Number(FEE_DENOMINATOR - (kept + whole / 2n) / whole) / 100_000;
  } catch (error) {
    if (error instanceof SwapRefused) return 0; // An empty pool has no rate, and so no fee.
    throw error;
  }
}

const FEE_DENOMINATOR = 1_000_000_000n;
const FREE: MeteoraDammV2Pool['baseFee'] = {
  kind: 'time-scheduler',
  shape: 'linear',
  cliffFeeNumerator: 0n,
  numberOfPeriods: 0n,
  periodFrequency: 0n,
  reductionFactor: 0n,
};
