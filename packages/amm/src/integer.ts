import { SwapRefused } from './swap-refused.ts';

/** The integer arithmetic of the chain's programs: unsigned, every rounding named, every width checked. */

export const U64_MAX = (1n << 64n) - 1n;
export const U128_MAX = (1n << 128n) - 1n;

export function ceilDiv(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}

export function mulDivFloor(a: bigint, b: bigint, denominator: bigint): bigint {
  return (a * b) / denominator;
}

export function mulDivCeil(a: bigint, b: bigint, denominator: bigint): bigint {
  return ceilDiv(a * b, denominator);
}

/** `value >> bits`, rounded up. */
export function shiftRightCeil(value: bigint, bits: bigint): bigint {
  return (value + (1n << bits) - 1n) >> bits;
}

export function minOf(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The greatest integer whose square is at most `value`. */
export function integerSqrt(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Requires that an amount fits u64: a program fails with a larger one. */
export function requireU64(value: bigint): bigint {
  if (value < 0n || value > U64_MAX) throw new SwapRefused('amount-over-u64');
  return value;
}

export function requireU128(value: bigint): bigint {
  if (value < 0n || value > U128_MAX) throw new SwapRefused('math-overflow');
  return value;
}
