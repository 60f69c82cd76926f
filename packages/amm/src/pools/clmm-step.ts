import {
  ceilDiv,
  minOf,
  mulDivCeil,
  mulDivFloor,
  requireU64,
  requireU128,
  shiftRightCeil,
  U64_MAX,
} from '../integer.ts';
import { SwapRefused } from '../swap-refused.ts';
import { MAX_SQRT_PRICE, MIN_SQRT_PRICE } from './clmm-tick-price.ts';

/** One step of a CLMM swap within constant liquidity: raydium-clmm, libraries/{swap_math,sqrt_price_math}.rs. */

export const CLMM_FEE_DENOMINATOR = 1_000_000n;

export interface SwapMode {
  readonly isZeroForOne: boolean;
  readonly isExactIn: boolean;
  readonly isFeeOnInput: boolean;
}

export interface Step {
  readonly sqrtPrice: bigint;
  /** Without a fee on the input. */
  readonly amountIn: bigint;
  /** After a fee on the output. */
  readonly amountOut: bigint;
  readonly fee: bigint;
}

/** Moves the price towards `target` as far as the `remaining` amount suffices. */
export function clmmStep(
  from: { sqrtPrice: bigint; target: bigint; liquidity: bigint; remaining: bigint; feeRate: bigint },
  mode: SwapMode,
): Step {
  const { sqrtPrice, target, liquidity, remaining, feeRate } = from;
  const forPrice = amountForPrice(remaining, feeRate, mode);
  const atTarget = amountsBetween(sqrtPrice, target, liquidity, mode.isZeroForOne);
  const isReached =
    atTarget !== null && forPrice >= (mode.isExactIn ? atTarget.amountIn : atTarget.amountOut);
  if (isReached) return withFee({ ...atTarget, sqrtPrice: target }, { remaining, feeRate, isReached }, mode);

  const next = nextSqrtPrice(sqrtPrice, liquidity, forPrice, mode);
  if (mode.isZeroForOne ? next < target : next > target) throw new SwapRefused('price-out-of-range');
  const amounts = amountsBetween(sqrtPrice, next, liquidity, mode.isZeroForOne);
  if (!amounts) throw new SwapRefused('amount-over-u64');
  return withFee({ ...amounts, sqrtPrice: next }, { remaining, feeRate, isReached: next === target }, mode);
}

function amountForPrice(remaining: bigint, feeRate: bigint, mode: SwapMode): bigint {
  const kept = CLMM_FEE_DENOMINATOR - feeRate;
  if (mode.isExactIn)
    return mode.isFeeOnInput ? mulDivFloor(remaining, kept, CLMM_FEE_DENOMINATOR) : remaining;
  return mode.isFeeOnInput ? remaining : requireU64(mulDivCeil(remaining, CLMM_FEE_DENOMINATOR, kept));
}

function withFee(
  moved: { amountIn: bigint; amountOut: bigint; sqrtPrice: bigint },
  step: { remaining: bigint; feeRate: bigint; isReached: boolean },
  mode: SwapMode,
): Step {
  const { amountIn, amountOut, sqrtPrice } = moved;
  const { remaining, feeRate, isReached } = step;
  if (mode.isFeeOnInput) {
    // If the step ends before the target, it spends everything left, so the fee is the rest.
    const isRest = mode.isExactIn && !isReached;
    const fee = isRest ? remaining - amountIn : feeOnTop(amountIn, feeRate);
    if (fee < 0n) throw new SwapRefused('math-overflow');
    return { sqrtPrice, amountIn, amountOut: mode.isExactIn ? amountOut : minOf(amountOut, remaining), fee };
  }
  const fee = mulDivCeil(amountOut, feeRate, CLMM_FEE_DENOMINATOR);
  const net = amountOut - fee;
  if (mode.isExactIn) return { sqrtPrice, amountIn: isReached ? amountIn : remaining, amountOut: net, fee };
  return net > remaining
    ? { sqrtPrice, amountIn, amountOut: remaining, fee: amountOut - remaining }
    : { sqrtPrice, amountIn, amountOut: net, fee };
}

/** The fee to be added to a net input. */
export function feeOnTop(amount: bigint, feeRate: bigint): bigint {
  return requireU64(mulDivCeil(amount, feeRate, CLMM_FEE_DENOMINATOR - feeRate));
}

/** Input (rounded up) and output (rounded down) between two prices; null where one does not fit 64 bits. */
function amountsBetween(from: bigint, to: bigint, liquidity: bigint, isZeroForOne: boolean) {
  const [low, high] = from < to ? [from, to] : [to, from];
  if (low <= 0n) throw new SwapRefused('price-out-of-range');
  const amount1Q64 = liquidity * (high - low);
  const product = low * high;
  const amountIn = isZeroForOne ? ceilDiv(amount1Q64 << 64n, product) : shiftRightCeil(amount1Q64, 64n);
  const amountOut = isZeroForOne ? amount1Q64 >> 64n : (amount1Q64 << 64n) / product;
  return amountIn > U64_MAX || amountOut > U64_MAX ? null : { amountIn, amountOut };
}

function nextSqrtPrice(price: bigint, liquidity: bigint, amount: bigint, mode: SwapMode): bigint {
  if (price < MIN_SQRT_PRICE || price >= MAX_SQRT_PRICE) throw new SwapRefused('price-out-of-range');
  if (liquidity === 0n) throw new SwapRefused('insufficient-liquidity');
  if (amount === 0n) return price;
  const movesToken0 = mode.isZeroForOne === mode.isExactIn;
  if (!movesToken0) {
    const next = mode.isExactIn
      ? price + (amount << 64n) / liquidity
      : price - ceilDiv(amount << 64n, liquidity);
    return requireU128(next);
  }
  const numerator = liquidity << 64n;
  const denominator = mode.isExactIn ? numerator + amount * price : numerator - amount * price;
  if (denominator <= 0n) throw new SwapRefused('insufficient-liquidity');
  return requireU128(mulDivCeil(numerator, price, denominator));
}
