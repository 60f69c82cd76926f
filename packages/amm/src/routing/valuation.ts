import type { Edge, Flow } from './flow.ts';
import type { SplitLeg } from './split.ts';

/** A market as far as the value of its tokens and pools needs it. */
export interface PoolMarket {
  readonly edges: readonly Edge[];
  readonly tokenCount: number;
  readonly tokenIn: number;
  readonly tokenOut: number;
}

/** Prices of all tokens, and what every pool could earn at these prices, in the output token. */
export interface Valuation {
  readonly prices: Float64Array;
  readonly earnings: Float64Array;
}

/**
 * Marginal values of the tokens along the existing flows; 0 where none flows. Pools that sell one token differ where a pool is full
 * or at the edge of a segment: it gives more for its last unit than the next unit is worth, so the least value counts.
 */
export function pricesOf(flow: Flow, legs: readonly SplitLeg[], tokenOut: number): Float64Array {
  const values = new Float64Array(flow.tokenCount);
  values[tokenOut] = 1;
  for (let index = legs.length - 1; index >= 0; index -= 1) {
    const { edge, tokenIn, tokenOut: to } = legs[index]!;
    const value = flow.curve(edge).slopeBefore(flow.amountIn[edge]!) * values[to]!;
    if (values[tokenIn] === 0 || value < values[tokenIn]!) values[tokenIn] = value;
  }
  return values;
}

/** What these pools could earn together. */
export function gainOf(earnings: Float64Array, pools: readonly number[]): number {
  let gain = 0;
  for (const edge of pools) gain += earnings[edge]!;
  return gain;
}

/** Upper bound of what any plan of at most `maxLegs` legs gives: the input's worth and the highest earnings. */
export function mostOfLegs(
  { prices, earnings }: Valuation,
  { amountIn, tokenIn }: { readonly amountIn: number; readonly tokenIn: number },
  { maxLegs, costPerLeg }: { readonly maxLegs: number; readonly costPerLeg: number },
): number {
  const top = new Float64Array(maxLegs);
  for (let edge = 0; edge < earnings.length; edge += 1) {
    let moving = earnings[edge]! - costPerLeg;
    for (let rank = 0; moving > 0 && rank < maxLegs; rank += 1) {
      const other = top[rank]!;
      if (moving <= other) continue;
      top[rank] = moving;
      moving = other;
    }
  }
  return top.reduce((sum, earned) => sum + earned, prices[tokenIn]! * amountIn);
}

/** The ways in which untouched pools can be part of a plan, and what tokens and pools are worth to a plan. */
export class Valuer {
  readonly #market: PoolMarket;
  /** Rates of an infinitely small swap: of pool p from its token i, at 2p + i; 0 for a way that no plan can take. */
  readonly rates: Float64Array;

  constructor(market: PoolMarket) {
    this.#market = market;
    const { edges, tokenIn, tokenOut } = market;
    this.rates = new Float64Array(edges.length * 2);
    for (const [edge, { tokens, curves }] of edges.entries()) {
      if (tokens[0] !== tokenOut && tokens[1] !== tokenIn) this.rates[edge * 2] = curves[0].slopeAfter(0);
      if (tokens[1] !== tokenOut && tokens[0] !== tokenIn) this.rates[edge * 2 + 1] = curves[1].slopeAfter(0);
    }
  }

  /**
   * The prices of a solution, with prices for tokens that it does not touch. These are free: any price gives a valid bound.
   * What the best untouched pools pay for such a token leaves the earnings of a new path to its first pool, what they ask
   * for it leaves them to the last one; the tightest bound is one of these or the middle.
   */
  valuations(prices: Float64Array): Valuation[] {
    const bid = this.#completed(prices, (value, rate, other) => Math.max(value, rate * other), true);
    const ask = this.#completed(
      prices,
      (value, rate, other) => (value === 0 ? other / rate : Math.min(value, other / rate)),
      false,
    );
    let differs = false;
    const middle = new Float64Array(bid.length);
    for (let token = 0; token < bid.length; token += 1) {
      if (ask[token] === 0 || bid[token] === 0) ask[token] = bid[token]!;
      if (ask[token] !== bid[token]) differs = true;
      middle[token] = Math.sqrt(bid[token]! * ask[token]!);
    }
    return (differs ? [bid, middle, ask] : [bid]).map((own) => ({
      prices: own,
      earnings: this.#earningsAt(own),
    }));
  }

  #completed(
    prices: Float64Array,
    better: (value: number, rate: number, other: number) => number,
    isOnward: boolean,
  ): Float64Array {
    const { edges, tokenCount } = this.#market;
    const values = Float64Array.from(prices);
    for (let round = 0; round < tokenCount; round += 1) {
      let hasChanged = false;
      for (let way = 0; way < this.rates.length; way += 1) {
        const { tokens } = edges[way >> 1]!;
        const [from, to] = (way & 1) === 0 ? tokens : [tokens[1], tokens[0]];
        const [token, other] = isOnward ? [from, to] : [to, from];
        if (prices[token] !== 0 || values[other] === 0 || this.rates[way] === 0) continue;
        const value = better(values[token]!, this.rates[way]!, values[other]!);
        if (value === values[token]) continue;
        values[token] = value;
        hasChanged = true;
      }
      if (!hasChanged) break;
    }
    return values;
  }

  #earningsAt(prices: Float64Array): Float64Array {
    const { edges } = this.#market;
    const earnings = new Float64Array(edges.length);
    for (let edge = 0; edge < edges.length; edge += 1) {
      const { tokens, curves } = edges[edge]!;
      const [price0, price1] = [prices[tokens[0]]!, prices[tokens[1]]!];
      if (price0 === 0 || price1 === 0) continue;
      // At most one of the directions can earn, unless the pool's price is off by more than its fee.
      let most = 0;
      if (this.rates[edge * 2]! * price1 > price0) most = price1 * curves[0].surplusAt(price0 / price1);
      if (this.rates[edge * 2 + 1]! * price0 > price1)
        most = Math.max(most, price0 * curves[1].surplusAt(price1 / price0));
      earnings[edge] = most;
    }
    return earnings;
  }
}
