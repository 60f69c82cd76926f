import { FlowSearch, type Precision } from '../../src/routing/solve-flow.ts';
import type { PeerMarket } from './peers.ts';

/** The better the prices, the tighter the bound. */
const PATIENT: Precision = { tolerance: 1e-9, maxRounds: 3_000, stallRounds: 48 };

/**
 * A lower bound of the input that any plan needs for `amountOut`, whatever its legs.
 *
 * For any token prices with 1 for the input token, no plan needs less than price * amountOut less what all pools
 * together could earn at these prices (weak duality). Any prices give a valid bound; those at which the router's own
 * solution is optimal give a tight one.
 */
export function lowerBoundOfInput(market: PeerMarket, amountOut: number): number {
  const { edges, tokenCount, tokenIn, tokenOut } = market;
  const search = new FlowSearch({ edges, tokenCount, tokenIn, tokenOut });
  for (let round = 0; round < 24; round += 1) {
    const missing = amountOut - search.flow.netOut(tokenOut);
    if (missing <= amountOut * 1e-10 || !search.fill(missing / search.valueOf(tokenIn))) break;
    search.improve(PATIENT);
  }
  const valueIn = search.valueOf(tokenIn);
  const prices = pricesOf(search, edges, tokenCount).map((price) => price / valueIn);
  return prices[tokenOut]! * amountOut - earningsOf(edges, prices);
}

/** An upper bound of the output that any plan gives for `amountIn`, whatever its legs; valid and tight for the same reason. */
export function upperBoundOfOutput(market: PeerMarket, amountIn: number): number {
  const { edges, tokenCount, tokenIn, tokenOut } = market;
  const search = new FlowSearch({ edges, tokenCount, tokenIn, tokenOut });
  search.fill(amountIn);
  search.improve(PATIENT);
  const prices = pricesOf(search, edges, tokenCount);
  return prices[tokenIn]! * amountIn + earningsOf(edges, prices);
}

/** What the search says; tokens that it has cut off are worth what the best untouched pool gives for them. */
function pricesOf(search: FlowSearch, edges: PeerMarket['edges'], tokenCount: number): number[] {
  const prices = Array.from({ length: tokenCount }, (_, token) => search.valueOf(token));
  const isCutOff = prices.map((price) => price === 0);
  for (let round = 0; round < tokenCount; round += 1) {
    for (const { tokens, curves } of edges) {
      for (const [index, other] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const price = curves[index].slopeAfter(0) * prices[tokens[other]]!;
        if (isCutOff[tokens[index]] && price > prices[tokens[index]]!) prices[tokens[index]] = price;
      }
    }
    if (!isCutOff.some((isCut, token) => isCut && prices[token] === 0)) break;
  }
  return prices;
}

/** The most that all pools together could earn at fixed prices. A token without a price leads nowhere. */
function earningsOf(edges: PeerMarket['edges'], prices: readonly number[]): number {
  let earnings = 0;
  for (const { tokens, curves } of edges) {
    const [price0, price1] = [prices[tokens[0]]!, prices[tokens[1]]!];
    if (price0 === 0 || price1 === 0) continue;
    earnings += price1 * curves[0].surplusAt(price0 / price1) + price0 * curves[1].surplusAt(price1 / price0);
  }
  return earnings;
}
