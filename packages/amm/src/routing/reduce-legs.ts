import type { Edge, Flow } from './flow.ts';
import { FlowSearch } from './solve-flow.ts';
import { splitOf } from './split.ts';

/** What one more leg takes of a transaction. */
export interface LegCost {
  readonly accounts: number;
  readonly bytes: number;
  readonly computeUnits: number;
}

/** What the legs of a plan may take together; absent means no limit. */
export interface RouteLimits {
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
  readonly limits: RouteLimits;
  /** Price of one leg in the output token, base units: priority fee and the like. */
  readonly costPerLeg: number;
}

export function isWithin(limits: RouteLimits, costs: readonly LegCost[], edges: readonly number[]): boolean {
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
const COARSE = { chunks: 6, tolerance: 1e-6, maxRounds: 150 };
/** Subsets looked at per route. */
const MAX_SOLVES = 300;
const MAX_PATH_HOPS = 4;

interface Candidate {
  /** Pools that carry flow. */
  readonly used: readonly number[];
  readonly flow: Flow;
  /** Output less the price of the legs. */
  readonly value: number;
}

/**
 * The pools of the best plan found within the limits: takes legs away one at a time, the least useful first, then
 * tries to exchange what is left for pools left out. Null where not even one path is within the limits.
 */
export function reduceLegs(problem: ReduceProblem, full: Flow, amountIn: number): readonly number[] | null {
  return new Reduction(problem, amountIn).run(full)?.used ?? null;
}

class Reduction {
  readonly #problem: ReduceProblem;
  readonly #amountIn: number;
  readonly #seen = new Map<string, Candidate | null>();

  constructor(problem: ReduceProblem, amountIn: number) {
    this.#problem = problem;
    this.#amountIn = amountIn;
  }

  run(full: Flow): Candidate | null {
    const start = this.#describe(full, null);
    let best: Candidate | null = null;
    const offer = (candidate: Candidate | null) => {
      if (candidate && this.#isWithin(candidate.used) && candidate.value > (best?.value ?? 0))
        best = candidate;
    };
    for (const candidate of this.#eliminate(start)) offer(candidate);
    for (const candidate of this.#singlePaths()) offer(candidate);
    for (let round = 0; round < 4 && best; round += 1) {
      const before: Candidate = best;
      for (const candidate of this.#neighbors(before, start)) offer(candidate);
      if (best === before) break;
    }
    return best;
  }

  #isWithin(used: readonly number[]): boolean {
    return isWithin(this.#problem.limits, this.#problem.costs, used);
  }

  /** Candidates with fewer and fewer legs. */
  *#eliminate(start: Candidate): Generator<Candidate> {
    let current = start;
    yield current;
    while (current.used.length > 1) {
      const isOver = !this.#isWithin(current.used);
      const next = this.#withoutLeastUseful(current);
      if (!next) return;
      if (!isOver && next.value <= current.value) return;
      current = next;
      yield current;
    }
  }

  #withoutLeastUseful(current: Candidate): Candidate | null {
    const byUse = this.#byUse(current);
    let best: Candidate | null = null;
    for (const [index, edge] of byUse.entries()) {
      if (index >= 3 && best) return best;
      const next = this.#solve(current.used.filter((other) => other !== edge));
      if (next && next.value > (best?.value ?? 0)) best = next;
    }
    return best;
  }

  #byUse(candidate: Candidate): number[] {
    const values = valuesOf(candidate.flow, this.#problem.tokenOut);
    const uses = new Map(candidate.used.map((edge) => [edge, this.#useOf(candidate.flow, edge, values)]));
    return [...candidate.used].sort((a, b) => uses.get(a)! - uses.get(b)!);
  }

  /** What a pool earns: its output less its input, both at the marginal value of the tokens. */
  #useOf(flow: Flow, edge: number, values: Float64Array): number {
    const index = flow.edges.indexOf(this.#problem.edges[edge]!);
    const out = flow.amountOut[index]! * values[flow.tokenOut(index)]!;
    return out - flow.amountIn[index]! * values[flow.tokenIn(index)]!;
  }

  /** The best path of each length. */
  *#singlePaths(): Generator<Candidate | null> {
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
      if (amounts[tokenOut]! > 0) yield this.#solve(paths[tokenOut]!);
    }
  }

  /** The current pools with one exchanged for, or joined by, one of the full solution's. */
  *#neighbors(current: Candidate, start: Candidate): Generator<Candidate | null> {
    const others = this.#byUse(start)
      .reverse()
      .filter((edge) => !current.used.includes(edge))
      .slice(0, 10);
    for (const added of others) {
      const joined = [...current.used, added];
      if (this.#isWithin(joined)) yield this.#solve(joined);
      for (const removed of current.used) {
        const exchanged = joined.filter((edge) => edge !== removed);
        if (this.#isWithin(exchanged)) yield this.#solve(exchanged);
      }
    }
  }

  #solve(pools: readonly number[]): Candidate | null {
    const subset = [...pools].sort((a, b) => a - b);
    const key = subset.join();
    const known = this.#seen.get(key);
    if (known !== undefined) return known;
    if (this.#seen.size >= MAX_SOLVES) return null;
    const { edges, tokenCount, tokenIn, tokenOut } = this.#problem;
    const search = new FlowSearch({
      edges: subset.map((edge) => edges[edge]!),
      tokenCount,
      tokenIn,
      tokenOut,
      ...COARSE,
    });
    const candidate = search.fill(this.#amountIn) ? this.#describe(search.improve(), subset) : null;
    this.#seen.set(key, candidate);
    return candidate;
  }

  #describe(flow: Flow, subset: readonly number[] | null): Candidate {
    const { tokenOut, costPerLeg } = this.#problem;
    const used = splitOf(flow, tokenOut).map(({ edge }) => subset?.[edge] ?? edge);
    return { used, flow, value: flow.netOut(tokenOut) - costPerLeg * used.length };
  }
}

/** Marginal values of the tokens along the flows that are there. */
function valuesOf(flow: Flow, tokenOut: number): Float64Array {
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
