import { type BaseUnits, formatAmount, formatPrice } from '../domain/amount.ts';
import type { AutoSlippage } from '../domain/auto-slippage.ts';
import { type BasisPoints, highestInput, lowestOutput } from '../domain/basis-points.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Order } from '../domain/order.ts';
import type { Candidate, Quote, QuoteAnswer, SwapMode } from '../domain/quote.ts';
import type { Token } from '../domain/token.ts';

export type RouteChoice =
  | {
      readonly outcome: 'chosen';
      readonly quote: Quote;
      /** Least output (exactIn) or most input (exactOut) that the chain will enforce. */
      readonly limitAmount: BaseUnits;
      /** Set by the choice that fixes the limit of an order that leaves its tolerance to the engine. */
      readonly autoSlippage?: AutoSlippage;
    }
  | { readonly outcome: 'noRoute'; readonly failure: Failure };

/**
 * Takes the best net price: most output for a fixed input, least input for a fixed output.
 * The first choice fixes the order's limit; a later try may take any route that still meets it, never a worse one.
 *
 * @param tolerance What the engine would tolerate for a quote, asked when the order leaves it to the engine.
 */
export function chooseRoute(
  order: Order,
  candidates: readonly Candidate[],
  tolerance: (quote: Quote) => AutoSlippage,
): RouteChoice {
  const { request } = order;
  const best = bestQuote(candidates, request.swapMode);
  if (!best) return { outcome: 'noRoute', failure: noOffer(candidates) };
  const isFirst = order.limitAmount === null;
  const autoSlippage = isFirst && request.slippageBps === 'auto' ? tolerance(best) : undefined;
  const slippageBps = autoSlippage?.bps ?? request.slippageBps;
  const limitAmount = order.limitAmount ?? firstLimit(order, best, slippageBps as BasisPoints);
  const broken = brokenLimit(order, best, limitAmount);
  if (broken) return { outcome: 'noRoute', failure: broken };
  return { outcome: 'chosen', quote: best, limitAmount, ...(autoSlippage && { autoSlippage }) };
}

/** Offers that move the price by more than the order, or the engine, allows are no offers to it. */
export function withinImpact(candidates: readonly Candidate[], mostBps: BasisPoints): readonly Candidate[] {
  return candidates.map((candidate): Candidate => {
    if (candidate.outcome === 'refused' || candidate.quote.priceImpactBps <= mostBps) return candidate;
    const { venue, route, priceImpactBps } = candidate.quote;
    const pool = route.legs.map((leg) => leg.pool).join('+');
    const reason = `it would move the price by ${priceImpactBps} bps, at most ${mostBps} are allowed`;
    return { outcome: 'refused', venue, pool, code: 'price_impact', reason, answerMs: candidate.answerMs };
  });
}

/** The best offer, the first of equals; undefined if nobody offers. */
export function bestQuote(answers: readonly QuoteAnswer[], swapMode: SwapMode): Quote | undefined {
  let best: Quote | undefined;
  for (const answer of answers)
    if (answer.outcome === 'quoted' && (!best || isBetter(answer.quote, best, swapMode))) best = answer.quote;
  return best;
}

function isBetter(quote: Quote, than: Quote, swapMode: SwapMode): boolean {
  return swapMode === 'exactIn'
    ? quote.route.amountOut > than.route.amountOut
    : quote.route.amountIn < than.route.amountIn;
}

/** The stricter of the user's own limit and the slippage below (above) the first quote. */
function firstLimit({ request }: Order, best: Quote, slippageBps: BasisPoints): BaseUnits {
  if (request.swapMode === 'exactIn') {
    const bySlippage = lowestOutput(best.route.amountOut, slippageBps);
    return request.minAmountOut !== null && request.minAmountOut > bySlippage
      ? request.minAmountOut
      : bySlippage;
  }
  const bySlippage = highestInput(best.route.amountIn, slippageBps);
  return request.maxAmountIn !== null && request.maxAmountIn < bySlippage ? request.maxAmountIn : bySlippage;
}

function brokenLimit(order: Order, { route }: Quote, limitAmount: BaseUnits): Failure | undefined {
  const { tokenIn, tokenOut, swapMode, minAmountOut, maxAmountIn } = order.request;
  if (swapMode === 'exactIn') {
    if (route.amountOut >= limitAmount) return undefined;
    const figures = `Best quote ${show(route.amountOut, tokenOut)}, minimum ${show(limitAmount, tokenOut)}.`;
    return failure(limitAmount === minAmountOut ? 'min_amount_out_not_met' : 'price_moved', figures);
  }
  if (route.amountIn <= limitAmount) return undefined;
  const figures = `Best quote takes ${show(route.amountIn, tokenIn)}, maximum ${show(limitAmount, tokenIn)}.`;
  return failure(limitAmount === maxAmountIn ? 'max_amount_in_exceeded' : 'price_moved', figures);
}

/** tokenOut per tokenIn; a route always takes something in. */
export function priceOf(
  moved: { readonly amountIn: BaseUnits; readonly amountOut: BaseUnits },
  tokenIn: Token,
  tokenOut: Token,
): string {
  const price = formatPrice({ ...moved, decimalsIn: tokenIn.decimals, decimalsOut: tokenOut.decimals });
  if (price === null) throw new Error('a route without input has no price');
  return price;
}

function noOffer(candidates: readonly Candidate[]): Failure {
  const refused = candidates.filter((candidate) => candidate.outcome === 'refused');
  const reasons = new Set(refused.map(({ venue, reason }) => `${venue}: ${reason}`));
  const code = refused.some((candidate) => candidate.code === 'price_impact')
    ? 'price_impact_too_high'
    : 'no_route';
  return failure(code, `No venue offered a quote (${[...reasons].join('; ') || 'no venue is configured'}).`);
}

const show = (amount: BaseUnits, token: Token): string =>
  `${formatAmount(amount, token.decimals)} ${token.symbol}`;
