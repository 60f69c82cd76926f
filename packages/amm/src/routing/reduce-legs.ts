import { bestPaths } from './best-paths.ts';
import { EarSearch } from './ears.ts';
import type { Edge, Flow } from './flow.ts';
import { neighborsOf } from './neighbors.ts';
import { isWithin, type LegCost, type SearchLimits } from './search-limits.ts';
import { FlowSearch, type Precision } from './solve-flow.ts';
import { type SplitLeg, splitOf } from './split.ts';
import { gainOf, mostOfLegs, pricesOf, type Valuation, Valuer } from './valuation.ts';

export interface ReduceProblem {
  readonly edges: readonly Edge[];
  readonly costs: readonly LegCost[];
  readonly tokenCount: number;
  readonly tokenIn: number;
  readonly tokenOut: number;
  readonly limits: SearchLimits;
  /** Price of one leg in the output token, base units: priority fee and the like. */
  readonly costPerLeg: number;
}

/** Subsets are only compared with each other, so a coarse start and finish are enough. */
const CHUNKS = 6;
const COARSE: Precision = { tolerance: 1e-5, maxRounds: 64, stallRounds: 8 };
/** Subsets solved per route. */
const MAX_SOLVES = 300;
const MAX_PATH_HOPS = 4;
/** Up to this many legs beyond the limits, legs are removed one by one. */
const SPARE_LEGS = 3;
/** Least relative gain for which a subset is solved: 0.0001 basis points. */
const WORTHWHILE = 1e-8;
/** Legs whose removal is tried, those that earn least. */
const REMOVALS = 3;
/** Valuations of solved sets that are kept for bounds. */
const MAX_CUTS = 60;

interface Candidate {
  /** Pools that carry flow. */
  readonly used: readonly number[];
  readonly legs: readonly SplitLeg[];
  /** Output less the price of the legs. */
  readonly value: number;
  /** Value of each token in the output token where the flow ends; 0 where none flows. */
  readonly prices: Float64Array;
  valuations: readonly Valuation[] | null;
}

/**
 * The pools of the best plan found within the limits. The search begins with several plans: the full flow less one leg after
 * another, removed quickly or carefully, and the best single path of each length. Each takes up ears (paths over further
 * pools) and drops pools for them as long as that gains. Null if not even a single path is within the limits.
 *
 * An upper bound of a pool set's output is known without solving it (weak duality): at any token prices it is the
 * input's value plus the profit that each pool of the set could earn. Sets whose bound is below the best plan are
 * skipped.
 */
export function reduceLegs(problem: ReduceProblem, full: Flow, amountIn: number): readonly SplitLeg[] | null {
  return new Reduction(problem, amountIn).run(full)?.legs ?? null;
}

class Reduction {
  readonly #problem: ReduceProblem;
  readonly #amountIn: number;
  readonly #valuer: Valuer;
  readonly #ears: EarSearch;
  readonly #seen = new Map<string, Candidate | null>();
  readonly #expanded = new Set<Candidate>();
  /** Each bounds the value of any set of pools. */
  readonly #cuts: Valuation[] = [];
  #best: Candidate | null = null;

  constructor(problem: ReduceProblem, amountIn: number) {
    this.#problem = problem;
    this.#amountIn = amountIn;
    this.#valuer = new Valuer(problem);
    this.#ears = new EarSearch(problem, this.#valuer.rates);
  }

  run(full: Flow): Candidate | null {
    const start = this.#describe(full, null);
    this.#offer(start);
    this.#offer(this.#eliminate(start, { isCareful: false }));
    const paths = this.#trySinglePaths();
    this.#climb();
    // Only a solution shows what the plan loses with a leg, but either way of removing legs can lead astray.
    const careful = this.#eliminate(start, { isCareful: true });
    this.#offer(careful);
    // A plan beyond the limits can be near one that is within them.
    for (const plan of [careful, ...paths]) {
      if (plan.used.every((edge) => this.#best?.used.includes(edge))) continue;
      this.#expand(plan);
      this.#climb();
    }
    return this.#best;
  }

  /** Goes on from the best plan until its neighbors are no better. */
  #climb(): void {
    while (this.#best && !this.#expanded.has(this.#best)) this.#expand(this.#best);
  }

  #offer(candidate: Candidate | null): void {
    if (candidate && this.#isWithin(candidate.used) && candidate.value > (this.#best?.value ?? 0))
      this.#best = candidate;
  }

  #isWithin(used: readonly number[]): boolean {
    return isWithin(this.#problem.limits, this.#problem.costs, used);
  }

  /**
   * Removes legs until the plan is within the limits and no removal improves it, or until none can be removed: a third at
   * once while many are too many, then one by one.
   *
   * @param isCareful Which leg to remove: the one without which the plan is best, or the one that earns least.
   */
  #eliminate(start: Candidate, { isCareful }: { isCareful: boolean }): Candidate {
    let current = start;
    while (current.used.length > 1) {
      const byEarnings = this.#leastEarningFirst(current);
      const next = this.#withoutMany(current, byEarnings) ?? this.#withoutOne(current, byEarnings, isCareful);
      if (!next || (this.#isWithin(current.used) && next.value <= current.value)) break;
      current = next;
    }
    return current;
  }

  #leastEarningFirst(candidate: Candidate): number[] {
    const { earnings } = this.#valuationsOf(candidate)[0]!;
    return [...candidate.used].sort((a, b) => earnings[a]! - earnings[b]!);
  }

  /** Removes the third that earns least, if the rest still exceeds the limits by more than `SPARE_LEGS` legs. */
  #withoutMany(current: Candidate, byEarnings: readonly number[]): Candidate | null {
    const left = byEarnings.slice(Math.ceil(byEarnings.length / 3));
    return this.#isWithin(left.slice(SPARE_LEGS)) ? null : this.#solve(left, current);
  }

  /** Removes one of the legs that earn least: the best one to remove, or the first without which there is a plan. */
  #withoutOne(current: Candidate, byEarnings: readonly number[], isCareful: boolean): Candidate | null {
    let best: Candidate | null = null;
    for (const edge of byEarnings.slice(0, REMOVALS)) {
      const next = this.#solve(
        current.used.filter((other) => other !== edge),
        current,
      );
      if (next && next.value > (best?.value ?? 0)) best = next;
      if (best && !isCareful) break;
    }
    return best;
  }

  #valuationsOf(candidate: Candidate): readonly Valuation[] {
    candidate.valuations ??= this.#valuer.valuations(candidate.prices);
    return candidate.valuations;
  }

  /** Upper bound of the output of the candidate's pools, at its own prices; tight where the candidate is optimal. */
  #mostOf({ used }: Candidate, { prices, earnings }: Valuation): number {
    const { tokenIn, costPerLeg } = this.#problem;
    let most = prices[tokenIn]! * this.#amountIn;
    for (const edge of used) most += earnings[edge]! - costPerLeg;
    return most;
  }

  /** The best path of each length. */
  #trySinglePaths(): Candidate[] {
    const { maxLegs = MAX_PATH_HOPS } = this.#problem.limits;
    const found: Candidate[] = [];
    for (const pools of bestPaths(this.#problem, this.#amountIn, Math.min(MAX_PATH_HOPS, maxLegs))) {
      const path = this.#solve(pools);
      this.#offer(path);
      if (path) found.push(path);
    }
    return found;
  }

  /** Solves the candidate's neighbors that may be better than the best plan, the most promising first. */
  #expand(current: Candidate): void {
    if (this.#expanded.has(current)) return;
    this.#expanded.add(current);
    this.#cuts.push(...this.#valuationsOf(current));
    if (this.#isProven()) return;
    const valuations = this.#valuationsOf(current);
    const plan = { ...current, valuations, mosts: valuations.map((own) => this.#mostOf(current, own)) };
    const { edges, limits } = this.#problem;
    const neighbors = neighborsOf(plan, this.#ears, {
      maxLegs: limits.maxLegs ?? edges.length,
      costPerLeg: this.#problem.costPerLeg,
      target: this.#target(),
    }).sort((a, b) => b.bound - a.bound);
    for (const { bound, pools } of neighbors) {
      if (bound <= this.#target() || this.#seen.size >= MAX_SOLVES) return;
      if (!this.#isWithin(pools) || this.#isBeaten(pools)) continue;
      const solved = this.#solve(pools, current);
      this.#offer(solved);
      if (!solved || this.#cuts.length >= MAX_CUTS) continue;
      this.#cuts.push(...this.#valuationsOf(solved));
      if (this.#isProven()) return;
    }
  }

  /** Whether no set within the limit of legs can beat the best plan, whatever its pools. */
  #isProven(): boolean {
    const { limits, edges, costPerLeg } = this.#problem;
    const maxLegs = Math.min(limits.maxLegs ?? edges.length, edges.length);
    const worth = { amountIn: this.#amountIn, tokenIn: this.#problem.tokenIn };
    return this.#cuts.some((cut) => mostOfLegs(cut, worth, { maxLegs, costPerLeg }) <= this.#target());
  }

  /** Whether the prices of a set solved before show that these pools cannot beat the best plan. */
  #isBeaten(pools: readonly number[]): boolean {
    const { tokenIn, costPerLeg } = this.#problem;
    const target = this.#target() + costPerLeg * pools.length;
    for (let index = this.#cuts.length - 1; index >= 0; index -= 1) {
      const { prices, earnings } = this.#cuts[index]!;
      if (prices[tokenIn]! * this.#amountIn + gainOf(earnings, pools) <= target) return true;
    }
    return false;
  }

  /** The output bound from which a set of pools is worth solving. */
  #target(): number {
    return (this.#best?.value ?? 0) * (1 + WORTHWHILE);
  }

  /** @param from A solution for nearly the same pools, to begin with. */
  #solve(pools: readonly number[], from?: Candidate): Candidate | null {
    const subset = [...pools].sort((a, b) => a - b);
    const key = subset.join();
    const known = this.#seen.get(key);
    if (known !== undefined) return known;
    if (this.#seen.size >= MAX_SOLVES) return null;
    const resumed = from ? this.#solution(subset, this.#resumed(subset, from)) : null;
    // Flow that begins at the limits of pools can miss a pool altogether; a new beginning rarely does.
    const isWhole = resumed?.used.length === subset.length;
    const filled = isWhole ? null : this.#solution(subset, this.#filled(subset));
    const candidate = filled && filled.value > (resumed?.value ?? 0) ? filled : resumed;
    this.#seen.set(key, candidate);
    return candidate;
  }

  #solution(subset: readonly number[], search: FlowSearch | null): Candidate | null {
    return search && this.#describe(search.improve(COARSE), subset);
  }

  #resumed(subset: readonly number[], { legs }: Candidate): FlowSearch | null {
    const search = this.#searchOver(subset);
    const numbers = new Map(subset.map((edge, number) => [edge, number]));
    const kept = legs.flatMap((leg) => {
      const edge = numbers.get(leg.edge);
      return edge === undefined ? [] : [{ ...leg, edge }];
    });
    return search.resume(kept, this.#amountIn) ? search : null;
  }

  #filled(subset: readonly number[]): FlowSearch | null {
    const search = this.#searchOver(subset);
    return search.fill(this.#amountIn) ? search : null;
  }

  #searchOver(subset: readonly number[]): FlowSearch {
    const { edges, tokenCount, tokenIn, tokenOut } = this.#problem;
    const own = subset.map((edge) => edges[edge]!);
    return new FlowSearch({ edges: own, tokenCount, tokenIn, tokenOut, chunks: CHUNKS });
  }

  #describe(flow: Flow, subset: readonly number[] | null): Candidate {
    const { tokenOut, costPerLeg } = this.#problem;
    const own = splitOf(flow, tokenOut);
    const legs = own.map((leg) => ({ ...leg, edge: subset?.[leg.edge] ?? leg.edge }));
    const used = legs.map(({ edge }) => edge);
    const value = flow.netOut(tokenOut) - costPerLeg * used.length;
    return { used, legs, value, prices: pricesOf(flow, own, tokenOut), valuations: null };
  }
}
