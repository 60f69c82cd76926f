import type { GenesisAccount } from '../genesis-account.ts';
import { createClmmConfig, deriveClmmConfig } from '../pools/raydium-clmm.ts';
import { createCpmmConfig, deriveCpmmConfig } from '../pools/raydium-cpmm.ts';
import { kindOf } from './kinds/pool-kinds.ts';
import type { NewPool, PoolSide } from './new-pool.ts';
import type { PlacedPool } from './placed-pool.ts';
import {
  CLMM_CONFIGS,
  CPMM_CONFIGS,
  CPMM_CREATOR_RATE,
  MARKET_POOLS,
  type MarketPool,
  RAYDIUM_FUND_RATE,
  RAYDIUM_PROTOCOL_RATE,
} from './pools.ts';
import { baseUnitsForUsd, marketToken } from './tokens.ts';

export interface MarketLayout {
  readonly accounts: readonly GenesisAccount[];
  readonly pools: readonly PlacedPool[];
}

/** Lays out every configured pool at its start price. Does not depend on the seed. */
export async function layOutMarket(): Promise<MarketLayout> {
  const configs = await layOutConfigs();
  const placed = await Promise.all(MARKET_POOLS.map(layOutPool));
  return {
    accounts: [...configs, ...placed.flatMap(({ accounts }) => accounts)],
    pools: placed.map(({ pool }) => pool),
  };
}

/** A market without pools, with the accounts that new pools need. */
export async function layOutEmptyMarket(): Promise<MarketLayout> {
  return { accounts: await layOutConfigs(), pools: [] };
}

/** Raydium's fee configurations, which every pool of it names. */
function layOutConfigs(): Promise<GenesisAccount[]> {
  const ofProducts = CPMM_CONFIGS.map(async ({ index, tradeFeeRate }) =>
    createCpmmConfig(await deriveCpmmConfig(index), index, {
      tradeFeeRate,
      protocolFeeRate: RAYDIUM_PROTOCOL_RATE,
      fundFeeRate: RAYDIUM_FUND_RATE,
      creatorFeeRate: CPMM_CREATOR_RATE,
    }),
  );
  const ofRanges = CLMM_CONFIGS.map(async (config) =>
    createClmmConfig(await deriveClmmConfig(config.index), {
      ...config,
      protocolFeeRate: Number(RAYDIUM_PROTOCOL_RATE),
      fundFeeRate: Number(RAYDIUM_FUND_RATE),
    }),
  );
  return Promise.all([...ofProducts, ...ofRanges]);
}

function layOutPool(pool: MarketPool): Promise<NewPool> {
  return kindOf(pool).layOut(pool, sideOf(pool.base, pool.depthUsd), sideOf(pool.quote, pool.depthUsd));
}

function sideOf(symbol: string, usd: bigint): PoolSide {
  const token = marketToken(symbol);
  return { mint: token.mint, decimals: token.decimals, amount: baseUnitsForUsd(token, usd) };
}
