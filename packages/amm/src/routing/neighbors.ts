import type { EarSearch } from './ears.ts';
import { gainOf, type Valuation } from './valuation.ts';

/** A set of pools near a plan, and an upper bound of its value. */
export interface Neighbor {
  readonly bound: number;
  readonly pools: readonly number[];
}

/** A plan, priced. */
export interface PricedPlan {
  readonly used: readonly number[];
  /** Values of the tokens that it touches; 0 for the others. */
  readonly prices: Float64Array;
  readonly valuations: readonly Valuation[];
  /** Upper bound of the plan's value at each of the valuations. */
  readonly mosts: readonly number[];
}

export interface NeighborLimits {
  readonly maxLegs: number;
  readonly costPerLeg: number;
  /** Sets whose bound is not above this are left out. */
  readonly target: number;
}

interface Drop {
  readonly pools: readonly number[];
  /** By as much at least a bound falls without these pools. */
  readonly loss: number;
}

/** Pools of an ear at most. */
const MAX_EAR = 4;
/** Pools dropped beyond those that the number of legs demands: an ear can need more bytes or accounts than they free. */
const SPARE_DROPS = 1;

/** The plan's pools with one ear taken up, and as many of them dropped as that demands. */
export function neighborsOf(plan: PricedPlan, ears: EarSearch, limits: NeighborLimits): Neighbor[] {
  const { used, prices, valuations, mosts } = plan;
  const { maxLegs, costPerLeg, target } = limits;
  const drops = new Map<number, readonly Drop[]>();
  const found: Neighbor[] = [];
  const asked = { own: prices, onward: valuations[0]!.prices, used, maxLength: Math.min(maxLegs, MAX_EAR) };
  ears.each(asked, (ear) => {
    let bound = Number.POSITIVE_INFINITY;
    for (let index = 0; index < mosts.length; index += 1) {
      const gain = gainOf(valuations[index]!.earnings, ear);
      bound = Math.min(bound, mosts[index]! + gain - costPerLeg * ear.length);
    }
    const least = Math.max(0, used.length + ear.length - maxLegs);
    const choices = drops.get(least) ?? dropsOf(plan, least, limits);
    drops.set(least, choices);
    for (const { loss, pools } of choices) {
      if (bound - loss <= target) break;
      const kept = used.filter((edge) => !pools.includes(edge));
      found.push({ bound: bound - loss, pools: [...kept, ...ear] });
    }
  });
  return found;
}

/** Pools that can make room, those first whose loss is least. */
function dropsOf({ used, valuations }: PricedPlan, least: number, limits: NeighborLimits): Drop[] {
  const drops = subsetsOf(used, least, least + SPARE_DROPS).map((pools) => ({
    pools,
    loss:
      Math.min(...valuations.map(({ earnings }) => gainOf(earnings, pools))) -
      limits.costPerLeg * pools.length,
  }));
  return drops.sort((a, b) => a.loss - b.loss);
}

/** All subsets with `least` to `most` members. */
function subsetsOf(members: readonly number[], least: number, most: number): number[][] {
  const found: number[][] = [];
  const extend = (chosen: number[], from: number): void => {
    if (chosen.length >= least) found.push(chosen);
    if (chosen.length === most) return;
    for (let index = from; index < members.length; index += 1)
      extend([...chosen, members[index]!], index + 1);
  };
  extend([], 0);
  return found;
}
