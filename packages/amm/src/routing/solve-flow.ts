import { type Arc, ArcGraph } from './arc-graph.ts';
import { extrapolate, sharesOf } from './extrapolate.ts';
import { findRoot } from './find-root.ts';
import { type Edge, Flow } from './flow.ts';
import type { SplitLeg } from './split.ts';

const CHUNKS = 24;
/** Cycles after which the flow's direction is followed further. */
const EXTRAPOLATION_ROUNDS = 8;
/** A search takes cycles that gain this share or more first, then those of a hundredth of it, down to its tolerance. */
const FIRST_GAIN = 1e-2;

/** The precision at which a search ends. */
export interface Precision {
  /** Cycles that gain less than this share are ignored. */
  readonly tolerance: number;
  /** Cycles to push at most. */
  readonly maxRounds: number;
  /** The search ends if this many cycles together gain less than a tenth of the tolerance. */
  readonly stallRounds: number;
}

/** Enough to tell which pools carry flow. */
export const ROUGH: Precision = { tolerance: 1e-5, maxRounds: 100, stallRounds: 16 };
/** To a hundredth of a basis point. */
const FINE: Precision = { tolerance: 1e-6, maxRounds: 400, stallRounds: 48 };

export interface FlowProblem {
  readonly edges: readonly Edge[];
  readonly tokenCount: number;
  readonly tokenIn: number;
  readonly tokenOut: number;
  readonly amountIn: number;
  /** Number of parts into which the input is split at the start; fewer are faster. */
  readonly chunks?: number;
}

/**
 * The best way to convert `amountIn` to `tokenOut` by the curves, with any number of legs. It starts with equal chunks,
 * each along the path that is best at that moment. Then it shifts flow around cycles that gain: it takes a little back
 * at one pool and sends it through another. When no cycle gains, the flow is optimal, since every better flow differs
 * from it by such cycles. Null if no path exists or the pools cannot take the amount.
 */
export function solveFlow(problem: FlowProblem): Flow | null {
  const search = new FlowSearch(problem);
  return search.fill(problem.amountIn) ? search.improve() : null;
}

/** The flow with the least input that gives `amountOut`; otherwise as `solveFlow`. */
export function solveFlowExactOut(problem: Omit<FlowProblem, 'amountIn'>, amountOut: number): Flow | null {
  const search = new FlowSearch(problem);
  // The output is concave in the input, so steps along the tangent approach the answer from below.
  for (let round = 0; round < 24; round += 1) {
    const missing = amountOut - search.flow.netOut(problem.tokenOut);
    if (missing <= amountOut * 1e-10) return search.flow;
    const step = missing / search.valueOf(problem.tokenIn);
    if (!Number.isFinite(step) || !search.fill(step)) return null;
    search.improve(round === 0 ? ROUGH : FINE); // The first step is always too short.
  }
  return search.flow;
}

/** A flow under construction. */
export class FlowSearch {
  readonly flow: Flow;
  readonly #problem: Omit<FlowProblem, 'amountIn'>;
  readonly #arcs: ArcGraph;
  readonly #probe = { out: 0, rate: 0 };

  constructor(problem: Omit<FlowProblem, 'amountIn'>) {
    const { edges, tokenCount } = problem;
    this.#problem = problem;
    this.flow = new Flow(edges, tokenCount);
    this.#arcs = new ArcGraph(edges, problem);
  }

  /**
   * Begins with the shares of another flow. If this search lacks one of that flow's pools, the pool's amount goes along
   * the best paths; false if there is no path.
   */
  resume(legs: readonly SplitLeg[], amountIn: number): boolean {
    const { tokenIn, tokenOut } = this.#problem;
    const available = new Float64Array(this.flow.tokenCount);
    available[tokenIn] = amountIn;
    for (const [index, leg] of legs.entries()) {
      let ahead = 0;
      for (let other = index; legs[other]?.tokenIn === leg.tokenIn; other += 1) ahead += legs[other]!.share;
      const wanted = (available[leg.tokenIn]! * leg.share) / ahead;
      const amount = Math.min(wanted, this.flow.limit(leg.edge, leg.tokenIn));
      if (amount <= 0) continue;
      available[leg.tokenIn]! -= amount;
      available[leg.tokenOut]! += this.flow.push(leg.edge, leg.tokenIn, amount);
    }
    for (const [token, left] of available.entries())
      if (token !== tokenOut && left > 0 && !this.fill(left, token)) return false;
    return true;
  }

  /** Sends more of a token, by default the input, in chunks along the best paths; false if the pools cannot take it. */
  fill(amountIn: number, token = this.#problem.tokenIn): boolean {
    const { chunks = CHUNKS } = this.#problem;
    let left = amountIn;
    for (let round = 0; left > amountIn * 1e-12; round += 1) {
      if (round > chunks * 8 + this.flow.edges.length) return left < amountIn * 1e-9;
      const chunk = Math.min(left, amountIn / chunks);
      const path = this.#pathFrom(token);
      if (!path) return left < amountIn * 1e-9;
      const amount = this.#fitting(path, chunk, amountIn * 1e-12);
      if (amount === 0) this.#close(path, amountIn * 1e-12);
      else {
        this.#pushPath(path, amount);
        left -= amount;
      }
    }
    return true;
  }

  /** Marginal value of a token, in the output token. */
  valueOf(token: number): number {
    this.#arcs.refresh(this.flow);
    return this.#arcs.findPaths()[token]!;
  }

  /**
   * Shifts flow around cycles that gain until none is left, those that gain much first: otherwise hundreds of small gains
   * between two pools come before a large one over more tokens. A further call can give more precision.
   */
  improve({ tolerance, maxRounds, stallRounds }: Precision = FINE): Flow {
    const { tokenOut } = this.#problem;
    let reached = 0;
    let before: Float64Array | null = null;
    let gain = Math.max(FIRST_GAIN, tolerance);
    for (let round = 0; round < maxRounds; round += 1) {
      if (round % EXTRAPOLATION_ROUNDS === 0) {
        if (before) extrapolate(this.flow, before, this.#problem);
        before = sharesOf(this.flow);
      }
      if (round % stallRounds === 0) {
        const output = this.flow.netOut(tokenOut);
        if (output < reached * (1 + tolerance * 0.1)) break;
        reached = output;
      }
      this.#arcs.refresh(this.flow, true);
      let cycle = this.#arcs.gainingCycle(gain);
      while (!cycle && gain > tolerance) {
        gain = Math.max(gain * 1e-2, tolerance);
        cycle = this.#arcs.gainingCycle(gain);
      }
      if (!cycle) break;
      const start = cycle.findIndex(({ edge, from }) => this.flow.isUndo(edge, from));
      if (start < 0) this.#closeOff(cycle);
      else this.#pushCycle([...cycle.slice(start), ...cycle.slice(0, start)]);
    }
    return this.flow;
  }

  #pathFrom(token: number): Arc[] | null {
    this.#arcs.refresh(this.flow);
    this.#arcs.findPaths();
    return this.#arcs.pathFrom(token);
  }

  /** Closes the arc that takes nothing: a full pool, or a flow too small to be taken back, which is rounding noise. */
  #close(path: readonly Arc[], amount: number): void {
    const blocked =
      path.find((_, index) => !this.#fits(path.slice(0, index + 1), amount)) ?? path[path.length - 1]!;
    if (this.flow.isUndo(blocked.edge, blocked.from)) this.flow.set(blocked.edge, 0);
    else this.flow.ban(blocked.edge);
  }

  /** The most that a path takes, and at most `amount`; 0 if that is less than `least`. */
  #fitting(path: readonly Arc[], amount: number, least: number): number {
    let room = Number.POSITIVE_INFINITY;
    for (let index = path.length - 1; index >= 0; index -= 1) {
      const { edge, from } = path[index]!;
      room = Math.min(this.flow.limit(edge, from), this.flow.inputFor(edge, from, room));
    }
    let fitting = Math.min(amount, room);
    if (!this.#fits(path, fitting)) fitting *= 1 - 1e-9; // The room is exact but for rounding.
    while (fitting >= least && !this.#fits(path, fitting)) fitting *= 0.5;
    return fitting >= least ? fitting : 0;
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

  /** Closes a cycle that takes no flow back: it is plain arbitrage, which no plan of ordered legs can contain. */
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

  /**
   * The amount at which the cycle's rate falls to one. While no arc leaves its segment, the whole cycle is a fraction
   * of linear terms, so the root of the rate's inverse is linear in the amount.
   */
  #bestCycleAmount(cycle: readonly Arc[]): number {
    const first = cycle[0]!;
    const limit = this.flow.limit(first.edge, first.from);
    const excessAt = (amount: number) => this.#excessAfter(cycle, amount);
    const excess = excessAt(limit);
    return excess <= 0 ? limit : findRoot(excessAt, [0, limit], [excessAt(0), excess]).below;
  }

  /** Negative while more flow around the cycle gains; infinite beyond its limits. */
  #excessAfter(cycle: readonly Arc[], amount: number): number {
    return 1 / Math.sqrt(this.#rateAfter(cycle, amount)) - 1;
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

  /** Sends a cycle's gain to the output, along the paths that are best now. */
  #sendOn(token: number, surplus: number): void {
    if (token === this.#problem.tokenOut) return;
    let left = surplus;
    for (let round = 0; round < 8 && left > surplus * 1e-6; round += 1) {
      const path = this.#pathFrom(token);
      if (!path) return;
      const amount = this.#fitting(path, left, surplus * 1e-6);
      if (amount === 0) return;
      this.#pushPath(path, amount);
      left -= amount;
    }
  }
}
