import type { Edge, Flow } from './flow.ts';

/** One step of a path or a cycle: through the pool at `edge`, from one token to another. */
export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly edge: number;
}

const NONE = -1;
const SETTLING_ROUNDS = 3;

/**
 * The best arc between any two tokens that share a pool, and the results from these arcs: the best paths to the output
 * and cycles that gain. Arc 2p leads from the first token of pair p to its second, arc 2p + 1 back.
 */
export class ArcGraph {
  readonly #tokenCount: number;
  readonly #tokenIn: number;
  readonly #tokenOut: number;
  /** Arc of each pool's direction 0 to 1. */
  readonly #arcOf: Int32Array;
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #rate: Float64Array;
  readonly #edge: Int32Array;
  /** Value of a token in the output token; `#next` has the arc that leads there. */
  readonly #value: Float64Array;
  readonly #next: Int32Array;
  readonly #visit: Int32Array;

  constructor(
    edges: readonly Edge[],
    { tokenCount, tokenIn, tokenOut }: { tokenCount: number; tokenIn: number; tokenOut: number },
  ) {
    this.#tokenCount = tokenCount;
    this.#tokenIn = tokenIn;
    this.#tokenOut = tokenOut;
    this.#arcOf = new Int32Array(edges.length);
    const known = new Map<number, number>();
    for (let edge = 0; edge < edges.length; edge += 1) {
      const [first, second] = edges[edge]!.tokens;
      const [low, high] = first < second ? [first, second] : [second, first];
      let arc = known.get(low * tokenCount + high);
      if (arc === undefined) {
        arc = this.#from.length;
        known.set(low * tokenCount + high, arc);
        this.#from.push(low, high);
        this.#to.push(high, low);
      }
      this.#arcOf[edge] = first === low ? arc : arc + 1;
    }
    this.#rate = new Float64Array(this.#from.length);
    this.#edge = new Int32Array(this.#from.length);
    this.#value = new Float64Array(tokenCount);
    this.#next = new Int32Array(tokenCount);
    this.#visit = new Int32Array(tokenCount);
  }

  /**
   * Recomputes the best arcs from all pools.
   *
   * @param isForCycles Without arcs that spend the output token or buy the input token: their flow only circles, and no
   * plan can contain it.
   */
  refresh(flow: Flow, isForCycles = false): void {
    this.#rate.fill(0);
    this.#edge.fill(NONE);
    for (let edge = 0; edge < this.#arcOf.length; edge += 1) {
      const arc = this.#arcOf[edge]!;
      if (!isForCycles || this.#isOnward(flow, arc, edge)) this.#offer(arc, edge, flow.rate(edge, 0));
      if (!isForCycles || this.#isOnward(flow, arc ^ 1, edge)) this.#offer(arc ^ 1, edge, flow.rate(edge, 1));
    }
  }

  #isOnward(flow: Flow, arc: number, edge: number): boolean {
    const from = this.#from[arc]!;
    const isBackwards = from === this.#tokenOut || this.#to[arc] === this.#tokenIn;
    return !isBackwards || flow.isUndo(edge, from);
  }

  #offer(arc: number, edge: number, rate: number): void {
    if (rate <= this.#rate[arc]!) return;
    this.#rate[arc] = rate;
    this.#edge[arc] = edge;
  }

  /** Best value of every token in the output token, over paths without cycles. Zero without a path. */
  findPaths(): Float64Array {
    const value = this.#value.fill(0);
    const next = this.#next.fill(NONE);
    value[this.#tokenOut] = 1;
    for (let round = 0; round < this.#tokenCount; round += 1) {
      let hasChanged = false;
      for (let arc = 0; arc < this.#rate.length; arc += 1) {
        const [from, to] = [this.#from[arc]!, this.#to[arc]!];
        const candidate = this.#rate[arc]! * value[to]!;
        if (candidate <= value[from]! * (1 + 1e-12) || from === this.#tokenOut) continue;
        if (this.#leadsThrough(to, from)) continue;
        value[from] = candidate;
        next[from] = arc;
        hasChanged = true;
      }
      if (!hasChanged) break;
    }
    return value;
  }

  #leadsThrough(start: number, token: number): boolean {
    for (let at = start, steps = 0; steps <= this.#tokenCount; steps += 1) {
      if (at === token) return true;
      const arc = this.#next[at]!;
      if (arc === NONE) return false;
      at = this.#to[arc]!;
    }
    return false;
  }

  /** The best path that `findPaths` found; null where there is none. */
  pathFrom(token: number): Arc[] | null {
    const path: Arc[] = [];
    for (let at = token; at !== this.#tokenOut; at = this.#to[this.#next[at]!]!) {
      if (this.#next[at] === NONE || path.length > this.#tokenCount) return null;
      path.push(this.#arc(this.#next[at]!));
    }
    return path;
  }

  /** A cycle whose rate exceeds one by more than the tolerance; null where there is none. */
  gainingCycle(tolerance: number): Arc[] | null {
    return this.#shortCycle(tolerance) ?? this.#longCycle(tolerance);
  }

  /** Two pools of one pair whose rates differ: the most common imbalance, and the widest one first. */
  #shortCycle(tolerance: number): Arc[] | null {
    let bestGain = 1 + tolerance;
    let found = NONE;
    for (let arc = 0; arc < this.#rate.length; arc += 2) {
      const gain = this.#rate[arc]! * this.#rate[arc + 1]!;
      if (gain <= bestGain) continue;
      bestGain = gain;
      found = arc;
    }
    return found === NONE ? null : [this.#arc(found), this.#arc(found + 1)];
  }

  /** A cycle over more tokens, by Bellman and Ford's relaxation in the product domain. */
  #longCycle(tolerance: number): Arc[] | null {
    const value = this.#value.fill(1);
    const next = this.#next.fill(NONE);
    for (let round = 0; round <= this.#tokenCount; round += 1) {
      let changed = NONE;
      for (let arc = 0; arc < this.#rate.length; arc += 1) {
        const from = this.#from[arc]!;
        const candidate = this.#rate[arc]! * value[this.#to[arc]!]!;
        if (candidate <= value[from]! * (1 + tolerance)) continue;
        value[from] = candidate;
        next[from] = arc;
        changed = from;
      }
      if (changed === NONE) return null;
      const onCycle = round < Math.min(SETTLING_ROUNDS, this.#tokenCount) ? NONE : this.#tokenOnCycle();
      if (onCycle !== NONE) return this.#cycleAt(onCycle);
    }
    return null;
  }

  /** A token on a cycle of the arcs chosen so far. */
  #tokenOnCycle(): number {
    const visit = this.#visit.fill(NONE);
    for (let start = 0; start < this.#tokenCount; start += 1) {
      let at = start;
      while (visit[at] === NONE && this.#next[at] !== NONE) {
        visit[at] = start;
        at = this.#to[this.#next[at]!]!;
      }
      if (visit[at] === start && this.#next[at] !== NONE) return at;
      visit[at] = start;
    }
    return NONE;
  }

  #cycleAt(token: number): Arc[] {
    const cycle: Arc[] = [];
    let at = token;
    do {
      cycle.push(this.#arc(this.#next[at]!));
      at = this.#to[this.#next[at]!]!;
    } while (at !== token);
    return cycle;
  }

  #arc(arc: number): Arc {
    return { from: this.#from[arc]!, to: this.#to[arc]!, edge: this.#edge[arc]! };
  }
}
