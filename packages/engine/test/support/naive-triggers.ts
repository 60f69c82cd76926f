import type { OrderId } from '../../src/domain/order.ts';
import { comparePrices, type Price, priceKey } from '../../src/domain/price.ts';
import type { RestingOrder } from '../../src/domain/resting-table.ts';
import type { PairPrices } from '../../src/domain/trigger-book.ts';
import { PRICE_SOURCES, type PriceSource } from '../../src/domain/trigger-terms.ts';

const PARKED_READINGS = 25;
const MOST_ASKED_AGAIN = 64;

interface Resting {
  order: RestingOrder;
  state: 'scheduled' | 'rests' | 'lapsed' | 'out' | 'outReplaced';
  /** The reading at which the run of slots began that holds now. */
  heldFrom: number | null;
  parked: { readonly key: number; readonly askAt: number } | null;
}

interface Market {
  slot: bigint;
  readonly readings: Record<PriceSource, number>;
  readonly newestKey: Record<PriceSource, number>;
  readonly history: Record<PriceSource, { atMs: number; price: Price }[]>;
}

/** The trigger book as its document says, without any index: every order is evaluated at every price. */
export class NaiveTriggers {
  readonly #orders = new Map<OrderId, Resting>();
  readonly #markets = new Map<string, Market>();

  get size(): number {
    return this.#orders.size;
  }

  idsOut(): OrderId[] {
    return [...this.#orders].filter(([, { state }]) => isOut(state)).map(([orderId]) => orderId);
  }

  orders(): RestingOrder[] {
    return [...this.#orders.values()].map(({ order }) => order);
  }

  add(order: RestingOrder): void {
    this.#orders.set(order.orderId, { order, ...begin(order) });
    if (!this.#markets.has(order.pair)) this.#markets.set(order.pair, newMarket());
  }

  replace(order: RestingOrder): void {
    const resting = this.#orders.get(order.orderId)!;
    const state = isOut(resting.state) ? 'outReplaced' : begin(order).state;
    this.#orders.set(order.orderId, { order, ...begin(order), state });
  }

  remove(orderId: OrderId): void {
    const pair = this.#orders.get(orderId)?.order.pair;
    this.#orders.delete(orderId);
    if (pair !== undefined && !this.orders().some((order) => order.pair === pair)) this.#markets.delete(pair);
  }

  park(orderId: OrderId, price: Price): void {
    const resting = this.#orders.get(orderId);
    if (!resting || !isOut(resting.state)) return;
    const isReplaced = resting.state === 'outReplaced';
    this.putBack(orderId);
    if (isReplaced) return;
    const { pair, condition } = resting.order;
    const market = this.#markets.get(pair)!;
    const above = market.newestKey[condition.source] * (1 + 2 ** -52);
    const askAt = market.readings[condition.source] + PARKED_READINGS;
    resting.parked = { key: Math.max(priceKey(price), above), askAt };
  }

  putBack(orderId: OrderId): void {
    const resting = this.#orders.get(orderId);
    if (!resting || !isOut(resting.state)) return;
    resting.state = resting.state === 'outReplaced' ? begin(resting.order).state : 'rests';
  }

  due(nowMs: number): OrderId[] {
    const all = [...this.#orders.values()];
    for (const resting of all) {
      if (resting.state === 'scheduled' && resting.order.startAtMs! <= nowMs) resting.state = 'rests';
    }
    const expired = all.filter(
      ({ order, state }) => !isOut(state) && (order.expiresAtMs ?? Infinity) <= nowMs,
    );
    for (const resting of expired) Object.assign(resting, { state: 'out', heldFrom: null, parked: null });
    return expired
      .map(({ order }) => order)
      .sort((one, other) => one.expiresAtMs! - other.expiresAtMs! || (one.orderId < other.orderId ? -1 : 1))
      .map(({ orderId }) => orderId);
  }

  update(pair: string, prices: PairPrices): OrderId[] {
    const market = this.#markets.get(pair);
    if (!market || prices.slot < market.slot) return [];
    const isNewSlot = prices.slot > market.slot;
    market.slot = prices.slot;
    return PRICE_SOURCES.flatMap((source) => {
      const price = prices[source];
      if (!price) return [];
      market.newestKey[source] = priceKey(price);
      market.history[source].push({ atMs: prices.atMs, price });
      if (isNewSlot) market.readings[source] += 1;
      const resting = [...this.#orders.values()].filter(
        ({ order, state }) => order.pair === pair && order.condition.source === source && state === 'rests',
      );
      if (isNewSlot) this.#askAgain(resting, market.readings[source]);
      const given = resting
        .filter((one) => this.#completes(one, price, market))
        .map((one) => ({ ...one, at: this.#triggerOf(one.order, market) as Price }));
      for (const { order } of given) {
        const isOver = (order.expiresAtMs ?? Infinity) <= prices.atMs;
        const state = isOver ? 'lapsed' : 'out';
        Object.assign(this.#orders.get(order.orderId)!, { state, heldFrom: null, parked: null });
      }
      return given
        .filter(({ order }) => (order.expiresAtMs ?? Infinity) > prices.atMs)
        .sort(inOrderOfFiring)
        .map(({ order }) => order.orderId);
    });
  }

  /** All that is kept: the orders and, for the watermarks, the prices that were read. */
  restart(): void {
    for (const resting of this.#orders.values()) Object.assign(resting, begin(resting.order));
    for (const [pair, { history }] of this.#markets) this.#markets.set(pair, { ...newMarket(), history });
  }

  #askAgain(resting: readonly Resting[], reading: number): void {
    const late = resting.filter(({ parked }) => parked && parked.askAt <= reading);
    late.sort((one, other) => {
      const difference = one.parked!.askAt - other.parked!.askAt;
      return difference || (one.order.orderId < other.order.orderId ? -1 : 1);
    });
    for (const one of late.slice(0, MOST_ASKED_AGAIN)) one.parked = null;
  }

  #completes(resting: Resting, price: Price, market: Market): boolean {
    const { order, parked } = resting;
    const { source, slots } = order.condition;
    const trigger = this.#triggerOf(order, market);
    const isHeld = parked
      ? parked.key <= priceKey(price)
      : trigger !== null &&
        (order.condition.when === 'atOrAbove'
          ? comparePrices(price, trigger) >= 0
          : comparePrices(price, trigger) <= 0);
    if (!isHeld) resting.heldFrom = null;
    else resting.heldFrom ??= market.readings[source];
    return resting.heldFrom !== null && market.readings[source] - resting.heldFrom + 1 >= slots;
  }

  #triggerOf({ condition }: RestingOrder, market: Market): Price | null {
    if (condition.when !== 'trailing') return condition.price;
    let highest: Price | null = null;
    for (const { atMs, price } of market.history[condition.source]) {
      if (atMs >= condition.sinceMs && (!highest || comparePrices(price, highest) > 0)) highest = price;
    }
    return (
      highest && {
        numerator: highest.numerator * BigInt(10_000 - condition.trailingBps),
        denominator: highest.denominator * 10_000n,
      }
    );
  }
}

const isOut = (state: Resting['state']): boolean => state === 'out' || state === 'outReplaced';

const begin = ({ startAtMs }: RestingOrder): Omit<Resting, 'order'> => ({
  state: startAtMs === null ? 'rests' : 'scheduled',
  heldFrom: null,
  parked: null,
});

const newMarket = (): Market => ({
  slot: -1n,
  readings: { last: 0, mid: 0, twap: 0 },
  newestKey: { last: 0, mid: 0, twap: 0 },
  history: { last: [], mid: [], twap: [] },
});

type Given = Resting & { readonly at: Price };

/** Those that waited for a rise first, then by the price that is reached first, then by id. The price of a parked one is its key. */
function inOrderOfFiring(one: Given, other: Given): number {
  const isRising = one.order.condition.when === 'atOrAbove';
  if (isRising !== (other.order.condition.when === 'atOrAbove')) return isRising ? -1 : 1;
  const keyOf = ({ parked, at }: Given) => parked?.key ?? priceKey(at);
  const byPrice =
    keyOf(one) - keyOf(other) ||
    Number(!one.parked) - Number(!other.parked) ||
    (one.parked ? 0 : comparePrices(one.at, other.at));
  return (isRising ? byPrice : -byPrice) || (one.order.orderId < other.order.orderId ? -1 : 1);
}
