import { METEORA_DAMM_V2_PROGRAM } from '@oee/amm';
import { deriveAddress } from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';
import { isBefore } from '../pools/addresses.ts';
import { integerSquareRoot } from '../pools/integer-math.ts';
import {
  createDammPool,
  createDammVaults,
  type DammDynamicFee,
  dammLiquidity,
  deriveDammAddresses,
} from '../pools/meteora-damm-v2.ts';
import {
  createCpmmObservation,
  createCpmmPool,
  createCpmmVaults,
  deriveCpmmAddresses,
  deriveCpmmConfig,
} from '../pools/raydium-cpmm.ts';
import { createMint } from '../pools/token-accounts.ts';
import type { PlacedPool } from './placed-pool.ts';
import { CPMM_CONFIGS, DAMM_PROTOCOL_PERCENT } from './pools.ts';

/** One side of a new pool. */
export interface PoolSide {
  readonly mint: string;
  readonly decimals: number;
  /** Base units. */
  readonly amount: bigint;
}

/** A new pool and its accounts. */
export interface NewPool {
  readonly pool: PlacedPool;
  readonly accounts: readonly GenesisAccount[];
}

/** @param pool.openTime Unix seconds before which swaps are refused. */
export async function newCpmmPool(pool: {
  configIndex: number;
  base: PoolSide;
  quote: PoolSide;
  openTime?: bigint;
}): Promise<NewPool> {
  const { base, quote, configIndex, openTime } = pool;
  const [side0, side1] = isBefore(base.mint, quote.mint) ? [base, quote] : [quote, base];
  const config = await deriveCpmmConfig(configIndex);
  const parts = await deriveCpmmAddresses({ config, mint0: side0.mint, mint1: side1.mint });
  const lpSupply = integerSquareRoot(side0.amount * side1.amount);
  const { tradeFeeRate } = CPMM_CONFIGS.find(({ index }) => index === configIndex)!;
  const state = {
    decimals0: side0.decimals,
    decimals1: side1.decimals,
    lpSupply,
    ...(openTime !== undefined && { openTime }),
  };
  return {
    pool: {
      kind: 'raydium-cpmm',
      address: parts.pool,
      mint0: side0.mint,
      mint1: side1.mint,
      feeBps: Number(tradeFeeRate / 100n),
      parts,
    },
    accounts: [
      createCpmmPool(parts, state),
      createCpmmObservation(parts),
      createMint({ address: parts.lpMint, decimals: 9, supply: lpSupply }),
      ...createCpmmVaults(parts, { amount0: side0.amount, amount1: side1.amount }),
    ],
  };
}

/**
 * @param pool.rangePercent   See `dammLiquidity`.
 * @param pool.activationSlot Before it swaps are refused.
 */
export async function newDammPool(pool: {
  feeBps: number;
  collectFeeMode: 0 | 1;
  base: PoolSide;
  quote: PoolSide;
  dynamicFee?: DammDynamicFee;
  rangePercent?: number;
  activationSlot?: bigint;
}): Promise<NewPool> {
  const { base, quote, feeBps, collectFeeMode, dynamicFee, rangePercent = 100, activationSlot } = pool;
  const config = await deriveAddress(METEORA_DAMM_V2_PROGRAM, ['config', `${feeBps} bps`]);
  const parts = await deriveDammAddresses({ config, mintA: base.mint, mintB: quote.mint });
  const range = dammLiquidity({ amountA: base.amount, amountB: quote.amount, rangePercent });
  const account = createDammPool(parts, {
    ...range,
    baseFee: { cliffFeeNumerator: BigInt(feeBps) * 100_000n },
    protocolFeePercent: DAMM_PROTOCOL_PERCENT,
    initSqrtPrice: range.sqrtPrice,
    collectFeeMode,
    feeVersion: 1,
    layoutVersion: 1,
    ...(dynamicFee && { dynamicFee }),
    ...(activationSlot !== undefined && { activationPoint: activationSlot }),
  });
  const vaults = createDammVaults(parts, { amountA: range.tokenAAmount, amountB: range.tokenBAmount });
  return {
    pool: {
      kind: 'meteora-damm-v2',
      address: parts.pool,
      mint0: base.mint,
      mint1: quote.mint,
      feeBps,
      parts,
    },
    accounts: [account, ...vaults],
  };
}
