import { ONE_HUNDRED_PERCENT_BPS } from './basis-points.ts';
import { NONE } from './pairing-heaps.ts';
import { comparePrices, type Price, priceKey } from './price.ts';
import { type RestingTable, STATE } from './resting-table.ts';
import { type EpochMs, toEpochMs } from './timestamp.ts';

/**
 * The highest price that an order has seen which began by a time and after the time of the step before. Steps are in order of time,
 * so their prices fall.
 */
export interface WatermarkStep {
  readonly atMs: EpochMs;
  readonly price: Price;
}

interface Step extends WatermarkStep {
  /** Heap of the orders that wait with this watermark, the smallest distance first. */
  readonly waiting: number;
  /** How many orders need the watermark, also those that hold or are out. */
  readonly members: number;
  /** At which price the first one fires, and its key; below every key where none waits. */
  readonly trigger: Price;
  readonly triggerKey: number;
  /** Which step up to this one fires first. */
  readonly first: number;
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const NO_TRIGGER = { trigger: { numerator: 0n, denominator: 1n }, triggerKey: -1 };

/** A step that no order needs stays so long: the book may learn of an order later than its pair's next price. */
const RECENT_MS = 60_000;
const LEAST_STEPS = 512;

/**
 * Watermarks of the trailing orders of a pair and source. Orders that have seen the same highest price share a step. A new high joins
 * the steps below it into one and touches none of their orders, however many these are.
 */
export class Watermarks {
  readonly #table: RestingTable;
  readonly #steps: Mutable<Step>[] = [];
  /** Heap of the orders that have seen no price, the earliest first. */
  #unpriced = NONE;
  #pruneAt = LEAST_STEPS;
  /** Whether an order has another watermark than when the owner of the book last took the steps. */
  hasChanged = false;

  constructor(table: RestingTable) {
    this.#table = table;
  }

  /** Puts an order among those that wait. */
  place(index: number): void {
    const { state, byPrice, prices } = this.#table;
    const position = this.#find(this.#table.sinceMs[index]!);
    const step = this.#steps[position];
    prices.clear(index);
    if (step) {
      this.#join(step, index);
      this.#settle(position);
      return;
    }
    state[index] = STATE.unpriced;
    this.#unpriced = byPrice.meld(this.#unpriced, index);
  }

  /** Takes an order from those that wait. It needs its watermark still. */
  withdraw(index: number): void {
    const { state, byPrice, sinceMs } = this.#table;
    if (state[index] === STATE.unpriced) {
      this.#unpriced = byPrice.remove(this.#unpriced, index);
      return;
    }
    const position = this.#find(sinceMs[index]!);
    const step = this.#steps[position]!;
    step.waiting = byPrice.remove(step.waiting, index);
    this.#settle(position);
  }

  /** The order, which does not wait, no longer needs its watermark. */
  forget(index: number): void {
    const { hasWatermark, sinceMs } = this.#table;
    if (hasWatermark[index] === 0) return;
    hasWatermark[index] = 0;
    this.#steps[this.#find(sinceMs[index]!)]!.members -= 1;
  }

  /** Counts a price that is newer than all before. */
  rise(price: Price, readAtMs: EpochMs): void {
    const step = this.#push(price, readAtMs);
    const { sinceMs, byPrice } = this.#table;
    while (this.#unpriced !== NONE && sinceMs[this.#unpriced]! <= step.atMs) {
      const index = this.#unpriced;
      this.#unpriced = byPrice.remove(this.#unpriced, index);
      this.#join(step, index);
    }
    if (this.#steps.length > this.#pruneAt) this.#prune(step.atMs);
    this.#settle(this.#steps.length - 1);
  }

  /** Takes the orders that fire at a price from those that wait, and notes for each at which price it fires. */
  takeReached(price: Price, key: number): number[] {
    const { byPrice, state, trailingBps } = this.#table;
    const reached: number[] = [];
    for (;;) {
      const position = this.#steps.at(-1)?.first ?? 0;
      const step = this.#steps[position];
      if (!step || !isReached(step, price, key)) return reached;
      let bps = trailingBps[step.waiting]!;
      while (step.waiting !== NONE) {
        const index = step.waiting;
        if (trailingBps[index] !== bps) {
          bps = trailingBps[index]!;
          aim(step, bps);
          if (!isReached(step, price, key)) break;
        }
        step.waiting = byPrice.remove(step.waiting, index);
        state[index] = STATE.holding;
        this.#table.prices.set(index, step.trigger);
        this.#table.key[index] = step.triggerKey;
        reached.push(index);
      }
      this.#settle(position);
    }
  }

  steps(): readonly WatermarkStep[] {
    return this.#steps.map(({ atMs, price }) => ({ atMs, price }));
  }

  /** Adds what another book knew. The orders that need it join before it becomes old. */
  restore(known: readonly WatermarkStep[]): void {
    const all = [...this.steps(), ...known].sort((one, other) => one.atMs - other.atMs);
    this.#steps.length = 0;
    for (const { atMs, price } of all) this.#push(price, atMs);
    this.#pruneAt = Math.max(LEAST_STEPS, 2 * all.length);
  }

  /** A step for a price, with the orders of all steps that are not above it. */
  #push(price: Price, readAtMs: EpochMs): Mutable<Step> {
    // A clock that was set back must not put the steps out of order.
    const atMs = toEpochMs(Math.max(readAtMs, this.#steps.at(-1)?.atMs ?? 0));
    const step: Mutable<Step> = { atMs, price, waiting: NONE, members: 0, ...NO_TRIGGER, first: 0 };
    for (let last = this.#steps.at(-1); last; last = this.#steps.at(-1)) {
      const order = comparePrices(last.price, price);
      if (order > 0) break;
      if (order < 0 && last.members > 0) this.hasChanged = true;
      this.#steps.pop();
      step.waiting = this.#table.byPrice.meld(step.waiting, last.waiting);
      step.members += last.members;
    }
    step.first = this.#steps.at(-1)?.first ?? 0;
    this.#steps.push(step);
    return step;
  }

  #join(step: Mutable<Step>, index: number): void {
    const { state, byPrice, hasWatermark } = this.#table;
    if (hasWatermark[index] === 0) {
      hasWatermark[index] = 1;
      step.members += 1;
      this.hasChanged = true;
    }
    state[index] = STATE.waiting;
    step.waiting = byPrice.meld(step.waiting, index);
  }

  /** The position of the step that orders share which began at a time; behind all where no price was read since. */
  #find(sinceMs: number): number {
    let [low, high] = [0, this.#steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#steps[middle]!.atMs < sinceMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** After the orders of a step changed: at which price it fires, and which step up to each later one fires first. */
  #settle(changed: number): void {
    const step = this.#steps[changed]!;
    if (step.waiting === NONE) Object.assign(step, NO_TRIGGER);
    else aim(step, this.#table.trailingBps[step.waiting]!);
    for (let position = changed; position < this.#steps.length; position += 1) {
      const first = this.#firstUpTo(position);
      const isSame = this.#steps[position]!.first === first;
      this.#steps[position]!.first = first;
      if (isSame && first !== changed) return;
    }
  }

  #firstUpTo(position: number): number {
    const before = this.#steps[position - 1];
    if (!before) return position;
    const first = this.#steps[before.first]!;
    const step = this.#steps[position]!;
    const difference = first.triggerKey - step.triggerKey || comparePrices(first.trigger, step.trigger);
    return difference >= 0 ? before.first : position;
  }

  #prune(nowMs: number): void {
    const kept = this.#steps.filter(({ members, atMs }) => members > 0 || atMs >= nowMs - RECENT_MS);
    this.#steps.length = 0;
    for (const step of kept) {
      this.#steps.push(step);
      step.first = this.#firstUpTo(this.#steps.length - 1);
    }
    this.#pruneAt = Math.max(LEAST_STEPS, 2 * kept.length);
  }
}

/** Sets at which price a step fires whose smallest distance is `trailingBps`. */
function aim(step: Mutable<Step>, trailingBps: number): void {
  const whole = BigInt(ONE_HUNDRED_PERCENT_BPS);
  step.trigger = {
    numerator: step.price.numerator * (whole - BigInt(trailingBps)),
    denominator: step.price.denominator * whole,
  };
  step.triggerKey = priceKey(step.trigger);
}

const isReached = ({ trigger, triggerKey }: Step, price: Price, key: number): boolean =>
  triggerKey > key || (triggerKey === key && comparePrices(trigger, price) >= 0);
