import { minAmountOut, type Pool, quoteExactIn, type RoutePlan, type SysvarClock } from '@oee/amm';
import type { PlacedPool } from '../market/placed-pool.ts';

export interface OpenPool {
  readonly placed: PlacedPool;
  readonly pool: Pool;
}

/** A leg and the data of its quote. */
export interface QuotedLeg {
  readonly placed: PlacedPool;
  readonly inputIndex: 0 | 1;
  readonly tokenIn: string;
  readonly tokenOut: string;
  readonly amountIn: bigint;
  /** Output while the market stands still. */
  readonly amountOut: bigint;
}

/** A leg with the limits of its instruction: exactly this input, at least that output. */
export interface ProtectedLeg extends QuotedLeg {
  readonly minAmountOut: bigint;
}

export interface ProtectedPlan {
  readonly legs: readonly ProtectedLeg[];
  readonly amountOut: bigint;
  /** Minimum output of the legs into the output token together. */
  readonly minAmountOut: bigint;
}

/**
 * How far a leg may fall short before the next leg has too little input. It is not the client's slippage, since the next
 * leg would spend that much less. With a margin of zero every route over another token would revert at the next trade of
 * others.
 */
const HOP_MARGIN_BPS = 10;

/**
 * Fixes the amounts of a plan for instructions that cannot pass amounts on: a leg spends the minimum output of the leg
 * before it, and the surplus stays in the taker's account of the intermediate token.
 *
 * @throws {SwapRefused} A pool refuses the smaller input.
 */
export function protectPlan(
  plan: RoutePlan,
  market: { pools: ReadonlyMap<string, OpenPool>; clock: SysvarClock },
  ask: { tokenIn: string; tokenOut: string; slippageBps: number },
): ProtectedPlan {
  const guaranteed = new Map([[ask.tokenIn, plan.amountIn]]);
  const legs: QuotedLeg[] = [];
  for (const [index, leg] of plan.legs.entries()) {
    const { placed, pool } = market.pools.get(leg.poolId)!;
    const siblings = plan.legs.slice(index).filter(({ tokenIn }) => tokenIn === leg.tokenIn);
    const planned = siblings.reduce((sum, { amountIn }) => sum + amountIn, 0n);
    const here = guaranteed.get(leg.tokenIn) ?? 0n;
    const amountIn = (here * leg.amountIn) / planned;
    const { inputIndex, tokenIn, tokenOut } = leg;
    const { amountOut } = quoteExactIn(pool, { inputIndex, amountIn, clock: market.clock });
    guaranteed.set(tokenIn, here - amountIn);
    guaranteed.set(tokenOut, (guaranteed.get(tokenOut) ?? 0n) + leastOf({ tokenOut, amountOut }, ask));
    legs.push({ placed, inputIndex, tokenIn, tokenOut, amountIn, amountOut });
  }
  return protectLegs(legs, ask);
}

/** Sets each leg's minimum output. */
export function protectLegs(
  legs: readonly QuotedLeg[],
  ask: { tokenOut: string; slippageBps: number },
): ProtectedPlan {
  return roundedOnce(
    legs.map((leg) => ({ ...leg, minAmountOut: leastOf(leg, ask) })),
    ask,
  );
}

function leastOf(
  { tokenOut, amountOut }: { tokenOut: string; amountOut: bigint },
  ask: { tokenOut: string; slippageBps: number },
): bigint {
  return tokenOut === ask.tokenOut ? minAmountOut(amountOut, ask.slippageBps) : lessHopMargin(amountOut);
}

/** Rounds the minimum once for the whole route: the last leg carries what rounding of each leg would lose. */
function roundedOnce(
  legs: readonly ProtectedLeg[],
  { tokenOut, slippageBps }: { tokenOut: string; slippageBps: number },
): ProtectedPlan {
  const last = legs.findLast((leg) => leg.tokenOut === tokenOut)!;
  const final = legs.filter((leg) => leg.tokenOut === tokenOut);
  const sum = (read: (leg: ProtectedLeg) => bigint) => final.reduce((total, leg) => total + read(leg), 0n);
  const amountOut = sum((leg) => leg.amountOut);
  const least = minAmountOut(amountOut, slippageBps);
  const missing = least - sum((leg) => leg.minAmountOut);
  return {
    legs: legs.map((leg) => (leg === last ? { ...leg, minAmountOut: leg.minAmountOut + missing } : leg)),
    amountOut,
    minAmountOut: least,
  };
}

/** Rounded up, so that no more than the margin is held back. */
const lessHopMargin = (amountOut: bigint): bigint =>
  (amountOut * BigInt(10_000 - HOP_MARGIN_BPS) + 9_999n) / 10_000n;
