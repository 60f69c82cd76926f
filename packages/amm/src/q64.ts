import { U128_MAX } from './integer.ts';
import { SwapRefused } from './swap-refused.ts';

/** One in Q64.64, the fixed-point format of prices on Solana's exchanges. */
export const ONE_Q64 = 1n << 64n;

const EXPONENT_LIMIT = 1 << 19;

/**
 * `base` to the power of `exponent` in Q64.64, with the same truncations as the Meteora programs: a base of one or more
 * is inverted first, so that the squares shrink, and the result is inverted back.
 *
 * @throws {SwapRefused} An exponent of 19 bits or more, or a result of zero.
 */
export function powQ64(base: bigint, exponent: number): bigint {
  if (exponent === 0) return ONE_Q64;
  let bits = Math.abs(exponent);
  if (bits >= EXPONENT_LIMIT) throw new SwapRefused('math-overflow');

  let invert = exponent < 0;
  let square = base;
  if (square >= ONE_Q64) {
    square = U128_MAX / square;
    invert = !invert;
  }
  let result = ONE_Q64;
  for (;;) {
    if (bits & 1) result = (result * square) >> 64n;
    bits >>= 1;
    if (bits === 0) break;
    square = (square * square) >> 64n;
  }
  if (result === 0n) throw new SwapRefused('math-overflow');
  return invert ? U128_MAX / result : result;
}
