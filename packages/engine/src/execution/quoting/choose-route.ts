import { type BaseUnits, formatPrice, showAmount } from '../../domain/amount.ts';
import type { AutoSlippage } from '../../domain/auto-slippage.ts';
import { type BasisPoints, highestInput, lowestOutput } from '../../domain/basis-points.ts';
import { type Failure, failure } from '../../domain/failure.ts';
import type { Order } from '../../domain/order.ts';
import { priceMove } from '../../domain/price-move.ts';
import type { Candidate, Quote, QuoteAnswer, QuoteRefusalCode, SwapMode } from '../../domain/quote.ts';
import { limitOfWhole, routeLimits } from '../../domain/route-limits.ts';
import type { Token } from '../../domain/token.ts';

/** The output of an order's whole amount at the best current price, without price impact. */
export interface SeenPrice {
  /** When the order was accepted. */
  readonly atFirst: BaseUnits;
  /** The current price for a quote without its own; null if unknown. */
  readonly now: BaseUnits | null;
}

export type RouteChoice =
  | {
      readonly outcome: 'chosen';
      readonly quote: Quote;
      /** Of the order: least output (partialFill: of the whole amount) or most input (exactOut). */
      readonly limitAmount: BaseUnits;
      /** Set by the choice that fixes the limit of an order that leaves its tolerance to the engine. */
      readonly autoSlippage?: AutoSlippage;
    }
  | { readonly outcome: 'noRoute'; readonly failure: Failure };

/**
 * Takes the best net price: most output for an input, least input for a fixed output.
 * The first choice fixes the order's limit; a later try may take any route that still meets it, never a worse one.
 *
 * @param judge.tolerance The engine's tolerance for a quote, used if the order leaves it to the engine.
 * @param judge.seen      The price that the first limit is held to; null: the quote's own.
 */
export function chooseRoute(
  order: Order,
  candidates: readonly Candidate[],
  { tolerance, seen }: { tolerance: (quote: Quote) => AutoSlippage; seen: SeenPrice | null },
): RouteChoice {
  const { request } = order;
  const best = bestQuote(candidates, request.swapMode);
  if (!best) return { outcome: 'noRoute', failure: noOffer(candidates) };
  const isFirst = order.limitAmount === null;
  const autoSlippage = isFirst && request.slippageBps === 'auto' ? tolerance(best) : undefined;
  const slippageBps = (autoSlippage?.bps ?? request.slippageBps) as BasisPoints;
  const limitAmount = order.limitAmount ?? firstLimit(order, best, { slippageBps, seen });
  const broken = brokenLimit(order, best, limitAmount);
  if (broken) return { outcome: 'noRoute', failure: broken };
  return { outcome: 'chosen', quote: best, limitAmount, ...(autoSlippage && { autoSlippage }) };
}

/**
 * Offers of a partial fill differ in size as well as in price: an offer below the order's minimum must not win by its size. If
 * all offers are below it, they stay, and the choice reports the distance of the best one.
 */
export function withinFloor(
  { request, limitAmount }: Order,
  candidates: readonly Candidate[],
): readonly Candidate[] {
  const floor = limitAmount ?? request.minAmountOut;
  if (request.swapMode !== 'partialFill' || floor === null) return candidates;
  const judged = candidates.map((candidate): Candidate => {
    if (candidate.outcome === 'refused') return candidate;
    const { route } = candidate.quote;
    const { minAmountOut } = routeLimits(request, route, floor);
    if (route.amountOut >= minAmountOut) return candidate;
    const figures = `${showAmount(route.amountOut, request.tokenOut)}, at least ${showAmount(minAmountOut, request.tokenOut)}`;
    return refusedOffer(candidate, 'below_floor', `it would bring ${figures} is asked for its part`);
  });
  return judged.some(({ outcome }) => outcome === 'quoted') ? judged : candidates;
}

/** Leaves out offers whose price impact is above the limit of the order or of the engine. */
export function withinImpact(candidates: readonly Candidate[], mostBps: BasisPoints): readonly Candidate[] {
  return candidates.map((candidate): Candidate => {
    if (candidate.outcome === 'refused' || candidate.quote.priceImpactBps <= mostBps) return candidate;
    const { priceImpactBps } = candidate.quote;
    const reason = `it would move the price by ${priceImpactBps} bps, at most ${mostBps} are allowed`;
    return refusedOffer(candidate, 'price_impact', reason);
  });
}

/** Leaves out venues whose offers failed. */
export const withoutVenues = (
  venues: readonly string[],
  candidates: readonly Candidate[],
): readonly Candidate[] =>
  candidates.map((candidate) =>
    candidate.outcome === 'quoted' && venues.includes(candidate.quote.venue)
      ? refusedOffer(candidate, 'left_out', 'an earlier offer of it to this order came to nothing')
      : candidate,
  );

/** An offer that is not taken into the comparison, and why. */
export function refusedOffer(
  { quote, answerMs }: Extract<QuoteAnswer, { outcome: 'quoted' }>,
  code: QuoteRefusalCode,
  reason: string,
): Candidate {
  const pool = quote.route.legs.map((leg) => leg.pool).join('+');
  return { outcome: 'refused', venue: quote.venue, pool, code, reason, answerMs };
}

/** The best offer, the first of equals; undefined if there is none. */
export function bestQuote(answers: readonly QuoteAnswer[], swapMode: SwapMode): Quote | undefined {
  let best: Quote | undefined;
  for (const answer of answers)
    if (answer.outcome === 'quoted' && (!best || isBetter(answer.quote, best, swapMode))) best = answer.quote;
  return best;
}

function isBetter(quote: Quote, than: Quote, swapMode: SwapMode): boolean {
  return swapMode === 'exactOut'
    ? quote.route.amountIn < than.route.amountIn
    : quote.route.amountOut > than.route.amountOut;
}

/**
 * The stricter of the user's own limit and the slippage below (above) the first quote; or below (above) what that quote
 * would be at the price that was seen before, where that is stricter.
 */
function firstLimit(
  { request }: Order,
  quote: Quote,
  { slippageBps, seen }: { slippageBps: BasisPoints; seen: SeenPrice | null },
): BaseUnits {
  const { swapMode, amount, minAmountOut, maxAmountIn } = request;
  const { route } = quote;
  const before = seen && atPriceSeen(request, quote, seen);
  if (swapMode === 'exactOut') {
    const most = before !== null && before < route.amountIn ? before : route.amountIn;
    const bySlippage = highestInput(most, slippageBps);
    return maxAmountIn !== null && maxAmountIn < bySlippage ? maxAmountIn : bySlippage;
  }
  const least = before !== null && before > route.amountOut ? before : route.amountOut;
  const lowest = lowestOutput(least, slippageBps);
  const bySlippage = swapMode === 'exactIn' ? lowest : limitOfWhole(amount, route, lowest);
  return minAmountOut !== null && minAmountOut > bySlippage ? minAmountOut : bySlippage;
}

/**
 * The quote's output (exactOut: input) at the price that was seen before. That price is compared with the quote's own, which is
 * of the same reading as its amounts: another reading may be of another price. Null where the price now is not known.
 */
function atPriceSeen(
  { swapMode, amount }: Order['request'],
  { route, spotAmount }: Quote,
  seen: SeenPrice,
): BaseUnits | null {
  const now = spotAmount ?? seen.now;
  if (now === null || now <= 0n) return null;
  if (swapMode === 'exactOut') return (route.amountIn * seen.atFirst) / now;
  // A partial fill's own price is of the part that it takes.
  const whole = now * amount;
  return (route.amountOut * seen.atFirst * route.amountIn + whole - 1n) / whole;
}

function brokenLimit(order: Order, { route }: Quote, limitAmount: BaseUnits): Failure | undefined {
  const { tokenIn, tokenOut, swapMode, minAmountOut, maxAmountIn } = order.request;
  if (swapMode === 'exactOut') {
    if (route.amountIn <= limitAmount) return undefined;
    const figures = `Best quote takes ${showAmount(route.amountIn, tokenIn)}, maximum ${showAmount(limitAmount, tokenIn)}.`;
    const moved = priceMove(order.request, limitAmount, { offered: route.amountIn, limit: limitAmount });
    return failure(limitAmount === maxAmountIn ? 'max_amount_in_exceeded' : 'price_moved', figures, moved);
  }
  const { minAmountOut: least } = routeLimits(order.request, route, limitAmount);
  if (route.amountOut >= least) return undefined;
  const figures = `Best quote ${showAmount(route.amountOut, tokenOut)}, minimum ${showAmount(least, tokenOut)}.`;
  const moved = priceMove(order.request, limitAmount, { offered: route.amountOut, limit: least });
  return failure(limitAmount === minAmountOut ? 'min_amount_out_not_met' : 'price_moved', figures, moved);
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
