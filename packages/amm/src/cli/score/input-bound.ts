import type { Curve } from '../../routing/curve.ts';
import { FlowSearch } from '../../routing/solve-flow.ts';
import type { PeerMarket } from './peers.ts';

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
    search.improve();
  }
  const valueIn = search.valueOf(tokenIn);
  const prices = Array.from({ length: tokenCount }, (_, token) => search.valueOf(token) / valueIn);
  let bound = prices[tokenOut]! * amountOut;
  for (const { tokens, curves } of edges) {
    bound -= earnings(curves[0], prices[tokens[0]]!, prices[tokens[1]]!);
    bound -= earnings(curves[1], prices[tokens[1]]!, prices[tokens[0]]!);
  }
  return bound;
}

/** The most that a pool gives at fixed prices: the input where its slope has come down to their ratio. */
function earnings(curve: Curve, priceIn: number, priceOut: number): number {
  const rate = priceIn / priceOut;
  if (!(curve.slopeAfter(0) > rate)) return 0;
  let low = 0;
  let high = curve.maxIn;
  for (let step = 0; step < 200 && high - low > high * 1e-15; step += 1) {
    const middle = (low + high) / 2;
    if (curve.slopeAfter(middle) > rate) low = middle;
    else high = middle;
  }
  return Math.max(0, priceOut * curve.out(high) - priceIn * high);
}
