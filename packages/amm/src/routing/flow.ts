import type { Curve } from './curve.ts';

/** One pool as the search sees it: two tokens by number and a curve for either direction. */
export interface Edge {
  /** Token numbers of the pool's tokens 0 and 1. */
  readonly tokens: readonly [number, number];
  /** By the index of the input token. */
  readonly curves: readonly [Curve, Curve];
}

/** No flow through a pool. */
const IDLE = -1;

/**
 * The flow through every pool, as floats, and the rates of a little more or a little less of it. An arc from t to u at
 * pool j is a little more of t into j, or, if j already sells u for t, a little less of that flow: both give u for t.
 * The search looks only at the rates of the best arcs between all tokens.
 */
export class Flow {
  readonly edges: readonly Edge[];
  readonly tokenCount: number;
  /** Input index of each pool's flow, or IDLE. */
  readonly direction: Int8Array;
  readonly amountIn: Float64Array;
  readonly amountOut: Float64Array;
  /** Rates of the arcs 0 to 1 and 1 to 0 of each pool. */
  readonly #rates: Float64Array;
  readonly isBanned: Uint8Array;

  constructor(edges: readonly Edge[], tokenCount: number) {
    this.edges = edges;
    this.tokenCount = tokenCount;
    this.direction = new Int8Array(edges.length).fill(IDLE);
    this.amountIn = new Float64Array(edges.length);
    this.amountOut = new Float64Array(edges.length);
    this.#rates = new Float64Array(edges.length * 2);
    this.isBanned = new Uint8Array(edges.length);
    for (let edge = 0; edge < edges.length; edge += 1) this.#refresh(edge);
  }

  isIdle(edge: number): boolean {
    return this.direction[edge] === IDLE;
  }

  tokenIn(edge: number): number {
    return this.edges[edge]!.tokens[this.direction[edge] as 0 | 1];
  }

  tokenOut(edge: number): number {
    return this.edges[edge]!.tokens[(1 - this.direction[edge]!) as 0 | 1];
  }

  curve(edge: number): Curve {
    return this.edges[edge]!.curves[this.direction[edge] as 0 | 1];
  }

  /** The flow into `token` minus the flow out of it. */
  netOut(token: number): number {
    let net = 0;
    for (let edge = 0; edge < this.edges.length; edge += 1) {
      if (this.isIdle(edge)) continue;
      if (this.tokenOut(edge) === token) net += this.amountOut[edge]!;
      else if (this.tokenIn(edge) === token) net -= this.amountIn[edge]!;
    }
    return net;
  }

  /** Output of the first further unit of the pool's token `index`: of its own flow, or of a reverse flow taken back. */
  rate(edge: number, index: 0 | 1): number {
    return this.#rates[edge * 2 + index]!;
  }

  /** Output of `amount` of `from` through the arc at `edge`, and the rate after it; null beyond its limit. */
  probe(edge: number, from: number, amount: number, result: { out: number; rate: number }): boolean {
    const index = this.edges[edge]!.tokens[0] === from ? 0 : 1;
    const direction = this.direction[edge]!;
    if (direction === IDLE || direction === index) {
      const curve = this.edges[edge]!.curves[index];
      const before = this.amountIn[edge]!;
      const after = before + amount;
      if (after > curve.maxIn) return false;
      result.out = curve.out(after) - this.amountOut[edge]!;
      result.rate = curve.slopeAfter(after);
      return true;
    }
    const curve = this.edges[edge]!.curves[direction as 0 | 1];
    const left = this.amountOut[edge]! - amount;
    if (left < 0) return false;
    const input = curve.inputFor(left);
    result.out = this.amountIn[edge]! - input;
    result.rate = 1 / curve.slopeBefore(input);
    return true;
  }

  /** The amount of `from` for which the arc at `edge` gives `out`; infinite where it cannot give as much. */
  inputFor(edge: number, from: number, out: number): number {
    const index = this.edges[edge]!.tokens[0] === from ? 0 : 1;
    const direction = this.direction[edge]!;
    if (direction !== IDLE && direction !== index) {
      const left = this.amountIn[edge]! - out;
      return left > 0 ? this.amountOut[edge]! - this.curve(edge).out(left) : Number.POSITIVE_INFINITY;
    }
    const curve = this.edges[edge]!.curves[index];
    const total = this.amountOut[edge]! + out;
    return total < curve.maxOut ? curve.inputFor(total) - this.amountIn[edge]! : Number.POSITIVE_INFINITY;
  }

  /** The most of `from` that the arc at `edge` takes. */
  limit(edge: number, from: number): number {
    const index = this.edges[edge]!.tokens[0] === from ? 0 : 1;
    const direction = this.direction[edge]!;
    if (direction !== IDLE && direction !== index) return this.amountOut[edge]!;
    return this.edges[edge]!.curves[index].maxIn - this.amountIn[edge]!;
  }

  /** Whether the arc from token `from` at `edge` takes a flow back. */
  isUndo(edge: number, from: number): boolean {
    return this.direction[edge] !== IDLE && this.tokenIn(edge) !== from;
  }

  /** Sends `amount` of `from` through the arc; returns the output. */
  push(edge: number, from: number, amount: number): number {
    const index = this.edges[edge]!.tokens[0] === from ? 0 : 1;
    const before = this.amountIn[edge]!;
    const outBefore = this.amountOut[edge]!;
    if (this.direction[edge] === IDLE || this.direction[edge] === index) {
      this.direction[edge] = index;
      this.set(edge, before + amount);
      return this.amountOut[edge]! - outBefore;
    }
    const left = outBefore - amount;
    const isEmptied = left <= outBefore * 1e-12;
    this.set(edge, isEmptied ? 0 : this.curve(edge).inputFor(left));
    return before - this.amountIn[edge]!;
  }

  /** Sets a pool's input in its present direction; zero makes it idle. */
  set(edge: number, amountIn: number): void {
    if (amountIn <= 0) {
      this.direction[edge] = IDLE;
      this.amountIn[edge] = 0;
      this.amountOut[edge] = 0;
    } else {
      const curve = this.curve(edge);
      this.amountIn[edge] = Math.min(amountIn, curve.maxIn);
      this.amountOut[edge] = curve.out(this.amountIn[edge]!);
    }
    this.#refresh(edge);
  }

  ban(edge: number): void {
    this.isBanned[edge] = 1;
    this.#refresh(edge);
  }

  #refresh(edge: number): void {
    const { curves } = this.edges[edge]!;
    const direction = this.direction[edge]!;
    const isBanned = this.isBanned[edge] === 1;
    if (direction === IDLE) {
      this.#rates[edge * 2] = isBanned ? 0 : curves[0].slopeAfter(0);
      this.#rates[edge * 2 + 1] = isBanned ? 0 : curves[1].slopeAfter(0);
      return;
    }
    const curve = curves[direction as 0 | 1];
    const amountIn = this.amountIn[edge]!;
    this.#rates[edge * 2 + direction] = isBanned ? 0 : curve.slopeAfter(amountIn, true);
    this.#rates[edge * 2 + 1 - direction] = 1 / curve.slopeBefore(amountIn, true);
  }
}
