import type { AccountId, Order, OrderId } from '../../domain/order.ts';
import { RESTING_CHANGES } from '../../domain/order-event.ts';
import { comparePrices, type Price, showPrice } from '../../domain/price.ts';
import { quoteRequestOf, type Route } from '../../domain/quote.ts';
import { routeLimits } from '../../domain/route-limits.ts';
import type { EpochMs } from '../../domain/timestamp.ts';
import type { PriceMarks } from '../../ports/price-marks.ts';
import type { Engine } from '../engine.ts';
import { isTooOld, type PairPrice, pairPrice } from '../market/pair-price.ts';
import { isOverdue } from '../waiting/expire-order.ts';
import { createWakeSignal } from '../waiting/wake-signal.ts';
import { type Cause, expireResting, fireOrder, fireStop, mayFire } from './fire-order.ts';
import { createKeptOrders, type KeptOrders, type WatchedPair } from './kept-orders.ts';
import { ownOffers } from './own-offers.ts';
import { writeWatermarks } from './price-watermarks.ts';
import { awaitedBy, restingOrder } from './resting-order.ts';
import type { Shares } from './shares.ts';

export interface TriggerParts {
  /** Whose orders. */
  readonly accountId: AccountId;
  readonly shares: Shares;
  readonly marks: PriceMarks;
}

/** How often the log is asked for orders that other processes opened, amended or canceled. Those of this process are heard of at once. */
const LOOK_MS = 250;
/** The same where no other process can open one: only for orders whose commit was not acknowledged. */
const ALONE_LOOK_MS = 5_000;
/** Orders that are judged or fired at once. */
const GROUP = 64;

/**
 * Watches the prices for all orders that rest, and fires those whose condition holds. Orders wait in a book in memory, in no queue; the
 * store is asked for all of them once, at the start, and for what changes since. Every process has the whole book and follows every price, so
 * that it can take over at once; it fires the orders of those pairs that are its share. Runs until the signal aborts.
 */
export async function fireTriggers(engine: Engine, parts: TriggerParts, signal: AbortSignal): Promise<void> {
  const { clock, log, market } = engine;
  const wake = createWakeSignal(clock, signal);
  const kept = createKeptOrders(engine, parts);
  const stopHearing = engine.bus.subscribeToAccount(parts.accountId, ({ events }) => {
    if (events.some(({ type }) => IS_RESTING_CHANGE[type])) wake.wake();
  });
  let stopListening: (() => void) | undefined;
  try {
    while (!signal.aborted) {
      try {
        await look(engine, parts, kept);
      } catch (error) {
        log.warn({ error }, 'resting orders not looked at, retrying');
      }
      // Pools are read for pairs with orders only.
      if (kept.book.size === 0) {
        stopListening?.();
        stopListening = undefined;
      } else stopListening ??= market.onChange(wake.wake);
      await wake.wait(parts.shares.isAlone && kept.book.size === 0 ? ALONE_LOOK_MS : LOOK_MS);
    }
  } finally {
    stopListening?.();
    stopHearing();
  }
}

const IS_RESTING_CHANGE: Readonly<Record<string, true>> = Object.fromEntries(
  RESTING_CHANGES.map((type) => [type, true]),
);

/** One look at what changed, at the time, and at the price of every pair. */
async function look(engine: Engine, { shares, marks }: TriggerParts, kept: KeptOrders): Promise<void> {
  const { book } = kept;
  await kept.refresh();
  await each(engine, kept, book.due(engine.clock.now()), (orderId) => expire(engine, kept, orderId));
  for (const [name, pair] of kept.pairs()) {
    const price = readPrice(engine, pair);
    if (!price) continue;
    const held = book.update(name, { ...price, last: price.sell });
    if (shares.isMine(name)) await each(engine, kept, held, (orderId) => act(engine, kept, orderId, price));
    else for (const orderId of held) book.putBack(orderId);
  }
  for (const document of kept.unwrittenWatermarks()) {
    if (!shares.isMine(document.pair)) continue; // Another process writes them, and this one if it takes over.
    await writeWatermarks(marks, document);
    kept.noteWritten(document);
  }
}

/** Answers for orders that the book gave. One that cannot be answered for holds up no other, and is put back. */
async function each(
  { log }: Engine,
  { book }: KeptOrders,
  given: readonly OrderId[],
  step: (orderId: OrderId) => Promise<void>,
): Promise<void> {
  const answer = async (orderId: OrderId): Promise<void> => {
    try {
      await step(orderId);
    } catch (error) {
      log.warn({ orderId, error }, 'resting order not answered for, retrying');
    } finally {
      book.putBack(orderId); // Without effect where the order was answered for.
    }
  };
  for (let from = 0; from < given.length; from += GROUP)
    await Promise.all(given.slice(from, from + GROUP).map(answer));
}

interface KnownPrice extends PairPrice {
  readonly sell: Price;
  readonly twap: Price | null;
  readonly atMs: EpochMs;
}

/** Null where the price is not known, is old, or lacks the pools of a venue: a stop would fire at a price that was never there. */
function readPrice(engine: Engine, { tokens, twap }: WatchedPair): KnownPrice | null {
  const price = pairPrice(engine, tokens);
  if (!price?.sell || isTooOld(engine, price) || !engine.market.isWhole()) return null;
  const atMs = engine.clock.now();
  return { ...price, sell: price.sell, twap: price.mid && twap.note(price.mid, atMs), atMs };
}

async function expire(engine: Engine, kept: KeptOrders, orderId: OrderId): Promise<void> {
  const order = await engine.orders.get(orderId);
  if (order && mayFire(order) && isOverdue(engine, order)) await expireResting(engine, order);
  await kept.reread(orderId);
}

/** One order whose condition holds, as far as the book can tell. It fires, or is parked. */
async function act(engine: Engine, kept: KeptOrders, orderId: OrderId, price: KnownPrice): Promise<void> {
  const { book } = kept;
  const order = await engine.orders.get(orderId);
  if (!order || !mayFire(order)) return void book.remove(orderId);
  const resting = restingOrder(order);
  // Amended, or paused, since it was judged.
  if (!book.waitsFor(resting) || (resting.startAtMs ?? 0) > engine.clock.now()) return kept.keep(order);
  if (isOverdue(engine, order)) return await expireResting(engine, order);
  const by = awaitedBy(order);
  const cause = causeOf(order, by, price);
  if (by === 'limitPrice') {
    const needed = await neededPrice(engine, order, price.sell);
    if (needed !== null) return book.park(orderId, needed);
  }
  if (isTooOld(engine, price)) return; // The process stood still since.
  if (by === 'stopPrice' && order.request.trigger?.limitPrice !== undefined) {
    const waiting = await fireStop(engine, order, cause);
    return waiting ? kept.keep(waiting) : await kept.reread(orderId);
  }
  if (await fireOrder(engine, order, cause)) book.remove(orderId);
  else await kept.reread(orderId);
}

function causeOf({ request }: Order, by: Cause['by'], price: KnownPrice): Cause {
  const { source = 'last' } = by === 'limitPrice' ? {} : (request.trigger ?? {}); // A limit has no source.
  const looked = { last: price.sell, mid: price.mid, twap: price.twap }[source] ?? price.sell;
  const told = { price: showPrice(looked, request, 'tokenOut'), slot: price.slot.toString() };
  if (by === 'startAt') return { by, ...told };
  return { by, ...told, ...(by !== 'limitPrice' && { source }) };
}

/**
 * Null if the pools give the order its limit for its size now. Otherwise the price of an infinitely small swap at which they may: the
 * price now, raised by the part that the nearest offer is short of the limit. Pools without an offer are asked again soon.
 */
async function neededPrice(engine: Engine, { request }: Order, last: Price): Promise<Price | null> {
  const raised = (part: Price): Price => ({
    numerator: last.numerator * part.numerator,
    denominator: last.denominator * part.denominator,
  });
  // Each offer by itself: of a partial fill the largest part need not be at the best price.
  const short = (await ownOffers(engine, quoteRequestOf(request))).map(({ route }) =>
    shortOf(request, route),
  );
  const [nearest = SOON] = short.sort(comparePrices);
  return comparePrices(nearest, WHOLE) <= 0 ? null : raised(nearest);
}

const WHOLE: Price = { numerator: 1n, denominator: 1n };
const SOON: Price = { numerator: 101n, denominator: 100n };

/** What the limit asks for over what a route gives: the limit is met up to one. */
function shortOf(request: Order['request'], route: Route): Price {
  const { swapMode, minAmountOut, maxAmountIn } = request;
  if (swapMode === 'exactOut')
    return maxAmountIn === null ? WHOLE : { numerator: route.amountIn, denominator: maxAmountIn };
  if (minAmountOut === null) return WHOLE;
  return { numerator: routeLimits(request, route, minAmountOut).minAmountOut, denominator: route.amountOut };
}
