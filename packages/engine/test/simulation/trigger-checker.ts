import type { MemoryChain } from '../../src/adapters/memory/chain.ts';
import { movedBy, vaultOf } from '../../src/adapters/memory/pool.ts';
import type { Order, OrderId } from '../../src/domain/order.ts';
import type { OrderEvent, OrderEventData } from '../../src/domain/order-event.ts';
import { isAtOnce } from '../../src/domain/trigger-terms.ts';
import { POOLS } from '../support/world.ts';
import { type MarketRecord, priceAt } from './market-record.ts';
import { exactPrice } from './resting-terms.ts';
import { EPOCH_MS, SLOT_MS } from './simulated-time.ts';
import { hold } from './violation.ts';

/** The market has prices between the numbers of a double. */
const NEARLY = 1e-9;
/** As old as a price may be at which an order fires: twice the time of the slots that the engine allows. */
const MOST_AGE_MS = 2 * 20 * SLOT_MS;
/** A limit that is so much better than asked for certainly fires. */
const MARGIN = 1e-4;

/** I13 of orders that rest, and whether one should have fired: by the pools, not by the engine's book of orders. */
export function createTriggerChecker(world: {
  readonly chain: MemoryChain;
  readonly market: MarketRecord;
  readonly clocksAreRight: boolean;
  readonly nowMs: () => number;
  orders(): readonly { readonly order: Order }[];
}) {
  const { market, clocksAreRight, nowMs } = world;
  const termsSince = new Map<OrderId, number>();
  return { checkNew, holdsNow, marksWritten };

  function marksWritten(name: string, told: unknown, written: unknown): void {
    for (const { order } of world.orders()) {
      const { request, status, resting } = order;
      const [mintIn, mintOut, source = 'last'] = name.split(' ');
      const isOf = request.tokenIn.mint === mintIn && request.tokenOut.mint === mintOut;
      const isTrailing = request.trigger?.trailingBps && (request.trigger.source ?? 'last') === source;
      if (!isOf || !isTrailing || status !== 'open' || resting?.firings !== 0) continue;
      const sinceMs = request.startAtMs ?? request.createdAtMs;
      const [before, after] = [told, written].map((steps) => highestSince(steps, sinceMs));
      const text = () => `order ${request.orderId} trails ${before} no more, but ${after}`;
      hold(before! <= after! * (1 + NEARLY), 'I13', text);
    }
  }

  /** What the last commit added to the log of an order, whose request is as it was then. */
  function checkNew(order: Order, events: readonly OrderEvent[], from: number): void {
    const { orderId } = order.request;
    for (const event of events.slice(from)) {
      if (event.type === 'order.opened' || event.type === 'order.amended') termsSince.set(orderId, nowMs());
      if (event.type === 'order.triggered') checkFiring(order, event);
      if (event.type === 'order.confirmed') checkFloor(order);
    }
  }

  function checkFiring(order: Order, { data, timestamp, sequence }: FiredEvent): void {
    const { request } = order;
    const what = () => `order ${request.orderId} fires at ${sequence} by ${JSON.stringify(data)}`;
    const slot = BigInt(data.slot ?? -1);
    const told = Number(data.price);
    const endMs = market.endOf(slot);
    const isKnown = endMs >= (termsSince.get(request.orderId) ?? 0) - MOST_AGE_MS;
    hold(isKnown, 'I13', () => `${what()}, a price from before its terms`);
    if (clocksAreRight) {
      const ageMs = Date.parse(timestamp) - EPOCH_MS - endMs;
      hold(ageMs <= MOST_AGE_MS, 'I13', () => `${what()}, ${ageMs} ms after that slot`);
      const startMs = Math.max(request.startAtMs ?? 0, order.resting?.pausedUntilMs ?? 0);
      hold(Date.parse(timestamp) >= startMs, 'I13', () => `${what()}, before its start`);
    }
    const isSale = request.tokenIn.symbol === 'SOL';
    const source = data.source ?? 'last';
    const prices = market
      .readings()
      .flatMap((one) =>
        [one, ...one.alone].map((each) => ({ slot: one.slot, price: priceAt(each, isSale, source) })),
      );
    const isNear = (price: number) => Math.abs(price - told) <= told * NEARLY;
    const isReal =
      source === 'twap'
        ? prices.some(({ price }) => price <= told * (1 + NEARLY)) &&
          prices.some(({ price }) => price >= told * (1 - NEARLY))
        : prices.some((one) => one.slot === slot && isNear(one.price));
    hold(isReal, 'I13', () => `${what()}, a price that the market did not have`);
    hold(holdsAt(order, data.by, told), 'I13', () => `${what()}, at which it does not`);
  }

  function holdsAt({ request }: Order, by: OrderEventData['order.triggered']['by'], price: number): boolean {
    const { trigger = {}, startAtMs, createdAtMs } = request;
    if (by === 'startAt') return true;
    if (by === 'trailingBps') {
      const isSale = request.tokenIn.symbol === 'SOL';
      const sinceMs = clocksAreRight ? (startAtMs ?? createdAtMs) - EPOCH_MS - MOST_AGE_MS : 0;
      const seen = market.readings().filter((one, index, all) => (all[index + 1] ?? one).fromMs >= sinceMs);
      const highest = Math.max(...seen.map((one) => priceAt(one, isSale, trigger.source ?? 'last')));
      return price <= highest * (1 - (trigger.trailingBps ?? 0) / 10_000) * (1 + NEARLY);
    }
    const asked = numberOf(request, by);
    return by === 'stopPrice' ? price <= asked * (1 + NEARLY) : price >= asked * (1 - NEARLY);
  }

  /** Of an order that has not fired since the world healed: whether it certainly should, at the prices of now. */
  function holdsNow({ request, resting }: Order): boolean {
    const { trigger, timeInForce, startAtMs = 0 } = request;
    const nowAtMs = EPOCH_MS + nowMs();
    // A pause may have been told by a clock that was far ahead.
    if (!clocksAreRight && ((resting?.pausedUntilMs ?? 0) > 0 || startAtMs > 0)) return false;
    if (startAtMs > nowAtMs || (resting?.pausedUntilMs ?? 0) > nowAtMs || trigger?.trailingBps) return false;
    if (!trigger || isAtOnce(timeInForce)) return true;
    const newest = market.newest();
    const isSale = request.tokenIn.symbol === 'SOL';
    const isStop = trigger.stopPrice !== undefined && !resting?.stopFired;
    if (!isStop && trigger.limitPrice !== undefined)
      return rateOfWhole(world.chain, request) >= numberOf(request, 'limitPrice') * (1 + MARGIN);
    if (trigger.source === 'twap') return false; // It takes a minute to hold.
    const price = priceAt(newest, isSale, trigger.source ?? 'last');
    if (isStop) return price <= numberOf(request, 'stopPrice') * (1 - MARGIN);
    return price >= numberOf(request, 'takeProfitPrice') * (1 + MARGIN);
  }
}

/** Of kept marks, each a time, a numerator and a denominator: the price that an order since then goes by. */
function highestSince(steps: unknown, sinceMs: number): number {
  const step = ((steps ?? []) as [number, string, string][]).find(([atMs]) => atMs >= sinceMs);
  return step ? Number(step[1]) / Number(step[2]) : 0;
}

type FiredEvent = Extract<OrderEvent, { type: 'order.triggered' }>;

/** What landed is at the limit price or better, exactly. */
function checkFloor({ request, fill }: Order): void {
  const { trigger, tokenIn, tokenOut, orderId } = request;
  if (trigger?.limitPrice === undefined || !fill) return;
  const [above, below] = exactPrice(trigger.limitPrice, trigger.priceIn);
  const [unitsIn, unitsOut] = [10n ** BigInt(tokenIn.decimals), 10n ** BigInt(tokenOut.decimals)];
  hold(
    fill.amountOut * below * unitsIn >= fill.amountIn * above * unitsOut,
    'I13',
    () => `order ${orderId} got ${fill.amountOut} for ${fill.amountIn}, its limit is ${trigger.limitPrice}`,
  );
}

function numberOf(
  { trigger = {} }: Order['request'],
  field: 'limitPrice' | 'stopPrice' | 'takeProfitPrice',
): number {
  const [above, below] = exactPrice(trigger[field] ?? '0', trigger.priceIn);
  return Number(above) / Number(below);
}

/** tokenOut per tokenIn of the whole amount, in the better of the pools. */
function rateOfWhole(chain: MemoryChain, { tokenIn, tokenOut, swapMode, amount }: Order['request']): number {
  const rates = POOLS.map((pool) => {
    const [reserveIn, reserveOut] = [tokenIn, tokenOut].map((token) => chain.balanceOf(vaultOf(pool, token)));
    const reserves = { reserveIn: reserveIn!, reserveOut: reserveOut!, feeBps: pool.feeBps };
    const moved = movedBy(reserves, swapMode === 'partialFill' ? 'exactIn' : swapMode, amount);
    return Number(moved.amountOut ?? 0) / Number(moved.amountIn ?? 1);
  });
  return Math.max(...rates) * 10 ** (tokenIn.decimals - tokenOut.decimals);
}
