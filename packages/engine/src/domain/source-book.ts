import { NONE } from './pairing-heaps.ts';
import { comparePrices, type Price, priceKey } from './price.ts';
import { type Direction, FALLING, type RestingTable, RISING, STATE } from './resting-table.ts';
import type { EpochMs } from './timestamp.ts';
import { Watermarks } from './watermarks.ts';

/** After so many readings, about ten seconds, a parked order is asked again at any price that its limit allows. */
const PARKED_READINGS = 25;
/** How many parked orders are asked again per reading for that reason. */
const MOST_ASKED_AGAIN = 64;

/** A price of a pair, and when it was read. */
export interface Reading {
  readonly price: Price;
  readonly atMs: EpochMs;
  /** False for another reading of the slot of the last one. */
  readonly isNewSlot: boolean;
}

/** The orders of a pair that look at one source of prices. */
export class SourceBook {
  readonly watermarks: Watermarks;
  readonly #table: RestingTable;
  /** Heaps by direction. */
  readonly #waiting: [number, number] = [NONE, NONE];
  readonly #holding: [number, number] = [NONE, NONE];
  /** Heaps by reading: of the orders whose condition holds, and of the parked ones. */
  #completing = NONE;
  #parked = NONE;
  /** Slots that had a reading. */
  #readings = 0;
  #newest: Price = { numerator: 0n, denominator: 1n };
  #newestKey = 0;

  constructor(table: RestingTable) {
    this.#table = table;
    this.watermarks = new Watermarks(table);
  }

  /** Puts an order among those that wait. */
  place(index: number): void {
    const { state, key, prices, trailingBps } = this.#table;
    if (trailingBps[index]! > 0) {
      this.watermarks.place(index);
      return;
    }
    state[index] = STATE.waiting;
    key[index] = priceKey(prices.get(index));
    this.#addWaiting(index);
  }

  /** Puts a limit among those that wait, with a price at which its exact quote may suffice. */
  park(index: number, price: Price): void {
    const { key, state, slots, direction, dueReading, byReading } = this.#table;
    if (direction[index] !== RISING || slots[index] !== 1) throw new Error('only a limit is parked');
    // A price that is reached already would have the order asked at every reading: now any higher one will do.
    const above = this.#newestKey * (1 + Number.EPSILON);
    key[index] = Math.max(priceKey(price), above);
    state[index] = STATE.parked;
    this.#addWaiting(index);
    dueReading[index] = this.#readings + PARKED_READINGS;
    this.#parked = byReading.meld(this.#parked, index);
  }

  /** Takes an order out of every heap of this book. */
  withdraw(index: number): void {
    const { state, trailingBps } = this.#table;
    if (state[index] === STATE.holding) this.#stopHolding(index);
    else if (state[index] === STATE.parked) this.#unpark(index);
    else if (state[index] !== STATE.waiting && state[index] !== STATE.unpriced) return;
    else if (trailingBps[index]! > 0) this.watermarks.withdraw(index);
    else this.#removeWaiting(index);
  }

  /** Counts a reading. Returns the orders whose condition holds at it for long enough: the rising ones first. */
  read({ price, atMs, isNewSlot }: Reading): number[] {
    const { slots, dueReading } = this.#table;
    this.#newest = price;
    this.#newestKey = priceKey(price);
    if (isNewSlot) this.#readings += 1;
    this.#endBrokenRuns();
    if (isNewSlot) this.#askAgain();
    this.watermarks.rise(price, atMs);
    const given: number[] = [];
    for (const index of this.#takeReached()) {
      if (slots[index] === 1) given.push(index);
      else this.#hold(index);
    }
    while (this.#completing !== NONE && dueReading[this.#completing]! <= this.#readings) {
      const index = this.#completing;
      this.#stopHolding(index);
      given.push(index);
    }
    return given.sort((one, other) => this.#inOrderOfFiring(one, other));
  }

  #inOrderOfFiring(one: number, other: number): number {
    const [direction, otherDirection] = [this.#directionOf(one), this.#directionOf(other)];
    if (direction !== otherDirection) return direction - otherDirection;
    return this.#table.isFirstReached(one, other, direction) ? -1 : 1;
  }

  /** Takes the orders whose condition holds from those that wait. A parked one keeps its state, by which it is sorted. */
  #takeReached(): number[] {
    const { state } = this.#table;
    const reached: number[] = [];
    for (const direction of [RISING, FALLING] as const) {
      while (this.#waiting[direction] !== NONE && this.#holds(this.#waiting[direction])) {
        const index = this.#waiting[direction];
        if (state[index] === STATE.parked) this.#unpark(index);
        else this.#removeWaiting(index);
        reached.push(index);
      }
    }
    return reached.concat(this.watermarks.takeReached(this.#newest, this.#newestKey));
  }

  #endBrokenRuns(): void {
    for (const direction of [RISING, FALLING] as const) {
      while (this.#holding[direction] !== NONE && !this.#holds(this.#holding[direction])) {
        const index = this.#holding[direction];
        this.#stopHolding(index);
        this.place(index);
      }
    }
  }

  /** Parked orders that have waited for long wait for their limit again: liquidity may have come without a better price. */
  #askAgain(): void {
    const { dueReading } = this.#table;
    for (let asked = 0; asked < MOST_ASKED_AGAIN; asked += 1) {
      const index = this.#parked;
      if (index === NONE || dueReading[index]! > this.#readings) return;
      this.#unpark(index);
      this.place(index);
    }
  }

  /** Whether the newest price is one that the order waits for. */
  #holds(index: number): boolean {
    const { key, state, prices, direction } = this.#table;
    const isRising = direction[index] === RISING;
    if (key[index] !== this.#newestKey) return key[index]! < this.#newestKey === isRising;
    if (state[index] === STATE.parked) return true;
    const order = comparePrices(prices.get(index), this.#newest);
    return order === 0 || order < 0 === isRising;
  }

  #hold(index: number): void {
    const { state, slots, dueReading, byPrice, byReading } = this.#table;
    const direction = this.#directionOf(index);
    state[index] = STATE.holding;
    this.#holding[direction] = byPrice.meld(this.#holding[direction], index);
    dueReading[index] = this.#readings + slots[index]! - 1;
    this.#completing = byReading.meld(this.#completing, index);
  }

  #stopHolding(index: number): void {
    const { byPrice, byReading } = this.#table;
    const direction = this.#directionOf(index);
    this.#holding[direction] = byPrice.remove(this.#holding[direction], index);
    this.#completing = byReading.remove(this.#completing, index);
  }

  #unpark(index: number): void {
    this.#removeWaiting(index);
    this.#parked = this.#table.byReading.remove(this.#parked, index);
  }

  #addWaiting(index: number): void {
    const direction = this.#directionOf(index);
    this.#waiting[direction] = this.#table.byPrice.meld(this.#waiting[direction], index);
  }

  #removeWaiting(index: number): void {
    const direction = this.#directionOf(index);
    this.#waiting[direction] = this.#table.byPrice.remove(this.#waiting[direction], index);
  }

  #directionOf(index: number): Direction {
    return this.#table.direction[index] === RISING ? RISING : FALLING;
  }
}
