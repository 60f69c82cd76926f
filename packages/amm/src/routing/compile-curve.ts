import type { SysvarClock } from '../clock.ts';
import type { Pool } from '../pool.ts';
import { swapExactIn } from '../pool.ts';
import { dammV2FeeSide, type MeteoraDammV2Pool } from '../pools/meteora-damm-v2.ts';
import { dammV2FeeNumerator, isRateLimited } from '../pools/meteora-damm-v2-fee.ts';
import type { TokenIndex } from '../swap.ts';
import { otherIndex } from '../swap.ts';
import { SwapRefused } from '../swap-refused.ts';
import { clmmSegments } from './compile-clmm.ts';
import { dlmmSegments } from './compile-dlmm.ts';
import { Curve, type Segment } from './curve.ts';

const U64_MAX = 2 ** 64;
/** A plan on the very last tick or bin fails on chain when the price moves, so curves end a little earlier. */
const USABLE_SHARE = 1 - 1e-5;

/**
 * The curve of one direction of a pool; empty where the pool cannot trade in it.
 *
 * @param isWhole Up to the very last tick or bin, for bounds; plans stop slightly before it.
 */
export function compileCurve(pool: Pool, inputIndex: TokenIndex, clock: SysvarClock, isWhole = false): Curve {
  try {
    const segments = segmentsOf(pool, inputIndex, clock);
    return new Curve(isWhole ? segments : shortened(segments));
  } catch (error) {
    if (error instanceof SwapRefused) return new Curve([]);
    throw error;
  }
}

function segmentsOf(pool: Pool, inputIndex: TokenIndex, clock: SysvarClock): Segment[] {
  switch (pool.kind) {
    case 'raydium-cpmm': {
      const isCreatorFeeOnInput =
        pool.creatorFeeOn === 'input' || (pool.creatorFeeOn === 'token0') === (inputIndex === 0);
      const creatorRate = Number(pool.creatorFeeRate) / 1e6;
      const keptIn = 1 - Number(pool.tradeFeeRate) / 1e6 - (isCreatorFeeOnInput ? creatorRate : 0);
      return product(pool.reserves, inputIndex, {
        keptIn,
        keptOut: isCreatorFeeOnInput ? 1 : 1 - creatorRate,
      });
    }
    case 'raydium-amm-v4': {
      const keptIn = 1 - Number(pool.swapFeeNumerator) / Number(pool.swapFeeDenominator);
      return product(pool.reserves, inputIndex, { keptIn, keptOut: 1 });
    }
    case 'raydium-clmm':
      return clmmSegments(pool, inputIndex, clock);
    case 'meteora-dlmm':
      return dlmmSegments(pool, inputIndex, clock);
    case 'meteora-damm-v2':
      return dammV2Segments(pool, inputIndex, clock);
  }
}

function product(
  reserves: readonly [bigint, bigint],
  inputIndex: TokenIndex,
  kept: { keptIn: number; keptOut: number },
): Segment[] {
  const reserveIn = Number(reserves[inputIndex]);
  const reserveOut = Number(reserves[otherIndex(inputIndex)]);
  if (reserveIn <= 0 || reserveOut <= 0 || reserveIn >= U64_MAX) return [];
  const b = kept.keptIn / reserveIn;
  return [{ a: b * kept.keptOut * reserveOut, b, length: U64_MAX - reserveIn }];
}

function dammV2Segments(pool: MeteoraDammV2Pool, inputIndex: TokenIndex, clock: SysvarClock): Segment[] {
  if (isRateLimited(pool, inputIndex, clock)) return sampledSegments(pool, inputIndex, clock);
  const kept = 1 - Number(dammV2FeeNumerator(pool, 1n, { inputIndex, clock, isIncluded: true })) / 1e9;
  const [keptIn, keptOut] = dammV2FeeSide(pool, inputIndex) === 'input' ? [kept, 1] : [1, kept];
  if (pool.collectFeeMode === 'compounding') return product(pool.reserves, inputIndex, { keptIn, keptOut });

  const price = Number(pool.sqrtPrice);
  const liquidity = Number(pool.liquidity);
  if (price === 0 || liquidity === 0) return [];
  const virtualA = liquidity / price;
  const virtualB = (liquidity / 2 ** 128) * price;
  const [virtualIn, virtualOut] = inputIndex === 0 ? [virtualA, virtualB] : [virtualB, virtualA];
  const capacity =
    inputIndex === 0
      ? liquidity / Number(pool.sqrtMinPrice) - virtualA
      : (liquidity / 2 ** 128) * (Number(pool.sqrtMaxPrice) - price);
  const b = keptIn / virtualIn;
  return [{ a: b * keptOut * virtualOut, b, length: Math.min(capacity / keptIn, U64_MAX) }];
}

/** Samples exact quotes, since a rate limiter's fee differs for every amount. */
function sampledSegments(pool: Pool, inputIndex: TokenIndex, clock: SysvarClock): Segment[] {
  const segments: Segment[] = [];
  let lastIn = 0;
  let lastOut = 0;
  for (let amount = 16n; amount < 1n << 63n; amount += amount / 4n) {
    let out: number;
    try {
      out = Number(swapExactIn(pool, { inputIndex, amountIn: amount, clock }).amountOut);
    } catch (error) {
      if (error instanceof SwapRefused) break;
      throw error;
    }
    const length = Number(amount) - lastIn;
    const a = (out - lastOut) / length;
    const previous = segments.at(-1)?.a ?? Number.POSITIVE_INFINITY;
    if (a > 0 && a <= previous) {
      segments.push({ a, b: 0, length });
      lastIn = Number(amount);
      lastOut = out;
    }
  }
  return segments;
}

function shortened(segments: Segment[]): Segment[] {
  const last = segments.at(-1);
  if (!last) return segments;
  return [...segments.slice(0, -1), { ...last, length: last.length * USABLE_SHARE }];
}
