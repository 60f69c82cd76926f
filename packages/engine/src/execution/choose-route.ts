import { type BaseUnits, formatAmount, formatPrice } from '../domain/amount.ts';
import { highestInput, lowestOutput } from '../domain/basis-points.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Order } from '../domain/order.ts';
import type { Quote, QuoteAnswer, SwapMode } from '../domain/quote.ts';
import type { Token } from '../domain/token.ts';

export type RouteChoice =
  | {
      readonly outcome: 'chosen';
      readonly quote: Quote;
      /** Least output (exactIn) or most input (exactOut) that the chain will enforce. */
      readonly limitAmount: BaseUnits;
    }
  | { readonly outcome: 'noRoute'; readonly failure: Failure };

/**
 * Takes the best net price: most output for a fixed input, least input for a fixed output.
 * The first choice fixes the order's limit; a later try may take any route that still meets it, never a worse one.
 */
export function chooseRoute(order: Order, answers: readonly QuoteAnswer[]): RouteChoice {
  const { request } = order;
  const best = bestQuote(answers, request.swapMode);
  if (!best) return { outcome: 'noRoute', failure: failure('no_route', describeRefusals(answers)) };
  const limitAmount = order.limitAmount ?? firstLimit(order, best);
  const broken = brokenLimit(order, best, limitAmount);
  return broken ? { outcome: 'noRoute', failure: broken } : { outcome: 'chosen', quote: best, limitAmount };
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
function firstLimit({ request }: Order, best: Quote): BaseUnits {
  if (request.swapMode === 'exactIn') {
    const bySlippage = lowestOutput(best.route.amountOut, request.slippageBps);
    return request.minAmountOut !== null && request.minAmountOut > bySlippage
      ? request.minAmountOut
      : bySlippage;
  }
  const bySlippage = highestInput(best.route.amountIn, request.slippageBps);
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

function describeRefusals(answers: readonly QuoteAnswer[]): string {
  const reasons = answers.flatMap((answer) =>
    answer.outcome === 'refused' ? [`${answer.venue}: ${answer.reason}`] : [],
  );
  return `No venue offered a quote (${[...new Set(reasons)].join('; ') || 'no venue is configured'}).`;
}

const show = (amount: BaseUnits, token: Token): string =>
  `${formatAmount(amount, token.decimals)} ${token.symbol}`;
