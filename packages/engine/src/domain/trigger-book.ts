import type { OrderId } from './order.ts';
import { NONE } from './pairing-heaps.ts';
import type { Price } from './price.ts';
import { type RestingOrder, RestingTable, STATE } from './resting-table.ts';
import { SourceBook } from './source-book.ts';
import type { EpochMs } from './timestamp.ts';
import { PRICE_SOURCES, type PriceSource } from './trigger-terms.ts';
import type { WatermarkStep } from './watermarks.ts';

/** The prices of a pair at a slot; null where a source has no reading, which ends no run of slots and extends none. */
export type PairPrices = { readonly [S in PriceSource]: Price | null } & {
  readonly slot: bigint;
  readonly atMs: EpochMs;
};

/** Watermarks as a document that a store keeps. */
export interface WatermarkDocument {
  readonly pair: string;
  readonly source: PriceSource;
  readonly steps: readonly WatermarkStep[];
}

/** The orders of a pair, and its newest slot. */
interface PairBook {
  readonly pair: string;
  readonly number: number;
  readonly sources: readonly SourceBook[];
  size: number;
  slot: bigint;
}

/**
 * The resting orders of a process, and which of them the market or the time reaches.
 *
 * `update` and `due` give orders to the caller. Such an order stays out of every later answer until the caller removes it (it fired,
 * expired, or is another process's), parks it or puts it back. One answer gives orders by source (`last`, `mid`, `twap`), of one source
 * those that waited for a rise before those that waited for a fall, then by the price that the market reaches first, then by id.
 *
 * A run of slots is not kept across a restart, an amendment or an answer: it begins anew. A pair without orders is forgotten.
 */
export class TriggerBook {
  readonly #table = new RestingTable();
  readonly #pairs = new Map<string, PairBook>();
  readonly #pairOf: (PairBook | undefined)[] = [];
  /** Heap of the orders that start or expire. */
  #timed = NONE;

  get size(): number {
    return this.#table.ids.size;
  }

  has(orderId: OrderId): boolean {
    return this.#table.ids.find(orderId) !== NONE;
  }

  hasPair(pair: string): boolean {
    return this.#pairs.has(pair);
  }

  /** The pairs that need prices. */
  pairs(): readonly string[] {
    return [...this.#pairs.keys()];
  }

  /** Adds an order. It is judged from the pair's next update on, once its `startAt` has come. */
  add(order: RestingOrder): void {
    if (this.has(order.orderId)) throw new Error(`the book has the order already: ${order.orderId}`);
    const index = this.#table.add(order.orderId);
    const pair = this.#pairNamed(order.pair);
    pair.size += 1;
    this.#table.pair[index] = pair.number;
    this.#table.hasWatermark[index] = 0;
    this.#table.isTimed[index] = 0;
    this.#table.setTerms(index, order);
    this.#enter(index);
  }

  /** Gives an order other terms. One that is out stays out, and has them once the caller answers. False: the book does not have it. */
  replace(order: RestingOrder): boolean {
    const table = this.#table;
    const index = table.ids.find(order.orderId);
    if (index === NONE) return false;
    if (this.#pairOf[table.pair[index]!]!.pair !== order.pair)
      throw new Error('the pair of an order does not change');
    const isOut = table.isOut(index);
    this.#leave(index);
    if (!keepsWatermark(table, index, order)) this.#sourceBook(index).watermarks.forget(index);
    table.setTerms(index, order);
    if (isOut) table.state[index] = STATE.outReplaced;
    else this.#enter(index);
    return true;
  }

  /** Whether the book has an order with this condition, so that what it was given for holds for it. */
  waitsFor({ orderId, condition }: RestingOrder): boolean {
    const index = this.#table.ids.find(orderId);
    return index !== NONE && this.#table.hasCondition(index, condition);
  }

  /** Removes an order, wherever it is. False: the book does not have it. */
  remove(orderId: OrderId): boolean {
    const index = this.#table.ids.find(orderId);
    if (index === NONE) return false;
    this.#leave(index);
    this.#sourceBook(index).watermarks.forget(index);
    const pair = this.#pairOf[this.#table.pair[index]!]!;
    this.#table.drop(index);
    pair.size -= 1;
    if (pair.size === 0) {
      this.#pairs.delete(pair.pair);
      this.#pairOf[pair.number] = undefined;
    }
    return true;
  }

  /**
   * The orders of a pair whose condition holds now, in order of firing: a limit whose limit the price of an infinitely small swap
   * reaches, any other order that fires. Prices of an older slot are ignored, those of the same slot count for the same slot. An order
   * that has expired is not given.
   */
  update(pairName: string, prices: PairPrices): readonly OrderId[] {
    const pair = this.#pairs.get(pairName);
    if (!pair || prices.slot < pair.slot) return [];
    const isNewSlot = prices.slot > pair.slot;
    pair.slot = prices.slot;
    const { atMs } = prices;
    const { state, expiresAtMs, ids } = this.#table;
    const given: OrderId[] = [];
    for (const [source, name] of PRICE_SOURCES.entries()) {
      const price = prices[name];
      if (!price) continue;
      for (const index of pair.sources[source]!.read({ price, atMs, isNewSlot })) {
        const isOver = expiresAtMs[index]! <= atMs;
        state[index] = isOver ? STATE.lapsed : STATE.out;
        if (!isOver) given.push(ids.idOf(index));
      }
    }
    return given;
  }

  /** Begins to judge the orders whose `startAt` has come. Returns those that have expired, the earliest first. */
  due(nowMs: EpochMs): readonly OrderId[] {
    const table = this.#table;
    const { startAtMs, expiresAtMs } = table;
    const expired: OrderId[] = [];
    while (this.#timed !== NONE && table.timeOf(this.#timed) <= nowMs) {
      const index = this.#timed;
      this.#leaveTime(index);
      if (startAtMs[index] !== 0 && startAtMs[index]! < expiresAtMs[index]!) {
        startAtMs[index] = 0;
        this.#enter(index);
      } else if (!table.isOut(index)) {
        this.#leave(index);
        table.state[index] = STATE.out;
        expired.push(table.ids.idOf(index));
      }
    }
    return expired;
  }

  /**
   * Answers for a limit that was given and cannot be executed for its size yet: `update` gives it again at a price of the pair, and
   * after a number of slots at any price that its limit allows.
   *
   * @param price The price of an infinitely small swap at which the order's size may meet its limit.
   */
  park(orderId: OrderId, price: Price): void {
    this.#answer(orderId, (index) => this.#sourceBook(index).park(index, price));
  }

  /** Answers for an order that was given and rests on. It is judged anew from the pair's next update on. */
  putBack(orderId: OrderId): void {
    this.#answer(orderId, (index) => this.#sourceBook(index).place(index));
  }

  /** The watermarks of the pairs and sources in which an order's watermark changed since the last call. */
  takeChangedWatermarks(): readonly WatermarkDocument[] {
    const changed: WatermarkDocument[] = [];
    for (const { pair, sources } of this.#pairs.values()) {
      for (const [source, { watermarks }] of sources.entries()) {
        if (!watermarks.hasChanged) continue;
        watermarks.hasChanged = false;
        changed.push({ pair, source: PRICE_SOURCES[source]!, steps: watermarks.steps() });
      }
    }
    return changed;
  }

  /** Takes over watermarks that were kept, before the orders that need them are added. */
  restoreWatermarks({ pair, source, steps }: WatermarkDocument): void {
    this.#pairNamed(pair).sources[PRICE_SOURCES.indexOf(source)]!.watermarks.restore(steps);
  }

  /** Answers for an order that is out; any other has been removed or was answered for, so the answer has no effect. */
  #answer(orderId: OrderId, rest: (index: number) => void): void {
    const index = this.#table.ids.find(orderId);
    if (index === NONE || !this.#table.isOut(index)) return;
    // What the caller found out holds for the former terms.
    if (this.#table.state[index] === STATE.outReplaced) this.#enter(index);
    else {
      this.#enterTime(index);
      rest(index);
    }
  }

  #enter(index: number): void {
    this.#enterTime(index);
    if (this.#table.startAtMs[index] === 0) this.#sourceBook(index).place(index);
    else this.#table.state[index] = STATE.scheduled;
  }

  #leave(index: number): void {
    this.#leaveTime(index);
    this.#sourceBook(index).withdraw(index);
  }

  #enterTime(index: number): void {
    const { isTimed, byTime } = this.#table;
    if (isTimed[index] === 1 || this.#table.timeOf(index) === Number.POSITIVE_INFINITY) return;
    isTimed[index] = 1;
    this.#timed = byTime.meld(this.#timed, index);
  }

  #leaveTime(index: number): void {
    const { isTimed, byTime } = this.#table;
    if (isTimed[index] === 0) return;
    isTimed[index] = 0;
    this.#timed = byTime.remove(this.#timed, index);
  }

  #sourceBook(index: number): SourceBook {
    const { pair, source } = this.#table;
    return this.#pairOf[pair[index]!]!.sources[source[index]!]!;
  }

  #pairNamed(pair: string): PairBook {
    const known = this.#pairs.get(pair);
    if (known) return known;
    const free = this.#pairOf.indexOf(undefined);
    const number = free === -1 ? this.#pairOf.length : free;
    const sources = PRICE_SOURCES.map(() => new SourceBook(this.#table));
    const book: PairBook = { pair, number, sources, size: 0, slot: -1n };
    this.#pairs.set(pair, book);
    this.#pairOf[number] = book;
    return book;
  }
}

/** Whether an order trails the same highest price after an amendment. */
const keepsWatermark = (table: RestingTable, index: number, { condition }: RestingOrder): boolean =>
  condition.when === 'trailing' &&
  condition.sinceMs === table.sinceMs[index] &&
  condition.source === PRICE_SOURCES[table.source[index]!];
