import type { BaseUnits } from './amount.ts';
import { type BasisPoints, ONE_HUNDRED_PERCENT_BPS } from './basis-points.ts';
import type { SwapMode } from './quote.ts';

/** A price that moved beyond the order's tolerance, against the order, since its limit was fixed. */
export interface PriceMove {
  /** By how much, in basis points, parts rounded up; absent where the chain says only that it is more than allowed. */
  readonly movedBps?: number;
  readonly allowedBps: number;
}

/** Of an order's request. */
interface Terms {
  readonly swapMode: SwapMode;
  readonly slippageBps: BasisPoints | 'auto';
  readonly minAmountOut: BaseUnits | null;
  readonly maxAmountIn: BaseUnits | null;
}

/** What the order allows; undefined where its own amount is the limit, or the engine chose the tolerance. */
export function allowedMove(request: Terms, limitAmount: BaseUnits | null): PriceMove | undefined {
  const own = request.swapMode === 'exactOut' ? request.maxAmountIn : request.minAmountOut;
  if (limitAmount === null || limitAmount === own || request.slippageBps === 'auto') return undefined;
  return { allowedBps: request.slippageBps };
}

/**
 * How far an offer is from the price that fixed the limit.
 *
 * @param offered Output of the offer (exactOut: input), base units.
 * @param limit   Least output (exactOut: most input) of such an offer, above zero: that price with the tolerance.
 */
export function priceMove(
  request: Terms,
  limitAmount: BaseUnits,
  { offered, limit }: { readonly offered: BaseUnits; readonly limit: BaseUnits },
): PriceMove | undefined {
  const allowed = allowedMove(request, limitAmount);
  if (!allowed) return undefined;
  const whole = BigInt(ONE_HUNDRED_PERCENT_BPS);
  const tolerance = BigInt(allowed.allowedBps);
  const moved =
    request.swapMode === 'exactOut'
      ? (offered * (whole + tolerance) + limit - 1n) / limit - whole
      : whole - (offered * (whole - tolerance)) / limit;
  return { movedBps: Number(moved), ...allowed };
}
