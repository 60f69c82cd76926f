import type { Curve } from '../../src/routing/curve.ts';
import type { PeerMarket } from './peers.ts';

/** One pool of a market as a plan can use it. */
interface Way {
  readonly from: number;
  readonly to: number;
  readonly curve: Curve;
}

/**
 * Upper bounds of what plans of a few legs can give. At any prices of the tokens, with 1 for the output token, a plan gives
 * at most the input's worth plus what each of its pools could earn at these prices (weak duality). So no plan of K legs
 * gives more than the input's worth plus the K highest earnings. This holds whatever a search does or misses; it needs
 * only that curves are concave and never below the exact swaps.
 */
export class LegBound {
  readonly #market: PeerMarket;
  /** Directions of every pool that can be part of a plan. */
  readonly #ways: readonly (readonly Way[])[];

  constructor(market: PeerMarket) {
    this.#market = market;
    this.#ways = market.edges.map(({ tokens, curves }) =>
      ([0, 1] as const)
        .map((index) => ({ from: tokens[index], to: tokens[1 - index]!, curve: curves[index] }))
        .filter(({ from, to }) => from !== market.tokenOut && to !== market.tokenIn),
    );
  }

  /** What every pool could earn at these prices, in the output token. */
  earningsAt(prices: Float64Array): Float64Array {
    return Float64Array.from(this.#ways, (ways) => {
      let most = 0;
      for (const { from, to, curve } of ways)
        most = Math.max(most, prices[to]! * curve.surplusAt(prices[from]! / prices[to]!));
      return most;
    });
  }

  /** The bound for plans with all `forced` pools, without `banned` ones, of at most `maxLegs` legs; and its pools. */
  at(
    amountIn: number,
    priced: { readonly prices: Float64Array; readonly earnings: Float64Array },
    { forced, banned, maxLegs }: LegChoice,
  ): { readonly bound: number; readonly pools: readonly number[] } {
    const free = [...priced.earnings.keys()]
      .filter((edge) => !banned.has(edge) && !forced.includes(edge) && priced.earnings[edge]! > 0)
      .sort((a, b) => priced.earnings[b]! - priced.earnings[a]!);
    const pools = [...forced, ...free.slice(0, maxLegs - forced.length)];
    const worth = priced.prices[this.#market.tokenIn]! * amountIn;
    return { bound: pools.reduce((sum, edge) => sum + priced.earnings[edge]!, worth), pools };
  }

  /**
   * Lowers the bound by moving the prices: a token of which the chosen pools together buy more than they sell becomes
   * dearer, and the other way round (subgradients with Polyak's step).
   */
  tighten(
    amountIn: number,
    start: Float64Array,
    choice: LegChoice,
    { target, steps }: { readonly target: number; readonly steps: number },
  ): { readonly bound: number; readonly prices: Float64Array } {
    const { tokenOut } = this.#market;
    let prices = Float64Array.from(start);
    let best = { bound: Number.POSITIVE_INFINITY, prices };
    for (let step = 0; step < steps; step += 1) {
      const { bound, pools } = this.at(amountIn, { prices, earnings: this.earningsAt(prices) }, choice);
      if (bound < best.bound) best = { bound, prices };
      if (bound <= target) break;
      const slope = this.#slopeAt(amountIn, prices, pools);
      const norm = slope.reduce((sum, value) => sum + value * value, 0);
      if (norm === 0) break;
      const length = (bound - target) / norm;
      prices = prices.map((price, token) =>
        token === tokenOut ? 1 : price * Math.exp(Math.max(-0.5, Math.min(0.5, -length * slope[token]!))),
      );
    }
    return best;
  }

  /** By how much the bound of these pools grows with the logarithm of each price. */
  #slopeAt(amountIn: number, prices: Float64Array, pools: readonly number[]): Float64Array {
    const slope = new Float64Array(prices.length);
    slope[this.#market.tokenIn] = prices[this.#market.tokenIn]! * amountIn;
    for (const edge of pools) {
      let most = 0;
      let chosen: { way: Way; sold: number } | null = null;
      for (const way of this.#ways[edge]!) {
        const price = prices[way.from]! / prices[way.to]!;
        const earnings = prices[way.to]! * way.curve.surplusAt(price);
        if (earnings <= most) continue;
        most = earnings;
        chosen = { way, sold: inputAt(way.curve, price) };
      }
      if (!chosen) continue;
      const { way, sold } = chosen;
      slope[way.from]! -= prices[way.from]! * sold;
      slope[way.to]! += prices[way.to]! * way.curve.out(sold);
    }
    return slope;
  }
}

export interface LegChoice {
  readonly forced: readonly number[];
  readonly banned: ReadonlySet<number>;
  readonly maxLegs: number;
}

/** The input after which another unit gives less than `price`. */
function inputAt({ a, b, startIn }: Curve, price: number): number {
  let low = 0;
  let high = a.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (a[middle]! > price) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  const [start, end] = [startIn[low - 1]!, startIn[low]!];
  const wanted = (Math.sqrt(a[low - 1]! / price) - 1) / b[low - 1]!;
  return b[low - 1]! > 0 ? Math.min(end, start + wanted) : end;
}
