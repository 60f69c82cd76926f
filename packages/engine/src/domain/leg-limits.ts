import type { BaseUnits } from './amount.ts';
import type { Leg, Route, SwapMode } from './quote.ts';

/** A leg with the two amounts that its program is given: one exact, one a limit. */
export interface LimitedLeg {
  readonly leg: Leg;
  /** exactIn: exactly this is taken; exactOut, partialFill: at most. */
  readonly amountIn: BaseUnits;
  /** exactOut: exactly this is delivered; exactIn, partialFill: at least. */
  readonly amountOut: BaseUnits;
}

/**
 * Gives every leg its limit, so that the limits of all legs together are the limit of the whole route.
 *
 * exactIn, partialFill: the least outputs of the legs into a token add up to what the legs out of it spend, or, for the last token,
 * to `limitAmount`. exactOut: the most inputs of the legs out of a token add up to what the legs into it deliver, or,
 * for the first token, to `limitAmount`. Each share is the leg's own share of the plan.
 *
 * @param limitAmount Least output, at most the route's; most input (exactOut), at least the route's.
 */
export function limitLegs(route: Route, swapMode: SwapMode, limitAmount: BaseUnits): LimitedLeg[] {
  return swapMode === 'exactOut' ? mostInputs(route, limitAmount) : leastOutputs(route, limitAmount);
}

function leastOutputs({ legs }: Route, limitAmount: BaseUnits): LimitedLeg[] {
  const limits = new Map<Leg, BaseUnits>();
  for (const [mint, into] of groupBy(legs, (leg) => leg.tokenOut.mint)) {
    const onward = legs.filter((leg) => leg.tokenIn.mint === mint);
    const required = onward.length === 0 ? limitAmount : sumOf(onward, (leg) => leg.amountIn);
    share(limits, into, { total: required, part: (leg) => leg.amountOut });
  }
  return legs.map((leg) => ({ leg, amountIn: leg.amountIn, amountOut: limits.get(leg) as BaseUnits }));
}

function mostInputs({ legs }: Route, limitAmount: BaseUnits): LimitedLeg[] {
  const limits = new Map<Leg, BaseUnits>();
  for (const [mint, outOf] of groupBy(legs, (leg) => leg.tokenIn.mint)) {
    const earlier = legs.filter((leg) => leg.tokenOut.mint === mint);
    const available = earlier.length === 0 ? limitAmount : sumOf(earlier, (leg) => leg.amountOut);
    share(limits, outOf, { total: available, part: (leg) => leg.amountIn });
  }
  return legs.map((leg) => ({ leg, amountIn: limits.get(leg) as BaseUnits, amountOut: leg.amountOut }));
}

/**
 * Divides `total` in the proportion of the parts. The running sum is rounded, not each share: the shares add up
 * exactly, and none is more than a unit away, so a least output never exceeds the leg's plan nor a most input falls short.
 */
function share(
  limits: Map<Leg, BaseUnits>,
  legs: readonly Leg[],
  { total, part }: { total: BaseUnits; part: (leg: Leg) => BaseUnits },
): void {
  const whole = sumOf(legs, part);
  let planned = 0n;
  let given = 0n;
  for (const leg of legs) {
    planned += part(leg);
    const upToHere = (planned * total) / whole;
    limits.set(leg, upToHere - given);
    given = upToHere;
  }
}

function groupBy(legs: readonly Leg[], keyOf: (leg: Leg) => string): Map<string, Leg[]> {
  const groups = new Map<string, Leg[]>();
  for (const leg of legs) groups.set(keyOf(leg), [...(groups.get(keyOf(leg)) ?? []), leg]);
  return groups;
}

const sumOf = (legs: readonly Leg[], read: (leg: Leg) => BaseUnits): BaseUnits =>
  legs.reduce((sum, leg) => sum + read(leg), 0n);
