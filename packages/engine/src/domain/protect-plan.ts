import type { RouteLeg, RoutePlan, SysvarClock } from '@oee/amm';
import type { BaseUnits } from './amount.ts';
import { type BasisPoints, highestInput, lowestOutput } from './basis-points.ts';
import { poolLeg } from './pool-leg.ts';
import type { PoolState } from './pool-state.ts';
import type { Leg, Route, WholeQuoteRequest } from './quote.ts';
import { quotePool } from './quote-pool.ts';

export interface HopTolerance {
  /** How far the output of a leg through this pool may fall short of its quote, where others build on it. */
  readonly hopTolerance: (pool: string) => BasisPoints;
}

interface PlanMarket {
  readonly pools: ReadonlyMap<string, PoolState>;
  readonly clock: SysvarClock;
}

/**
 * Makes a plan something that a transaction can say. No program passes amounts from leg to leg, so a leg that spends an
 * intermediate token spends a fixed amount: what the legs before it must deliver at least, `hopTolerance` below their
 * quotes. What they deliver beyond that stays in the wallet, and is not counted as output.
 *
 * @returns The route with every leg quoted anew at its own amounts; null where a pool refuses one of them.
 */
export function protectPlan(
  plan: RoutePlan,
  market: PlanMarket,
  request: WholeQuoteRequest & HopTolerance,
): Route | null {
  return request.swapMode === 'exactIn' ? forwards(plan, market, request) : backwards(plan, market, request);
}

/** From the input on: each leg spends its share of what is certain to be there. */
function forwards(
  plan: RoutePlan,
  market: PlanMarket,
  request: WholeQuoteRequest & HopTolerance,
): Route | null {
  const certain = new Map<string, BaseUnits>([[request.tokenIn.mint, request.amount]]);
  const legs: Leg[] = [];
  for (const [index, planned] of plan.legs.entries()) {
    const here = certain.get(planned.tokenIn) ?? 0n;
    const amount = shareOf(planned, plan.legs.slice(index), here, 'In');
    const leg = quoteLeg(planned, market, { swapMode: 'exactIn', amount });
    if (!leg) return null;
    const isLast = planned.tokenOut === request.tokenOut.mint;
    const least = isLast ? leg.amountOut : lowestOutput(leg.amountOut, request.hopTolerance(leg.pool));
    certain.set(planned.tokenIn, here - amount);
    certain.set(planned.tokenOut, (certain.get(planned.tokenOut) ?? 0n) + least);
    legs.push(leg);
  }
  const amountOut = certain.get(request.tokenOut.mint) ?? 0n;
  return amountOut > 0n ? { legs, amountIn: request.amount, amountOut } : null;
}

/** From the output back: each leg delivers its share of what the legs behind it may take at most. */
function backwards(
  plan: RoutePlan,
  market: PlanMarket,
  request: WholeQuoteRequest & HopTolerance,
): Route | null {
  const needed = new Map<string, BaseUnits>([[request.tokenOut.mint, request.amount]]);
  const legs: Leg[] = [];
  const reversed = [...plan.legs].reverse();
  for (const [index, planned] of reversed.entries()) {
    const here = needed.get(planned.tokenOut) ?? 0n;
    const amount = shareOf(planned, reversed.slice(index), here, 'Out');
    const leg = quoteLeg(planned, market, { swapMode: 'exactOut', amount });
    if (!leg) return null;
    const isFirst = planned.tokenIn === request.tokenIn.mint;
    const most = isFirst ? leg.amountIn : highestInput(leg.amountIn, request.hopTolerance(leg.pool));
    needed.set(planned.tokenOut, here - amount);
    needed.set(planned.tokenIn, (needed.get(planned.tokenIn) ?? 0n) + most);
    legs.unshift(leg);
  }
  const amountIn = needed.get(request.tokenIn.mint) ?? 0n;
  return amountIn > 0n ? { legs, amountIn, amountOut: request.amount } : null;
}

/** Of what is here in the leg's token on this side: as much as it plans beside the other legs that are left there. */
function shareOf(leg: RouteLeg, left: readonly RouteLeg[], here: BaseUnits, side: 'In' | 'Out'): BaseUnits {
  const siblings = left.filter((other) => other[`token${side}`] === leg[`token${side}`]);
  return (here * leg[`amount${side}`]) / sumOf(siblings, (one) => one[`amount${side}`]);
}

function quoteLeg(
  { poolId, inputIndex }: RouteLeg,
  { pools, clock }: PlanMarket,
  wanted: Pick<WholeQuoteRequest, 'swapMode' | 'amount'>,
): Leg | null {
  const state = pools.get(poolId);
  if (!state) return null;
  const answer = quotePool(state, wanted, { inputIndex, clock });
  return answer.outcome === 'quoted' ? poolLeg(state, inputIndex, answer.quote) : null;
}

const sumOf = (legs: readonly RouteLeg[], read: (leg: RouteLeg) => bigint): bigint =>
  legs.reduce((sum, leg) => sum + read(leg), 0n);
