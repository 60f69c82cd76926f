import { sqrtPriceAtTick, tickAtSqrtPrice } from '@oee/amm';
import { isBefore } from '../pools/addresses.ts';
import { type ClmmPosition, clmmHoldings, clmmLiquidity } from '../pools/clmm-liquidity.ts';
import { clmmArrayStarts, MOST_CLMM_TICK } from '../pools/clmm-state.ts';
import { integerSquareRoot } from '../pools/integer-math.ts';
import {
  createClmmPool,
  createClmmVaults,
  deriveClmmAddresses,
  deriveClmmConfig,
} from '../pools/raydium-clmm.ts';
import type { NewPool, PoolSide } from './new-pool.ts';
import { CLMM_CONFIGS } from './pools.ts';

/**
 * Layers of liquidity: the spacings below and above the price, and the percentage of both sides. The first layer covers
 * all prices, so that there is always some liquidity.
 */
const LAYERS = [
  { spacings: null, percent: 40n },
  { spacings: 60, percent: 40n },
  { spacings: 12, percent: 20n },
] as const;

/** A pool of three positions around its start price. At a spacing of 60 it needs no bitmap extension. */
export async function newClmmPool(pool: {
  configIndex: number;
  base: PoolSide;
  quote: PoolSide;
}): Promise<NewPool> {
  const { base, quote, configIndex } = pool;
  const [side0, side1] = isBefore(base.mint, quote.mint) ? [base, quote] : [quote, base];
  const { tickSpacing, tradeFeeRate } = CLMM_CONFIGS.find(({ index }) => index === configIndex)!;
  const sqrtPrice = integerSquareRoot((side1.amount << 128n) / side0.amount);
  const tick = tickAtSqrtPrice(sqrtPrice);
  const positions = LAYERS.map(({ spacings, percent }) => {
    const amounts = { amount0: (side0.amount * percent) / 100n, amount1: (side1.amount * percent) / 100n };
    return positionOf({ ...rangeOf(tick, tickSpacing, spacings), ...amounts, sqrtPrice });
  });
  const state = {
    sqrtPrice,
    tickSpacing,
    decimals: [side0.decimals, side1.decimals] as const,
    ...clmmLiquidity(positions, tick),
  };
  const config = await deriveClmmConfig(configIndex);
  const mints = { mint0: side0.mint, mint1: side1.mint };
  const parts = await deriveClmmAddresses({ config, ...mints, starts: clmmArrayStarts(state) });
  return {
    pool: {
      kind: 'raydium-clmm',
      address: parts.pool,
      ...mints,
      feeBps: tradeFeeRate / 100,
      parts,
    },
    accounts: [
      ...(await createClmmPool(parts, state)),
      ...createClmmVaults(parts, clmmHoldings(positions, sqrtPrice)),
    ],
  };
}

function rangeOf(tick: number, spacing: number, spacings: number | null): { lower: number; upper: number } {
  const aligned = Math.floor((spacings === null ? MOST_CLMM_TICK : tick) / spacing) * spacing;
  if (spacings === null) return { lower: -aligned, upper: aligned };
  return { lower: aligned - spacings * spacing, upper: aligned + spacings * spacing };
}

/** The largest liquidity for which both amounts suffice. */
function positionOf(range: {
  lower: number;
  upper: number;
  amount0: bigint;
  amount1: bigint;
  sqrtPrice: bigint;
}): ClmmPosition {
  const { lower, upper, amount0, amount1, sqrtPrice } = range;
  const [low, high] = [sqrtPriceAtTick(lower), sqrtPriceAtTick(upper)];
  const for0 = (amount0 * ((sqrtPrice * high) >> 64n)) / (high - sqrtPrice);
  const for1 = (amount1 << 64n) / (sqrtPrice - low);
  return { lower, upper, liquidity: for0 < for1 ? for0 : for1 };
}
