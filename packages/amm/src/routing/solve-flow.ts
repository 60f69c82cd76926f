import { type Edge, Flow } from './flow.ts';

/** A hundredth of a basis point. */
const TOLERANCE = 1e-6;
const CHUNKS = 24;
const MAX_ROUNDS = 400;

export interface FlowProblem {
  readonly edges: readonly Edge[];
  readonly tokenCount: number;
  readonly tokenIn: number;
  readonly tokenOut: number;
  readonly amountIn: number;
  /** Coarser searches are faster: parts of the input to start with. */
  readonly chunks?: number;
  /** Cycles that gain less than this share are left alone. */
  readonly tolerance?: number;
  /** Cycles to push at most. */
  readonly maxRounds?: number;
  /** Pools that may be used; all where absent. */
  readonly usable?: (edge: number) => boolean;
}

/**
 * The best way to turn `amountIn` into `tokenOut` by the curves, without regard to the number of legs.
 *
 * Starts with equal chunks, each along the path that is best at that moment, then shifts flow around cycles that gain:
 * taking a little back here and sending it there. When no cycle gains, the flow is optimal, since every better flow
 * differs from it by such cycles. Null where no path exists or the pools cannot take the amount.
 */
export function solveFlow(problem: FlowProblem): Flow | null {
  const search = new FlowSearch(problem);
  return search.fill(problem.amountIn) ? search.improve() : null;
}

/** The same for a wanted output: the flow with the least input that gives `amountOut`. */
export function solveFlowExactOut(problem: Omit<FlowProblem, 'amountIn'>, amountOut: number): Flow | null {
  const search = new FlowSearch(problem);
  // The output is concave in the input, so steps along the tangent come up to the answer from below.
  for (let round = 0; round < 24; round += 1) {
    const missing = amountOut - search.flow.netOut(problem.tokenOut);
    if (missing <= amountOut * 1e-10) return search.flow;
    const step = missing / search.valueOf(problem.tokenIn);
    if (!Number.isFinite(step) || !search.fill(step)) return null;
    search.improve();
  }
  return search.flow;
}

/** A flow under construction. */
export class FlowSearch {
  readonly flow: Flow;
  readonly #problem: Omit<FlowProblem, 'amountIn'>;
  readonly #tolerance: number;
  readonly #best: Float64Array;
  readonly #bestEdge: Int16Array;
  readonly #value: Float64Array;
  readonly #next: Int16Array;
  readonly #probe = { out: 0, rate: 0 };

  constructor(problem: Omit<FlowProblem, 'amountIn'>) {
    const { edges, tokenCount: n, usable } = problem;
    this.#problem = problem;
    this.#tolerance = problem.tolerance ?? TOLERANCE;
    this.flow = new Flow(edges, n, usable);
    this.#best = new Float64Array(n * n);
    this.#bestEdge = new Int16Array(n * n);
    this.#value = new Float64Array(n);
    this.#next = new Int16Array(n);
  }

  /** Sends more input in chunks along the best paths; false where it does not fit. */
  fill(amountIn: number): boolean {
    const { tokenIn, chunks = CHUNKS } = this.#problem;
    let left = amountIn;
    for (let round = 0; left > amountIn * 1e-12; round += 1) {
      if (round > chunks * 8) return left < amountIn * 1e-9;
      const chunk = Math.min(left, amountIn / chunks);
      this.flow.bestArcs(this.#best, this.#bestEdge);
      this.#findPaths();
      const path = this.#pathFrom(tokenIn);
      if (!path) return left < amountIn * 1e-9;
      let amount = chunk;
      while (!this.#fits(path, amount)) amount *= 0.5;
      if (amount < amountIn * 1e-12) this.flow.ban(path[path.length - 1]!.edge);
      else {
        this.#pushPath(path, amount);
        left -= amount;
      }
    }
    return true;
  }

  /** What a little more of a token is worth, in the output token. */
  valueOf(token: number): number {
    this.flow.bestArcs(this.#best, this.#bestEdge);
    this.#findPaths();
    return this.#value[token]!;
  }

  /** Shifts flow around gaining cycles until none is left. */
  improve(): Flow {
    for (let round = 0; round < (this.#problem.maxRounds ?? MAX_ROUNDS); round += 1) {
      this.flow.bestArcs(this.#best, this.#bestEdge);
      const cycle = this.#bestShortCycle() ?? this.#longCycle();
      if (!cycle) break;
      const start = cycle.findIndex(({ edge, from }) => this.flow.isUndo(edge, from));
      if (start < 0) this.#closeOff(cycle);
      else this.#pushCycle([...cycle.slice(start), ...cycle.slice(0, start)]);
    }
    return this.flow;
  }

  /** Best value of every token in the output token, and the next token on the way there (forward, no cycles). */
  #findPaths(): void {
    const n = this.#problem.tokenCount;
    const value = this.#value;
    value.fill(0);
    this.#next.fill(-1);
    value[this.#problem.tokenOut] = 1;
    for (let round = 0; round < n; round += 1) {
      let hasChanged = false;
      for (let t = 0; t < n; t += 1) {
        if (t === this.#problem.tokenOut) continue;
        for (let u = 0; u < n; u += 1) {
          const candidate = this.#best[t * n + u]! * value[u]!;
          if (candidate > value[t]! * (1 + 1e-12) && !this.#leadsThrough(u, t)) {
            value[t] = candidate;
            this.#next[t] = u;
            hasChanged = true;
          }
        }
      }
      if (!hasChanged) return;
    }
  }

  #leadsThrough(from: number, token: number): boolean {
    for (
      let at = from, steps = 0;
      at >= 0 && steps <= this.#problem.tokenCount;
      at = this.#next[at]!, steps += 1
    ) {
      if (at === token) return true;
    }
    return false;
  }

  #pathFrom(token: number): Arc[] | null {
    const n = this.#problem.tokenCount;
    const path: Arc[] = [];
    let at = token;
    while (at !== this.#problem.tokenOut) {
      const to = this.#next[at]!;
      if (to < 0 || path.length > n) return null;
      path.push({ from: at, to, edge: this.#bestEdge[at * n + to]! });
      at = to;
    }
    return path;
  }

  #fits(path: readonly Arc[], amount: number): boolean {
    let moving = amount;
    for (const { edge, from } of path) {
      if (!this.flow.probe(edge, from, moving, this.#probe)) return false;
      moving = this.#probe.out;
    }
    return true;
  }

  #pushPath(path: readonly Arc[], amount: number): void {
    let moving = amount;
    for (const { edge, from } of path) moving = this.flow.push(edge, from, moving);
  }

  /** Two pools of one pair whose rates differ: the most common imbalance. */
  #bestShortCycle(): Arc[] | null {
    const n = this.#problem.tokenCount;
    let bestGain = 1 + this.#tolerance;
    let found: Arc[] | null = null;
    for (let t = 0; t < n; t += 1) {
      for (let u = t + 1; u < n; u += 1) {
        const gain = this.#best[t * n + u]! * this.#best[u * n + t]!;
        if (gain <= bestGain) continue;
        bestGain = gain;
        found = [
          { from: t, to: u, edge: this.#bestEdge[t * n + u]! },
          { from: u, to: t, edge: this.#bestEdge[u * n + t]! },
        ];
      }
    }
    return found;
  }

  /** A gaining cycle over more tokens, by Bellman and Ford's relaxation in the product domain. */
  #longCycle(): Arc[] | null {
    const n = this.#problem.tokenCount;
    const value = this.#value.fill(1);
    const next = this.#next.fill(-1);
    let last = -1;
    for (let round = 0; round <= n; round += 1) {
      last = -1;
      for (let t = 0; t < n; t += 1) {
        for (let u = 0; u < n; u += 1) {
          const candidate = this.#best[t * n + u]! * value[u]!;
          if (candidate > value[t]! * (1 + this.#tolerance)) {
            value[t] = candidate;
            next[t] = u;
            last = t;
          }
        }
      }
      if (last < 0) return null;
    }
    for (let step = 0; step < n; step += 1) last = next[last]!;
    const cycle: Arc[] = [];
    let at = last;
    do {
      const to = next[at]!;
      cycle.push({ from: at, to, edge: this.#bestEdge[at * n + to]! });
      at = to;
    } while (at !== last && cycle.length <= n);
    return cycle;
  }

  /** A cycle that takes no flow back is plain arbitrage, which no plan of legs in one order can hold. */
  #closeOff(cycle: readonly Arc[]): void {
    this.flow.ban(cycle.find(({ edge }) => this.flow.isIdle(edge))?.edge ?? cycle[0]!.edge);
  }

  #pushCycle(cycle: readonly Arc[]): void {
    const amount = this.#bestCycleAmount(cycle);
    const token = cycle[0]!.from;
    const surplus = this.#pushRound(cycle, amount) - amount;
    if (surplus > 0) this.#sendOn(token, surplus);
  }

  #pushRound(cycle: readonly Arc[], amount: number): number {
    let moving = amount;
    for (const { edge, from } of cycle) moving = this.flow.push(edge, from, moving);
    return moving;
  }

  /** Where the cycle's rate has come down to one, by bisection. */
  #bestCycleAmount(cycle: readonly Arc[]): number {
    const first = cycle[0]!;
    const limit = this.flow.limit(first.edge, first.from);
    if (this.#rateAfter(cycle, limit) >= 1) return limit;
    let low = 0;
    let high = limit;
    for (let step = 0; step < 48 && high - low > limit * 1e-13; step += 1) {
      const middle = (low + high) / 2;
      if (this.#rateAfter(cycle, middle) >= 1) low = middle;
      else high = middle;
    }
    return low;
  }

  #rateAfter(cycle: readonly Arc[], amount: number): number {
    let moving = amount;
    let rate = 1;
    for (const { edge, from } of cycle) {
      if (!this.flow.probe(edge, from, moving, this.#probe)) return 0;
      moving = this.#probe.out;
      rate *= this.#probe.rate;
    }
    return rate;
  }

  /** Carries what a cycle has gained to the output, along the paths that are best now. */
  #sendOn(token: number, surplus: number): void {
    if (token === this.#problem.tokenOut) return;
    let left = surplus;
    for (let round = 0; round < 8 && left > surplus * 1e-6; round += 1) {
      this.flow.bestArcs(this.#best, this.#bestEdge);
      this.#findPaths();
      const path = this.#pathFrom(token);
      if (!path) return;
      let amount = left;
      while (!this.#fits(path, amount)) amount *= 0.5;
      this.#pushPath(path, amount);
      left -= amount;
    }
  }
}

interface Arc {
  readonly from: number;
  readonly to: number;
  readonly edge: number;
}
