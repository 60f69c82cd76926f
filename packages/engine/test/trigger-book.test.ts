import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OrderId, toOrderId } from '../src/domain/order.ts';
import { type Price, priceKey } from '../src/domain/price.ts';
import type { Condition, RestingOrder } from '../src/domain/resting-table.ts';
import { toEpochMs } from '../src/domain/timestamp.ts';
import { type PairPrices, TriggerBook, type WatermarkDocument } from '../src/domain/trigger-book.ts';
import { NaiveTriggers } from './support/naive-triggers.ts';

const PATHS = Number(process.env.TRIGGER_PATHS ?? 2_000);

const idOf = (number: number): OrderId =>
  toOrderId(`01890000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`);

const percent = (numerator: number): Price => ({ numerator: BigInt(numerator), denominator: 100n });

/** Few prices, so that many are equal: some written with another denominator, some apart by less than a key shows. */
function priceAt(choice: number): Price {
  const { numerator, denominator } = percent(90 + (choice % 21));
  const form = Math.floor(choice / 21) % 8;
  if (form === 0) return { numerator: numerator * 3n, denominator: denominator * 3n };
  if (form > 2) return { numerator, denominator };
  return { numerator: numerator * 2n ** 70n + BigInt(2 * form - 3), denominator: denominator * 2n ** 70n };
}

/** An assertion of the library takes longer than the comparison, and a run makes millions. */
function expectSame(real: unknown, model: unknown): void {
  if (JSON.stringify(real) !== JSON.stringify(model)) expect(real).toEqual(model);
}

/** A step of a path: what happens, and the choices that say how. */
type Step = readonly [what: number, one: number, two: number, three: number];

const CHOICES = 21 * 8 * 5;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(fc.nat(13), fc.nat(CHOICES - 1), fc.nat(CHOICES - 1), fc.nat(CHOICES - 1)),
  { minLength: 1, maxLength: 60, size: 'max' },
);

/** The book and the model side by side. What a store would keep survives a restart, and nothing else. */
class BothBooks {
  book = new TriggerBook();
  readonly model = new NaiveTriggers();
  readonly #kept = new Map<string, WatermarkDocument>();
  readonly #over = new Set<OrderId>();
  /** Given as expired, and not answered for. */
  readonly #expiring = new Set<OrderId>();
  #nowMs = 1_000_000;
  #startedAtMs = this.#nowMs;
  #slot = 100;
  #added = 0;

  run(path: readonly Step[]): void {
    for (const step of path) {
      this.#take(step);
      this.#keep();
      expectSame(this.book.size, this.model.size);
    }
  }

  /** As a store does: the newest document of each pair and source, as long as the pair has orders. */
  #keep(): void {
    for (const kept of this.book.takeChangedWatermarks()) this.#kept.set(kept.pair + kept.source, kept);
    const pairs = this.book.pairs();
    for (const [name, { pair }] of this.#kept) if (!pairs.includes(pair)) this.#kept.delete(name);
  }

  #take([what, one, two, three]: Step): void {
    if (what < 5) this.#tick(one, two, three);
    else if (what < 8) this.#add(one, two, three);
    else if (what === 8) this.#replace(one, two, three);
    else if (what === 9) this.#cancel(one);
    else if (what < 12) this.#answer(one, two);
    else if (what === 12 && three % 4 === 0) this.#standStill(one, two);
    else if (three % 4 === 0) this.#restart();
  }

  /** Longer than a parked order waits, at one high price. */
  #standStill(one: number, two: number): void {
    for (let slots = 0; slots < 26; slots += 1) this.#tick(15 + (one % 6), two, 1);
  }

  /** Time passes, and a pair has new prices, seldom of the same or of an older slot. */
  #tick(one: number, two: number, three: number): void {
    this.#nowMs += (two % 3) * 400;
    const nowMs = toEpochMs(this.#nowMs);
    const expired = this.model.due(nowMs);
    expectSame(this.book.due(nowMs), expired);
    for (const orderId of expired) this.#expiring.add(orderId);
    this.#slot += three % 5 === 0 ? 0 : 1 + (three % 2);
    const prices: PairPrices = {
      slot: BigInt(this.#slot - (three % 11 === 0 ? 1 : 0)),
      atMs: nowMs,
      last: one % 7 === 0 ? null : priceAt(one),
      mid: priceAt(two),
      twap: three % 2 ? null : priceAt(three),
    };
    const pair = three % 4 === 0 ? 'B' : 'A';
    const given = this.model.update(pair, prices);
    expectSame(this.book.update(pair, prices), given);
    expectSame(
      given.filter((orderId) => this.#over.has(orderId)),
      [],
    );
  }

  #add(one: number, two: number, three: number): void {
    this.#added += 1;
    // Ids are not always in the order of arrival.
    const order = this.#order(idOf(this.#added ^ 3), three % 4 ? 'A' : 'B', [one, two, three]);
    this.book.add(order);
    this.model.add(order);
  }

  #order(orderId: OrderId, pair: string, [one, two, three]: readonly number[]): RestingOrder {
    const startAtMs = two! % 5 === 0 ? toEpochMs(this.#nowMs + (1 + (one! % 3)) * 400) : null;
    const learnedLateMs = Math.min(this.#nowMs - this.#startedAtMs, (one! % 3) * 400);
    const sinceMs = startAtMs ?? toEpochMs(this.#nowMs - learnedLateMs);
    const expiresAtMs = three! % 6 === 0 ? toEpochMs(this.#nowMs + (two! % 9) * 400) : null;
    return { orderId, pair, condition: conditionOf([one!, two!, three!], sinceMs), startAtMs, expiresAtMs };
  }

  #replace(one: number, two: number, three: number): void {
    const known = this.model.orders()[one % Math.max(this.model.size, 1)];
    if (!known) return;
    const next = this.#order(known.orderId, known.pair, [one, two, three]);
    const { condition } = known;
    // Mostly an amendment, which keeps the kind of the order and its time; seldom another order under this id, but not while it is out.
    const amended: Condition =
      condition.when === 'trailing'
        ? { ...condition, trailingBps: 1 + (two % 500), slots: 1 + (three % 3) }
        : { ...condition, price: priceAt(two) };
    const isAmendment = three % 4 > 0 || this.model.idsOut().includes(known.orderId);
    const order = isAmendment ? { ...next, condition: amended, startAtMs: known.startAtMs } : next;
    expectSame(this.book.replace(order), true);
    this.model.replace(order);
  }

  #cancel(one: number): void {
    const known = this.model.orders()[one % Math.max(this.model.size, 1)];
    if (known) this.#remove(known.orderId);
  }

  #remove(orderId: OrderId): void {
    this.#over.add(orderId);
    expectSame([this.book.remove(orderId), this.book.has(orderId)], [true, false]);
    this.model.remove(orderId);
  }

  /** The caller answers for one of the orders that it was given. */
  #answer(one: number, two: number): void {
    const out = this.model.idsOut();
    const orderId = out[one % Math.max(out.length, 1)];
    if (!orderId) return;
    this.#expiring.delete(orderId);
    const { condition } = this.model.orders().find((order) => order.orderId === orderId)!;
    const isLimit = condition.when === 'atOrAbove' && condition.slots === 1;
    if (two % 3 === 0) this.#remove(orderId);
    else if (two % 3 === 1 && isLimit) {
      this.book.park(orderId, priceAt(two));
      this.model.park(orderId, priceAt(two));
    } else {
      this.book.putBack(orderId);
      this.model.putBack(orderId);
    }
  }

  /** A new process has what was kept, and the orders. One that expired before it saw a price had no watermark to keep. */
  #restart(): void {
    for (const { orderId } of this.model.orders()) if (this.#expiring.has(orderId)) this.#remove(orderId);
    this.#expiring.clear();
    this.#keep();
    this.book = new TriggerBook();
    this.#nowMs += 400;
    this.#startedAtMs = this.#nowMs;
    for (const kept of this.#kept.values()) this.book.restoreWatermarks(kept);
    for (const order of this.model.orders()) this.book.add(order);
    this.model.restart();
  }
}

function conditionOf(
  [one, two, three]: readonly [number, number, number],
  sinceMs: RestingOrder['startAtMs'],
): Condition {
  const source = (['last', 'mid', 'twap'] as const)[two % 3]!;
  const slots = one % 2 ? 1 : 1 + (three % 3);
  const kind = one % 5;
  if (kind < 2)
    return { when: 'trailing', source, slots, trailingBps: 1 + ((two * 7) % 900), sinceMs: sinceMs! };
  if (kind === 2) return { when: 'atOrBelow', source, slots, price: priceAt(three) };
  return {
    when: 'atOrAbove',
    source: kind === 3 ? 'last' : source,
    slots: kind === 3 ? 1 : slots,
    price: priceAt(three),
  };
}

test(`on ${PATHS} paths the book gives what a plain list of the orders gives, in the same order`, {
  timeout: 20_000 + PATHS * 10,
}, () => {
  fc.assert(
    fc.property(steps, (path) => new BothBooks().run(path)),
    { numRuns: PATHS },
  );
});

describe('the book', () => {
  const atMs = toEpochMs(1_000);
  const limit = (number: number, price: Price, more: Partial<RestingOrder> = {}): RestingOrder => ({
    ...{ orderId: idOf(number), pair: 'A', startAtMs: null, expiresAtMs: null },
    condition: { when: 'atOrAbove', source: 'last', slots: 1, price },
    ...more,
  });
  const pricesAt = (slot: number, last: Price, more: Partial<PairPrices> = {}): PairPrices => ({
    ...{ slot: BigInt(slot), atMs, last, mid: null, twap: null },
    ...more,
  });

  test('gives thousands of orders at once, by price and then by id, and then never again', () => {
    const book = new TriggerBook();
    const orders = Array.from({ length: 3_000 }, (_, number) => limit(number ^ 0x155, percent(number % 7)));
    for (const order of orders) book.add(order);
    for (const { orderId } of orders.slice(0, 1_000)) book.remove(orderId);
    const priceOf = ({ condition }: RestingOrder) =>
      condition.when === 'trailing' ? 0 : Number(condition.price.numerator);
    const expected = orders
      .slice(1_000)
      .sort((one, other) => priceOf(one) - priceOf(other) || (one.orderId < other.orderId ? -1 : 1));
    expect(book.update('A', pricesAt(1, percent(6)))).toEqual(expected.map(({ orderId }) => orderId));
    expect(book.update('A', pricesAt(2, percent(6)))).toEqual([]);
    expect(book.size).toBe(2_000);
    for (const { orderId } of expected) book.remove(orderId);
    expect([book.size, book.pairs()]).toEqual([0, []]);
  });

  test('never gives an order by its price that has expired, and gives it as expired', () => {
    const book = new TriggerBook();
    book.add(limit(1, percent(100), { expiresAtMs: atMs }));
    expect(book.update('A', pricesAt(1, percent(100)))).toEqual([]);
    expect(book.due(atMs)).toEqual([idOf(1)]);
    expect(book.due(atMs)).toEqual([]);
    book.putBack(idOf(1));
    expect(book.due(atMs)).toEqual([idOf(1)]);
  });

  test('asks only so many parked orders again per slot, until all were asked', () => {
    const book = new TriggerBook();
    const count = 150;
    for (let number = 0; number < count; number += 1) book.add(limit(number, percent(100)));
    for (const orderId of book.update('A', pricesAt(1, percent(100)))) book.park(orderId, percent(120));
    const asked: number[] = [];
    for (let slot = 2; slot < 40; slot += 1)
      asked.push(book.update('A', pricesAt(slot, percent(100))).length);
    expect(asked.filter((number) => number > 0)).toEqual([64, 64, 22]);
    expect(asked.indexOf(64)).toBe(24);
  });

  test('gives a parked order at its price, however long a better one was away', () => {
    const book = new TriggerBook();
    book.add(limit(1, percent(100)));
    expect(book.update('A', pricesAt(1, percent(100)))).toEqual([idOf(1)]);
    book.park(idOf(1), percent(120));
    expect(book.update('A', pricesAt(2, percent(119)))).toEqual([]);
    expect(book.update('A', pricesAt(3, percent(120)))).toEqual([idOf(1)]);
  });

  test('fires a trailing order at its exact price, and not at one that only its key takes for the same', () => {
    const book = new TriggerBook();
    const condition = {
      when: 'trailing',
      source: 'last',
      slots: 1,
      trailingBps: 1_000,
      sinceMs: atMs,
    } as const;
    book.add(limit(1, percent(1), { condition }));
    const justAbove = { numerator: 90n * 2n ** 70n + 1n, denominator: 100n * 2n ** 70n };
    expect(priceKey(justAbove)).toBe(priceKey(percent(90)));
    expect(book.update('A', pricesAt(1, percent(100)))).toEqual([]);
    expect(book.update('A', pricesAt(2, justAbove))).toEqual([]);
    expect(book.update('A', pricesAt(3, percent(90)))).toEqual([idOf(1)]);
  });

  test('keeps few watermarks while a price falls for long, and those that orders need', () => {
    const book = new TriggerBook();
    const trailing = (number: number, sinceMs: number): RestingOrder =>
      limit(number, percent(1), {
        condition: {
          ...{ when: 'trailing', source: 'last', slots: 1 },
          trailingBps: 9_000,
          sinceMs: toEpochMs(sinceMs),
        },
      });
    book.add(trailing(1, 0));
    const highest = 100_000;
    for (let slot = 1; slot <= 3_000; slot += 1) {
      const now = toEpochMs(slot * 400);
      expect(book.update('A', pricesAt(slot, percent(highest - slot + 1), { atMs: now }))).toEqual([]);
    }
    book.takeChangedWatermarks();
    book.add(trailing(2, 3_000 * 400));
    const [document] = book.takeChangedWatermarks();
    expect(document?.steps[0]?.price).toEqual(percent(highest));
    expect(document?.steps.length).toBeLessThan(600);
    expect(book.takeChangedWatermarks()).toEqual([]);

    const restarted = new TriggerBook();
    restarted.restoreWatermarks(document!);
    restarted.add(trailing(1, 0));
    for (const one of [book, restarted]) {
      expect(one.update('A', pricesAt(3_001, percent(highest / 10 + 1)))).toEqual([]);
      expect(one.update('A', pricesAt(3_002, percent(highest / 10)))).toEqual([idOf(1)]);
    }
  });

  test('refuses what would break it', () => {
    const book = new TriggerBook();
    book.add(limit(1, percent(100)));
    expect(() => book.add(limit(1, percent(100)))).toThrow('the book has the order already');
    expect(() => book.add(limit(1, percent(100), { orderId: toOrderId('1') }))).toThrow(
      'not the id of an order: 1',
    );
    expect(() => book.replace(limit(1, percent(100), { pair: 'B' }))).toThrow('pair of an order');
    const stop = { when: 'atOrBelow', source: 'last', slots: 1, price: percent(100) } as const;
    book.add(limit(2, percent(100), { condition: stop }));
    expect(book.update('A', pricesAt(1, percent(100)))).toEqual([idOf(1), idOf(2)]);
    expect(() => book.park(idOf(2), percent(100))).toThrow('only a limit is parked');
  });

  test('has no effect of an answer for an order that it did not give', () => {
    const book = new TriggerBook();
    book.add(limit(1, percent(100)));
    book.park(idOf(1), percent(200));
    book.putBack(idOf(2));
    expect([book.remove(idOf(2)), book.replace(limit(2, percent(1)))]).toEqual([false, false]);
    expect(book.update('A', pricesAt(1, percent(100)))).toEqual([idOf(1)]);
  });
});
