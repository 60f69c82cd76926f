import { integerSquareRoot } from '../pools/integer-math.ts';
import type { PoolView } from './kinds/pool-kind.ts';
import type { PlacedPool } from './placed-pool.ts';

/** The fair rate of one pool: token 1 per token 0, in base units, as a fraction. */
export interface FairRate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export interface Opportunity {
  readonly isZeroForOne: boolean;
  /** Base units of the input token. */
  readonly amountIn: bigint;
  /** How far the pool's price is from the fair one, basis points, never negative. */
  readonly gapBps: bigint;
}

const BASIS_POINTS = 10_000n;
/** Least gap beyond the fee that is worth a transaction. */
const MARGIN_BPS = 1n;
/**
 * Divisor of the reserve: the largest single trade, so that the market's own price moves stay within its traders'
 * limits.
 */
const LARGEST_SHARE = 40n;

/**
 * The trade that brings a pool's price back to the fair one, or null while the gap is within the fee. It stops half a
 * fee short, so that pools stay on different sides and the best venue changes.
 */
export function findOpportunity(
  pool: Pick<PlacedPool, 'feeBps'>,
  { reserve0, reserve1 }: PoolView,
  fair: FairRate,
): Opportunity | null {
  // The pool's rate over the fair rate, in basis points: above 10,000 token 0 is dear here and is sold.
  const ratioBps = (reserve1 * fair.denominator * BASIS_POINTS) / (reserve0 * fair.numerator);
  const gapBps = ratioBps > BASIS_POINTS ? ratioBps - BASIS_POINTS : BASIS_POINTS - ratioBps;
  const feeBps = BigInt(pool.feeBps);
  if (gapBps <= feeBps + MARGIN_BPS) return null;

  const isZeroForOne = ratioBps > BASIS_POINTS;
  const halfFee = feeBps / 2n;
  const targetBps = isZeroForOne ? BASIS_POINTS + halfFee : BASIS_POINTS - halfFee;
  const constant = reserve0 * reserve1;
  // At the target rate r, reserve0 = sqrt(k / r) and reserve1 = sqrt(k * r).
  const target0 = integerSquareRoot(
    (constant * fair.denominator * BASIS_POINTS) / (fair.numerator * targetBps),
  );
  const target1 = integerSquareRoot(
    (constant * fair.numerator * targetBps) / (fair.denominator * BASIS_POINTS),
  );
  const missing = isZeroForOne ? target0 - reserve0 : target1 - reserve1;
  const limit = (isZeroForOne ? reserve0 : reserve1) / LARGEST_SHARE;
  const amountIn = missing < limit ? missing : limit;
  return amountIn > 0n ? { isZeroForOne, amountIn, gapBps } : null;
}
