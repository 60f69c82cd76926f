import { type SysvarClock, spotRate } from '@oee/amm';
import type { OpenPool, ProtectedLeg } from './protected-plan.ts';

/**
 * The price impact of the swap's size: its loss against infinitely small swaps through the same legs, as a share of the
 * price. Both include fees, and neither includes the surplus that a first leg leaves with the taker.
 *
 * @param legs In an order in which they can run.
 */
export function priceImpact(
  legs: readonly ProtectedLeg[],
  { pools, clock }: { pools: ReadonlyMap<string, OpenPool>; clock: SysvarClock },
  { tokenIn, amountIn }: { tokenIn: string; amountIn: bigint },
): number {
  const ideal = new Map([[tokenIn, Number(amountIn)]]);
  for (const leg of legs) {
    const { pool } = pools.get(leg.placed.address)!;
    const { numerator, denominator } = spotRate(pool, { inputIndex: leg.inputIndex, clock });
    const share = Number(leg.amountIn) / heldOf(leg.tokenIn, { legs, tokenIn, amountIn });
    const given = ((ideal.get(leg.tokenIn) ?? 0) * share * Number(numerator)) / Number(denominator);
    ideal.set(leg.tokenOut, (ideal.get(leg.tokenOut) ?? 0) + given);
  }
  const last = legs.at(-1)?.tokenOut ?? tokenIn;
  const real = heldOf(last, { legs, tokenIn, amountIn });
  return Math.max(0, 1 - real / (ideal.get(last) ?? real));
}

/** The spendable amount of a token: the input, or the output of the legs while the market stands still. */
function heldOf(
  token: string,
  swap: { legs: readonly ProtectedLeg[]; tokenIn: string; amountIn: bigint },
): number {
  if (token === swap.tokenIn) return Number(swap.amountIn);
  const into = swap.legs.filter((leg) => leg.tokenOut === token);
  return Number(into.reduce((sum, leg) => sum + leg.amountOut, 0n));
}
