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
    for (const candidate of this.#singlePaths(full)) offer(candidate);
    for (let round = 0; round < 6 && best; round += 1) {
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
    const byUse = [...current.used].sort(
      (a, b) => useOf(current, a, this.#problem) - useOf(current, b, this.#problem),
    );
    let best: Candidate | null = null;
    for (const edge of byUse.slice(0, 3)) {
      const next = this.#solve(current.used.filter((other) => other !== edge));
      if (next && next.value > (best?.value ?? 0)) best = next;
    }
    if (best) return best;
    for (const edge of byUse.slice(3)) {
      const next = this.#solve(current.used.filter((other) => other !== edge));
      if (next) return next;
    }
    return null;
  }

  /** The best direct pools, and the best paths over one token in between. */
  *#singlePaths(full: Flow): Generator<Candidate | null> {
    const { edges, tokenIn, tokenOut } = this.#problem;
    const used = splitOf(full, tokenOut).map(({ edge }) => edge);
    const direct = edges.flatMap(({ tokens }, edge) =>
      tokens.includes(tokenIn) && tokens.includes(tokenOut) ? [edge] : [],
    );
    for (const edge of direct) yield this.#solve([edge]);
    for (const first of used) {
      for (const second of used) {
        if (
          full.tokenIn(first) === tokenIn &&
          full.tokenOut(second) === tokenOut &&
          full.tokenOut(first) === full.tokenIn(second)
        ) {
          yield this.#solve([first, second]);
        }
      }
    }
  }

  /** The current pools with one exchanged for, or joined by, one of the full solution's. */
  *#neighbors(current: Candidate, start: Candidate): Generator<Candidate | null> {
    const others = start.used.filter((edge) => !current.used.includes(edge));
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
    const { edges, tokenCount, tokenIn, tokenOut } = this.#problem;
    const search = new FlowSearch({
      edges: subset.map((edge) => edges[edge]!),
      tokenCount,
      tokenIn,
      tokenOut,
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

/** What a pool earns: its output less its input, both at the marginal value of the tokens. */
function useOf(candidate: Candidate, edge: number, problem: ReduceProblem): number {
  const { flow } = candidate;
  const { edges } = problem;
  const index = flow.edges.indexOf(edges[edge]!);
  const values = valuesOf(flow, problem.tokenOut);
  return (
    flow.amountOut[index]! * values[flow.tokenOut(index)]! -
    flow.amountIn[index]! * values[flow.tokenIn(index)]!
  );
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
