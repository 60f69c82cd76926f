import { U128_MAX } from '../integer.ts';
import { SwapRefused } from '../swap-refused.ts';

/** Prices of ticks, as raydium-io/raydium-clmm, programs/amm/src/libraries/tick_math.rs computes them. */

export const MAX_TICK = 443_636;
export const MIN_TICK = -MAX_TICK;
export const MIN_SQRT_PRICE = 4_295_048_016n;
export const MAX_SQRT_PRICE = 79_226_673_521_066_979_257_578_248_091n;

/** 2^64 / 1.0001^(2^(i - 1)) for the bits i of a tick, as the program rounded them. */
const FACTORS = [
  0xfffcb933bd6fb800n,
  0xfff97272373d4000n,
  0xfff2e50f5f657000n,
  0xffe5caca7e10f000n,
  0xffcb9843d60f7000n,
  0xff973b41fa98e800n,
  0xff2ea16466c9b000n,
  0xfe5dee046a9a3800n,
  0xfcbe86c7900bb000n,
  0xf987a7253ac65800n,
  0xf3392b0822bb6000n,
  0xe7159475a2caf000n,
  0xd097f3bdfd2f2000n,
  0xa9f746462d9f8000n,
  0x70d869a156f31c00n,
  0x31be135f97ed3200n,
  0x9aa508b5b85a500n,
  0x5d6af8dedc582cn,
  0x2216e584f5fan,
] as const;

/**
 * The square root of a tick's price, Q64.64.
 *
 * @throws {SwapRefused} A tick beyond the bounds.
 */
export function sqrtPriceAtTick(tick: number): bigint {
  const distance = Math.abs(tick);
  if (distance > MAX_TICK) throw new SwapRefused('price-out-of-range');
  let ratio = 1n << 64n;
  for (const [bit, factor] of FACTORS.entries()) {
    if (distance & (1 << bit)) ratio = bit === 0 ? factor : (ratio * factor) >> 64n;
  }
  return tick > 0 ? U128_MAX / ratio : ratio;
}

/**
 * The greatest tick whose price is at most `sqrtPrice`.
 *
 * @throws {SwapRefused} A price outside the bounds.
 */
export function tickAtSqrtPrice(sqrtPrice: bigint): number {
  if (sqrtPrice < MIN_SQRT_PRICE || sqrtPrice >= MAX_SQRT_PRICE) throw new SwapRefused('price-out-of-range');
  // A float logarithm lands within a tick or two; the integers decide.
  const estimate = Math.floor(Math.log(Number(sqrtPrice) / 2 ** 64) / Math.log(Math.sqrt(1.0001)));
  let tick = Math.min(Math.max(estimate, MIN_TICK), MAX_TICK - 1);
  while (tick > MIN_TICK && sqrtPriceAtTick(tick) > sqrtPrice) tick -= 1;
  while (tick < MAX_TICK - 1 && sqrtPriceAtTick(tick + 1) <= sqrtPrice) tick += 1;
  return tick;
}
