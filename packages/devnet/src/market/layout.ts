import type { GenesisAccount } from '../genesis-account.ts';
import { deriveAddress, isBefore, METEORA_DAMM_V2_PROGRAM } from '../pools/addresses.ts';
import { integerSquareRoot } from '../pools/integer-math.ts';
import {
  createDammPool,
  createDammVaults,
  DAMM_MAX_SQRT_PRICE,
  DAMM_MIN_SQRT_PRICE,
  type DammAddresses,
  deriveDammAddresses,
  fullRangeLiquidity,
} from '../pools/meteora-damm-v2.ts';
import {
  type CpmmAddresses,
  createCpmmConfig,
  createCpmmObservation,
  createCpmmPool,
  createCpmmVaults,
  deriveCpmmAddresses,
  deriveCpmmConfig,
} from '../pools/raydium-cpmm.ts';
import { createMint } from '../pools/token-accounts.ts';
import {
  CPMM_CONFIGS,
  CPMM_CREATOR_RATE,
  CPMM_FUND_RATE,
  CPMM_PROTOCOL_RATE,
  DAMM_PROTOCOL_PERCENT,
  MARKET_POOLS,
  type MarketPool,
} from './pools.ts';
import { baseUnitsForUsd, marketToken } from './tokens.ts';

/** A pool of the market and where its parts lie. */
export type PlacedPool = {
  readonly address: string;
  readonly mint0: string;
  readonly mint1: string;
  /** The fee without any dynamic part. */
  readonly feeBps: number;
} & (
  | { readonly kind: 'raydium-cpmm'; readonly parts: CpmmAddresses }
  | { readonly kind: 'meteora-damm-v2'; readonly parts: DammAddresses }
);

export interface MarketLayout {
  readonly accounts: readonly GenesisAccount[];
  readonly pools: readonly PlacedPool[];
}

/** Lays out every configured pool at its start price. Does not depend on the seed. */
export async function layOutMarket(): Promise<MarketLayout> {
  const configs = new Map(
    await Promise.all(CPMM_CONFIGS.map(async ({ index }) => [index, await deriveCpmmConfig(index)] as const)),
  );
  const configAccounts = CPMM_CONFIGS.map(({ index, tradeFeeRate }) =>
    createCpmmConfig(configs.get(index)!, index, {
      tradeFeeRate,
      protocolFeeRate: CPMM_PROTOCOL_RATE,
      fundFeeRate: CPMM_FUND_RATE,
      creatorFeeRate: CPMM_CREATOR_RATE,
    }),
  );
  const placed = await Promise.all(
    MARKET_POOLS.map((pool) =>
      pool.kind === 'raydium-cpmm' ? layOutCpmm(pool, configs.get(pool.configIndex)!) : layOutDamm(pool),
    ),
  );
  return {
    accounts: [...configAccounts, ...placed.flatMap(({ accounts }) => accounts)],
    pools: placed.map(({ pool }) => pool),
  };
}

interface LaidOutPool {
  readonly pool: PlacedPool;
  readonly accounts: readonly GenesisAccount[];
}

async function layOutCpmm(pool: MarketPool & { kind: 'raydium-cpmm' }, config: string): Promise<LaidOutPool> {
  const pair = [marketToken(pool.base), marketToken(pool.quote)] as const;
  const [token0, token1] = isBefore(pair[0].mint, pair[1].mint) ? pair : ([pair[1], pair[0]] as const);
  const parts = await deriveCpmmAddresses({ config, mint0: token0.mint, mint1: token1.mint });
  const amount0 = baseUnitsForUsd(token0, pool.depthUsd);
  const amount1 = baseUnitsForUsd(token1, pool.depthUsd);
  const lpSupply = integerSquareRoot(amount0 * amount1);
  const { tradeFeeRate } = CPMM_CONFIGS.find(({ index }) => index === pool.configIndex)!;
  const state = { decimals0: token0.decimals, decimals1: token1.decimals, lpSupply };
  return {
    pool: {
      kind: 'raydium-cpmm',
      address: parts.pool,
      mint0: token0.mint,
      mint1: token1.mint,
      feeBps: Number(tradeFeeRate / 100n),
      parts,
    },
    accounts: [
      createCpmmPool(parts, state),
      createCpmmObservation(parts),
      createMint({ address: parts.lpMint, decimals: 9, supply: lpSupply }),
      ...createCpmmVaults(parts, { amount0, amount1 }),
    ],
  };
}

async function layOutDamm(pool: MarketPool & { kind: 'meteora-damm-v2' }): Promise<LaidOutPool> {
  const [tokenA, tokenB] = [marketToken(pool.base), marketToken(pool.quote)];
  const config = await deriveAddress(METEORA_DAMM_V2_PROGRAM, ['config', `${pool.feeBps} bps`]);
  const parts = await deriveDammAddresses({ config, mintA: tokenA.mint, mintB: tokenB.mint });
  const range = fullRangeLiquidity({
    amountA: baseUnitsForUsd(tokenA, pool.depthUsd),
    amountB: baseUnitsForUsd(tokenB, pool.depthUsd),
  });
  const account = createDammPool(parts, {
    ...range,
    baseFee: { cliffFeeNumerator: BigInt(pool.feeBps) * 100_000n },
    protocolFeePercent: DAMM_PROTOCOL_PERCENT,
    sqrtMinPrice: DAMM_MIN_SQRT_PRICE,
    sqrtMaxPrice: DAMM_MAX_SQRT_PRICE,
    initSqrtPrice: range.sqrtPrice,
    collectFeeMode: pool.collectFeeMode,
    feeVersion: 1,
    layoutVersion: 1,
    ...(pool.dynamicFee ? { dynamicFee: pool.dynamicFee } : {}),
  });
  const vaults = createDammVaults(parts, { amountA: range.tokenAAmount, amountB: range.tokenBAmount });
  return {
    pool: {
      kind: 'meteora-damm-v2',
      address: parts.pool,
      mint0: tokenA.mint,
      mint1: tokenB.mint,
      feeBps: pool.feeBps,
      parts,
    },
    accounts: [account, ...vaults],
  };
}
