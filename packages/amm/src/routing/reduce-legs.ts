import type { Edge, Flow } from './flow.ts';
import { FlowSearch, type Precision } from './solve-flow.ts';
import { type SplitLeg, splitOf } from './split.ts';

/** The part of a transaction that one more leg uses. */
export interface LegCost {
  readonly accounts: number;
  readonly bytes: number;
  readonly computeUnits: number;
}

/** Limits of a plan's legs together; absent means no limit. */
export interface SearchLimits {
  readonly maxLegs?: number | undefined;
  readonly maxAccounts?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly maxComputeUnits?: number | undefined;
}

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

export function isWithin(limits: SearchLimits, costs: readonly LegCost[], edges: readonly number[]): boolean {
  const total = { accounts: 0, bytes: 0, computeUnits: 0 };
  for (const edge of edges) {
    total.accounts += costs[edge]!.accounts;
    total.bytes += costs[edge]!.bytes;
    total.computeUnits += costs[edge]!.computeUnits;
  }
  return (
    edges.length <= (limits.maxLegs ?? Number.POSITIVE_INFINITY) &&
    total.accounts <= (limits.maxAccounts ?? Number.POSITIVE_INFINITY) &&
    total.bytes <= (limits.maxBytes ?? Number.POSITIVE_INFINITY) &&
    total.computeUnits <= (limits.maxComputeUnits ?? Number.POSITIVE_INFINITY)
  );
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

interface Candidate {
  /** Pools that carry flow. */
  readonly used: readonly number[];
  readonly legs: readonly SplitLeg[];
  /** Output less the price of the legs. */
  readonly value: number;
  /** Value of each token in the output token where the flow ends; 0 where none flows. */
  readonly prices: Float64Array;
}

/**
 * The pools of the best plan found within the limits. The search removes legs one at a time, the least useful first,
 * then tries to exchange the remaining pools for removed ones. Null if not even a single path is within the limits.
 * An upper bound of a pool set's output is known without solving it (weak duality): at any token prices it is the
 * input's value plus the profit that each pool of the set could earn. Sets whose bound is below the best plan are
 * skipped.
 */
export function reduceLegs(problem: ReduceProblem, full: Flow, amountIn: number): readonly number[] | null {
  return new Reduction(problem, amountIn).run(full)?.used ?? null;
}

class Reduction {
  readonly #problem: ReduceProblem;
  readonly #amountIn: number;
  readonly #seen = new Map<string, Candidate | null>();
  #best: Candidate | null = null;

  constructor(problem: ReduceProblem, amountIn: number) {
    this.#problem = problem;
    this.#amountIn = amountIn;
  }

  run(full: Flow): Candidate | null {
    const start = this.#describe(full, null);
    this.#offer(start);
    this.#trySinglePaths();
    this.#eliminate(start);
    for (let round = 0; round < 6 && this.#best; round += 1) {
      const before: Candidate = this.#best;
      this.#tryNeighbors(before);
      if (this.#best === before) break;
    }
    return this.#best;
  }

  #offer(candidate: Candidate | null): void {
    if (candidate && this.#isWithin(candidate.used) && candidate.value > (this.#best?.value ?? 0))
      this.#best = candidate;
  }

  #isWithin(used: readonly number[]): boolean {
    return isWithin(this.#problem.limits, this.#problem.costs, used);
  }

  /** Removes legs until no removal improves the plan: a third at once while many are too many, then one by one. */
  #eliminate(start: Candidate): void {
    let current = start;
    while (current.used.length > 1) {
      const byEarnings = this.#leastEarningFirst(current);
      const next = this.#withoutMany(current, byEarnings) ?? this.#withoutOne(current, byEarnings);
      if (!next || (this.#isWithin(current.used) && next.value <= current.value)) return;
      current = next;
      this.#offer(current);
    }
  }

  #leastEarningFirst({ used, prices }: Candidate): number[] {
    const earnings = new Map(used.map((edge) => [edge, this.#earningsOf(edge, prices)]));
    return [...used].sort((a, b) => earnings.get(a)! - earnings.get(b)!);
  }

  /** Removes the third that earns least, if the rest still exceeds the limits by more than `SPARE_LEGS` legs. */
  #withoutMany(current: Candidate, byEarnings: readonly number[]): Candidate | null {
    const left = byEarnings.slice(Math.ceil(byEarnings.length / 3));
    return this.#isWithin(left.slice(SPARE_LEGS)) ? null : this.#solve(left, current);
  }

  /** The best candidate without one of the three legs that earn least. */
  #withoutOne(current: Candidate, byEarnings: readonly number[]): Candidate | null {
    const most = this.#mostOf(current);
    let best: Candidate | null = null;
    for (const [index, edge] of byEarnings.entries()) {
      if (best && (index >= 3 || most - this.#earningsOf(edge, current.prices) <= best.value)) break;
      const next = this.#solve(
        current.used.filter((other) => other !== edge),
        current,
      );
      if (next && next.value > (best?.value ?? 0)) best = next;
    }
    return best;
  }

  /** Upper bound of the output of the candidate's pools, at its own prices; tight where the candidate is optimal. */
  #mostOf({ used, prices }: Candidate): number {
    const { tokenIn, costPerLeg } = this.#problem;
    let most = prices[tokenIn]! * this.#amountIn;
    for (const edge of used) most += this.#earningsOf(edge, prices) - costPerLeg;
    return most;
  }

  /** The profit that a pool could earn at fixed prices, in the output token. */
  #earningsOf(edge: number, prices: Float64Array): number {
    const { tokens, curves } = this.#problem.edges[edge]!;
    const [price0, price1] = [prices[tokens[0]]!, prices[tokens[1]]!];
    if (price0 === 0 || price1 === 0) return 0;
    return Math.max(
      price1 * curves[0].surplusAt(price0 / price1),
      price0 * curves[1].surplusAt(price1 / price0),
    );
  }

  /** The best path of each length. */
  #trySinglePaths(): void {
    const { edges, tokenCount, tokenIn, tokenOut, limits } = this.#problem;
    let amounts = new Float64Array(tokenCount);
    amounts[tokenIn] = this.#amountIn;
    let paths: number[][] = Array.from({ length: tokenCount }, () => []);
    const maxHops = Math.min(MAX_PATH_HOPS, limits.maxLegs ?? MAX_PATH_HOPS);
    for (let hop = 0; hop < maxHops; hop += 1) {
      const nextAmounts = new Float64Array(tokenCount);
      const nextPaths: number[][] = Array.from({ length: tokenCount }, () => []);
      for (const [edge, { tokens, curves }] of edges.entries()) {
        for (const index of [0, 1] as const) {
          const [from, to] = [tokens[index], tokens[1 - index]!];
          const amount = amounts[from]!;
          if (
            amount === 0 ||
            amount > curves[index].maxIn ||
            from === tokenOut ||
            paths[from]!.includes(edge)
          )
            continue;
          const out = curves[index].out(amount);
          if (out <= nextAmounts[to]!) continue;
          nextAmounts[to] = out;
          nextPaths[to] = [...paths[from]!, edge];
        }
      }
      [amounts, paths] = [nextAmounts, nextPaths];
      if (amounts[tokenOut]! > 0) this.#offer(this.#solve(paths[tokenOut]!));
    }
  }

  /** Tries the candidate's pools with another one added, or exchanged for one of them; the most promising first. */
  #tryNeighbors(current: Candidate): void {
    const { edges, costPerLeg } = this.#problem;
    const most = this.#mostOf(current);
    const own = current.used.map((edge) => ({ edge, earnings: this.#earningsOf(edge, current.prices) }));
    const neighbors: { bound: number; pools: number[] }[] = [];
    const consider = (bound: number, pools: number[]) => {
      if (bound > this.#target() && this.#isWithin(pools)) neighbors.push({ bound, pools });
    };
    for (let added = 0; added < edges.length; added += 1) {
      if (current.used.includes(added)) continue;
      const gain = this.#earningsOf(added, current.prices);
      if (gain === 0) continue;
      const joined = [...current.used, added];
      consider(most + gain - costPerLeg, joined);
      for (const { edge, earnings } of own)
        consider(
          most + gain - earnings,
          joined.filter((other) => other !== edge),
        );
    }
    neighbors.sort((a, b) => b.bound - a.bound);
    for (const { bound, pools } of neighbors) {
      if (bound <= this.#target()) return;
      this.#offer(this.#solve(pools, current));
    }
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
    const search = (from && this.#resumed(subset, from)) ?? this.#filled(subset);
    const candidate = search && this.#describe(search.improve(COARSE), subset);
    this.#seen.set(key, candidate);
    return candidate;
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
    const legs = splitOf(flow, tokenOut).map((leg) => ({ ...leg, edge: subset?.[leg.edge] ?? leg.edge }));
    const used = legs.map(({ edge }) => edge);
    const value = flow.netOut(tokenOut) - costPerLeg * used.length;
    return { used, legs, value, prices: pricesOf(flow, tokenOut) };
  }
}

/** Marginal values of the tokens along the existing flows. */
function pricesOf(flow: Flow, tokenOut: number): Float64Array {
  const values = new Float64Array(flow.tokenCount);
  values[tokenOut] = 1;
  for (let round = 0; round < flow.tokenCount; round += 1) {
    for (let edge = 0; edge < flow.edges.length; edge += 1) {
      if (flow.isIdle(edge)) continue;
      const value = flow.curve(edge).slopeBefore(flow.amountIn[edge]!) * values[flow.tokenOut(edge)]!;
      const token = flow.tokenIn(edge);
      if (token !== tokenOut && value > values[token]!) values[token] = value;
    }
  }
  return values;
}
