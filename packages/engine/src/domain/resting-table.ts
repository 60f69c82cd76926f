import type { OrderId } from './order.ts';
import { OrderIdTable } from './order-id-table.ts';
import { PairingHeaps } from './pairing-heaps.ts';
import { comparePrices, type Price } from './price.ts';
import { PriceColumn } from './price-column.ts';
import type { EpochMs } from './timestamp.ts';
import { PRICE_SOURCES, type PriceSource } from './trigger-terms.ts';

/** What a resting order waits for; it must hold in so many slots in a row, 1 to 100. */
export type Condition = { readonly source: PriceSource; readonly slots: number } & (
  | { readonly when: 'atOrAbove' | 'atOrBelow'; readonly price: Price }
  /** The price is so far, 1 to 9,999 bps, below the highest one since a time. */
  | { readonly when: 'trailing'; readonly trailingBps: number; readonly sinceMs: EpochMs }
);

export interface RestingOrder {
  readonly orderId: OrderId;
  /** Names the pair and its direction. */
  readonly pair: string;
  readonly condition: Condition;
  /** The order is not judged before; null: from the beginning. */
  readonly startAtMs: EpochMs | null;
  readonly expiresAtMs: EpochMs | null;
}

/** Where an order is in the book. */
export const STATE = {
  /** Its `startAt` has not come. */
  scheduled: 0,
  /** A trailing order that has seen no price yet. */
  unpriced: 1,
  waiting: 2,
  /** It waits for a price at which an exact quote may suffice. */
  parked: 3,
  /** Its condition holds, for too few slots yet. */
  holding: 4,
  /** It has expired, and `due` has not given it yet. */
  lapsed: 5,
  /** It was given to the caller, who has not answered. */
  out: 6,
  /** The same, and its terms were replaced since. */
  outReplaced: 7,
} as const;

/** Whether an order waits for the price to rise or to fall. */
export const RISING = 0;
export const FALLING = 1;
export type Direction = typeof RISING | typeof FALLING;

const FIRST_CAPACITY = 64;
/** A larger factor would leave more of the memory unused. */
const GROWTH = 1.25;

/** The resting orders, a column for each of their fields, and their order in heaps. */
export class RestingTable {
  readonly ids = new OrderIdTable();
  readonly prices = new PriceColumn();
  state = new Uint8Array(0);
  direction = new Uint8Array(0);
  /** Position in `PRICE_SOURCES`. */
  source = new Uint8Array(0);
  slots = new Uint8Array(0);
  /** Zero for orders that do not trail. */
  trailingBps = new Uint16Array(0);
  /** Whether the order's watermark counts it among those that need it. */
  hasWatermark = new Uint8Array(0);
  /** Whether the order is in the heap by time. */
  isTimed = new Uint8Array(0);
  pair = new Uint32Array(0);
  /** The reading of its pair and source at which a run of slots is complete, or a parked order is asked again. */
  dueReading = new Uint32Array(0);
  /** `priceKey` of the price that the order waits for. */
  key = new Float64Array(0);
  sinceMs = new Float64Array(0);
  /** Zero once it has come. */
  startAtMs = new Float64Array(0);
  /** Infinity: never. */
  expiresAtMs = new Float64Array(0);

  readonly byPrice = new PairingHeaps((one, other) => this.#isBeforeByPrice(one, other));
  readonly byReading = new PairingHeaps((one, other) => this.#isBefore(one, other, this.dueReading));
  readonly byTime = new PairingHeaps((one, other) => {
    const difference = this.timeOf(one) - this.timeOf(other);
    return difference === 0 ? this.ids.isBefore(one, other) : difference < 0;
  });

  add(orderId: OrderId): number {
    if (this.ids.size === this.ids.capacity) this.#grow();
    return this.ids.add(orderId);
  }

  drop(index: number): void {
    this.prices.clear(index);
    this.ids.drop(index);
  }

  setTerms(index: number, { condition, startAtMs, expiresAtMs }: RestingOrder): void {
    const isTrailing = condition.when === 'trailing';
    this.direction[index] = condition.when === 'atOrAbove' ? RISING : FALLING;
    this.source[index] = PRICE_SOURCES.indexOf(condition.source);
    this.slots[index] = condition.slots;
    this.trailingBps[index] = isTrailing ? condition.trailingBps : 0;
    this.sinceMs[index] = isTrailing ? condition.sinceMs : 0;
    if (isTrailing) this.prices.clear(index);
    else this.prices.set(index, condition.price);
    this.startAtMs[index] = startAtMs ?? 0;
    this.expiresAtMs[index] = expiresAtMs ?? Number.POSITIVE_INFINITY;
  }

  hasCondition(index: number, condition: Condition): boolean {
    const isSame =
      this.direction[index] === (condition.when === 'atOrAbove' ? RISING : FALLING) &&
      this.source[index] === PRICE_SOURCES.indexOf(condition.source) &&
      this.slots[index] === condition.slots;
    if (!isSame) return false;
    if (condition.when !== 'trailing')
      return this.trailingBps[index] === 0 && comparePrices(this.prices.get(index), condition.price) === 0;
    return this.trailingBps[index] === condition.trailingBps && this.sinceMs[index] === condition.sinceMs;
  }

  /** When the order starts or, if that comes first, expires. */
  timeOf(index: number): number {
    return Math.min(this.startAtMs[index]! || Number.POSITIVE_INFINITY, this.expiresAtMs[index]!);
  }

  isOut(index: number): boolean {
    return this.state[index]! >= STATE.out;
  }

  /**
   * Below zero if the first order waits for a lower price. The price of a parked order is its key: that is no decision, and the exact
   * limit of the order stays in its column.
   */
  comparePrices(one: number, other: number): number {
    const difference = this.key[one]! - this.key[other]!;
    if (difference < 0 || difference > 0) return difference;
    const isParked = this.state[one] === STATE.parked;
    const isOtherParked = this.state[other] === STATE.parked;
    if (isParked || isOtherParked) return Number(isOtherParked) - Number(isParked);
    return this.prices.compare(one, other);
  }

  /** By the price that the market reaches first, then by id. */
  isFirstReached(one: number, other: number, direction: number): boolean {
    const order = this.comparePrices(one, other);
    if (order === 0) return this.ids.isBefore(one, other);
    return direction === RISING ? order < 0 : order > 0;
  }

  #isBeforeByPrice(one: number, other: number): boolean {
    const state = this.state[one]!;
    if (state === STATE.unpriced) return this.#isBefore(one, other, this.sinceMs);
    const direction = this.direction[one]!;
    // Of those whose condition holds, the first is the one that the market leaves first.
    if (state === STATE.holding)
      return this.isFirstReached(one, other, direction === RISING ? FALLING : RISING);
    if (this.trailingBps[one]! > 0) return this.#isBefore(one, other, this.trailingBps);
    return this.isFirstReached(one, other, direction);
  }

  #isBefore(one: number, other: number, column: ArrayLike<number>): boolean {
    const difference = column[one]! - column[other]!;
    return difference === 0 ? this.ids.isBefore(one, other) : difference < 0;
  }

  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, Math.ceil(this.ids.capacity * GROWTH));
    for (const part of [this.ids, this.prices, this.byPrice, this.byReading, this.byTime])
      part.grow(capacity);
    const columns = this as unknown as Record<string, unknown>;
    for (const [name, column] of Object.entries(columns)) {
      if (ArrayBuffer.isView(column)) columns[name] = grown(column as Column, capacity);
    }
  }
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

function grown<C extends Column>(column: C, capacity: number): C {
  const larger = new (column.constructor as new (length: number) => C)(capacity);
  larger.set(column);
  return larger;
}
