import { autoSlippage } from '../../domain/auto-slippage.ts';
import type { Order } from '../../domain/order.ts';
import type { OrderEventData } from '../../domain/order-event.ts';
import { type Candidate, type Quote, quoteRequestOf } from '../../domain/quote.ts';
import { WAIT_CAUSES } from '../../domain/waiting.ts';
import { msSince } from '../../ports/clock.ts';
import type { Engine } from '../engine.ts';
import { awaitedIn } from '../quoting/awaited-in.ts';
import {
  chooseRoute,
  type RouteChoice,
  type SeenPrice,
  withinFloor,
  withinImpact,
  withoutVenues,
} from '../quoting/choose-route.ts';
import { collectQuotes } from '../quoting/collect-quotes.ts';
import { describeChoice } from '../quoting/describe-choice.ts';
import { failed, type TryEnd, waitsFor } from '../try-end.ts';

export type ChosenRoute = Extract<RouteChoice, { outcome: 'chosen' }>;

/** A route that the order takes. */
export interface MarketAnswer {
  readonly outcome: 'chosen';
  readonly candidates: readonly Candidate[];
  readonly choice: ChosenRoute;
  readonly decision: OrderEventData['order.building'];
}

/** Factor on the quote timeout of a waiting order, so that a slow machine has enough time. */
const PATIENCE = 5;

/** One round of quotes and the choice among them. */
export async function askMarket(engine: Engine, order: Order): Promise<MarketAnswer | TryEnd> {
  if (engine.waitingRoom.isChainAway()) return AWAY;
  const { clock, limits, log } = engine;
  const { orderId, maxPriceImpactBps } = order.request;
  const startedAt = clock.moment();
  const timeoutMs = limits.quoteTimeoutMs * (order.waitingFor === null ? 1 : PATIENCE);
  const ceilingBps = maxPriceImpactBps ?? limits.maxPriceImpactBps;
  const chooseAmong = (answers: readonly Candidate[]) =>
    choose(engine, order, withinFloor(order, withinImpact(answers, ceilingBps)));
  const { candidates, choice } = chooseAmong(
    await collectQuotes(engine, quoteRequestOf(order.request), {
      timeoutMs,
      suffice: (answers) => chooseAmong(answers).choice.outcome === 'chosen',
    }),
  );
  const quotesMs = msSince(clock, startedAt);
  if (choice.outcome === 'noRoute') {
    const awaited = awaitedIn(candidates);
    return awaited ? waitsFor(awaited) : failed(choice.failure);
  }

  const decision = describeChoice(order, candidates, { ...choice, quotesMs });
  log.info({ orderId, ...decision }, 'route chosen');
  return { outcome: 'chosen', candidates, choice, decision };
}

const AWAY = waitsFor({ awaits: 'chain_unavailable', reason: WAIT_CAUSES.chain_unavailable });

/** The best offer of venues without a failed offer; of all venues if no other offers. */
function choose(
  engine: Engine,
  order: Order,
  offers: readonly Candidate[],
): { candidates: readonly Candidate[]; choice: RouteChoice } {
  const others = withoutVenues(order.leftOut, offers);
  const choice = chooseOf(engine, order, others);
  if (order.leftOut.length === 0 || choice.outcome === 'chosen') return { candidates: others, choice };
  return { candidates: offers, choice: chooseOf(engine, order, offers) };
}

/** The order's choice among these offers. */
export function chooseOf(engine: Engine, order: Order, offers: readonly Candidate[]): RouteChoice {
  const tolerance = (quote: Quote) => autoSlippage(quote, engine.market.prices);
  return chooseRoute(order, offers, { tolerance, seen: seenPrice(engine, order) });
}

/** The minimum price of an order without a limit that waited before its first quote. */
function seenPrice({ market }: Engine, { request, limitAmount, waitSinceMs }: Order): SeenPrice | null {
  const { seenAmount, minAmountOut, maxAmountIn } = request;
  if (limitAmount !== null || waitSinceMs === null || seenAmount === null) return null;
  if (minAmountOut !== null || maxAmountIn !== null) return null;
  return { atFirst: seenAmount, now: market.routes.spotAmount(quoteRequestOf(request)) };
}
