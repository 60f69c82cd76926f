import { type BaseUnits, formatAmount } from '../../domain/amount.ts';
import { ONE_HUNDRED_PERCENT_BPS } from '../../domain/basis-points.ts';
import type { Order } from '../../domain/order.ts';
import type { LegRecord, LimitRecord, OrderEventData, QuoteRecord } from '../../domain/order-event.ts';
import type { Candidate, Leg, Quote, QuoteRequest, SwapMode } from '../../domain/quote.ts';
import { routeLimits } from '../../domain/route-limits.ts';
import { priceOf, type RouteChoice } from './choose-route.ts';

/** The decision as the building event records it: every candidate, with its distance or its reason. */
export function describeChoice(
  { request }: Order,
  candidates: readonly Candidate[],
  choice: Extract<RouteChoice, { outcome: 'chosen' }> & { readonly quotesMs: number },
): OrderEventData['order.building'] {
  const { tokenIn, tokenOut } = request;
  const { route } = choice.quote;
  return {
    quotes: candidates.map((candidate) => describeCandidate(candidate, choice.quote, request)),
    route: {
      amountIn: formatAmount(route.amountIn, tokenIn.decimals),
      amountOut: formatAmount(route.amountOut, tokenOut.decimals),
      legs: route.legs.map(describeLeg),
    },
    ...limitRecord(request, choice),
    ...(choice.autoSlippage && { autoSlippage: choice.autoSlippage }),
    quotedPrice: priceOf(route, tokenIn, tokenOut),
    quotesMs: choice.quotesMs,
  };
}

/** The limit that a choice would fix for the order. */
export const describeLimit = (
  { request }: Order,
  choice: Extract<RouteChoice, { outcome: 'chosen' }>,
): { readonly limit: LimitRecord } => ({ limit: limitRecord(request, choice) });

function limitRecord(
  request: QuoteRequest,
  { quote, limitAmount }: Extract<RouteChoice, { outcome: 'chosen' }>,
): LimitRecord {
  const { tokenIn, tokenOut, swapMode } = request;
  const { maxAmountIn, minAmountOut } = routeLimits(request, quote.route, limitAmount);
  return {
    ...(swapMode !== 'exactOut' && { minAmountOut: formatAmount(minAmountOut, tokenOut.decimals) }),
    ...(swapMode !== 'exactIn' && { maxAmountIn: formatAmount(maxAmountIn, tokenIn.decimals) }),
    ...(swapMode === 'partialFill' && { wholeMinAmountOut: formatAmount(limitAmount, tokenOut.decimals) }),
  };
}

/** One candidate in wire form, compared with the best. */
export function describeCandidate(candidate: Candidate, best: Quote, request: QuoteRequest): QuoteRecord {
  if (candidate.outcome === 'refused') {
    const { venue, pool, code, reason, answerMs } = candidate;
    return { venue, pool, outcome: 'unavailable', code, reason, answerMs };
  }
  const { quote, slotsBehind, ageMs, answerMs } = candidate;
  const { tokenIn, tokenOut, swapMode } = request;
  const chosen = quote === best;
  const behind = behindBps(quote, best, swapMode);
  const spotToken = swapMode === 'exactOut' ? tokenIn : tokenOut;
  return {
    venue: quote.venue,
    pool: quote.route.legs.map((leg) => leg.pool).join('+'),
    outcome: chosen ? 'chosen' : 'lost',
    amountIn: formatAmount(quote.route.amountIn, tokenIn.decimals),
    amountOut: formatAmount(quote.route.amountOut, tokenOut.decimals),
    spotAmount: formatAmount(spotAmountOf(quote, swapMode), spotToken.decimals),
    priceImpactBps: quote.priceImpactBps,
    behindBestBps: behind,
    legs: quote.route.legs.map(describeLeg),
    reason: chosen ? 'best net price' : reasonOf(behind),
    slot: quote.slot.toString(),
    slotsBehind,
    ageMs,
    answerMs,
  };
}

/** For venues that do not report it: computed from the venue's amounts and price impact. */
function spotAmountOf({ spotAmount, route, priceImpactBps }: Quote, swapMode: SwapMode): BaseUnits {
  if (spotAmount !== undefined) return spotAmount;
  const whole = BigInt(ONE_HUNDRED_PERCENT_BPS);
  const kept = whole - BigInt(Math.min(priceImpactBps, ONE_HUNDRED_PERCENT_BPS - 1));
  return swapMode === 'exactOut' ? (route.amountIn * kept) / whole : (route.amountOut * whole) / kept;
}

/** Rounded to two decimals, so an offer can be behind by slightly less. */
const reasonOf = (behindBps: string): string =>
  behindBps === '0' ? 'less than 0.01 bps behind the best' : `${behindBps} bps behind the best`;

/** How much worse a quote is than the best one, in bps with two decimals. */
function behindBps(quote: Quote, best: Quote, swapMode: SwapMode): string {
  const [worse, better] =
    swapMode === 'exactOut'
      ? [quote.route.amountIn - best.route.amountIn, best.route.amountIn]
      : [best.route.amountOut - quote.route.amountOut, best.route.amountOut];
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
