import { type BaseUnits, formatAmount, formatPrice } from '../domain/amount.ts';
import { highestInput, lowestOutput } from '../domain/basis-points.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Order } from '../domain/order.ts';
import type { LegRecord, OrderEventData, QuoteRecord } from '../domain/order-event.ts';
import type { Leg, Quote, QuoteAnswer, SwapMode } from '../domain/quote.ts';
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

/** What the building event keeps of the decision: every candidate, with its distance or its reason. */
export function describeChoice(
  order: Order,
  answers: readonly QuoteAnswer[],
  choice: { readonly quote: Quote; readonly limitAmount: BaseUnits; readonly quotesMs: number },
): OrderEventData['order.building'] {
  const { tokenIn, tokenOut, swapMode } = order.request;
  const { route } = choice.quote;
  const limit =
    swapMode === 'exactIn'
      ? { minAmountOut: formatAmount(choice.limitAmount, tokenOut.decimals) }
      : { maxAmountIn: formatAmount(choice.limitAmount, tokenIn.decimals) };
  return {
    quotes: answers.map((answer) => describeAnswer(answer, choice.quote, swapMode)),
    route: {
      amountIn: formatAmount(route.amountIn, tokenIn.decimals),
      amountOut: formatAmount(route.amountOut, tokenOut.decimals),
      legs: route.legs.map(describeLeg),
    },
    ...limit,
    quotedPrice: priceOf(route, tokenIn, tokenOut),
    quotesMs: choice.quotesMs,
  };
}

/** One candidate in wire form, compared with the best. */
export function describeAnswer(answer: QuoteAnswer, best: Quote, swapMode: SwapMode): QuoteRecord {
  if (answer.outcome === 'refused') {
    const { venue, pool, code, reason, answerMs } = answer;
    return { venue, pool, outcome: 'unavailable', code, reason, answerMs };
  }
  const { quote } = answer;
  const first = quote.route.legs[0] as Leg;
  const last = quote.route.legs.at(-1) as Leg;
  const chosen = quote === best;
  const behind = behindBps(quote, best, swapMode);
  return {
    venue: quote.venue,
    pool: quote.route.legs.map((leg) => leg.pool).join('+'),
    outcome: chosen ? 'chosen' : 'lost',
    amountIn: formatAmount(quote.route.amountIn, first.tokenIn.decimals),
    amountOut: formatAmount(quote.route.amountOut, last.tokenOut.decimals),
    priceImpactBps: quote.priceImpactBps,
    behindBestBps: behind,
    reason: chosen ? 'best net price' : `${behind} bps behind the best`,
    slot: quote.slot.toString(),
    answerMs: answer.answerMs,
  };
}

/** How much worse a quote is than the best one, in bps with two decimals. */
function behindBps(quote: Quote, best: Quote, swapMode: SwapMode): string {
  const [worse, better] =
    swapMode === 'exactIn'
      ? [best.route.amountOut - quote.route.amountOut, best.route.amountOut]
      : [quote.route.amountIn - best.route.amountIn, best.route.amountIn];
  return formatAmount((worse * 1_000_000n) / better, 2);
}

function describeLeg(leg: Leg): LegRecord {
  return {
    venue: leg.venue,
    pool: leg.pool,
    poolKind: leg.poolKind,
    tokenIn: leg.tokenIn.symbol,
    tokenOut: leg.tokenOut.symbol,
    amountIn: formatAmount(leg.amountIn, leg.tokenIn.decimals),
    amountOut: formatAmount(leg.amountOut, leg.tokenOut.decimals),
    fee: leg.fee === null ? null : formatAmount(leg.fee, leg.feeToken.decimals),
    feeToken: leg.feeToken.symbol,
  };
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
