import { expect, test } from 'vitest';
import { comparePrices, type Price } from './price.ts';
import { Twap } from './twap.ts';

const of = (price: number): Price => ({ numerator: BigInt(price), denominator: 1n });
/** The mean after the last of these readings. */
function meanOf(...readings: readonly (readonly [atMs: number, price: number])[]): Price {
  const twap = new Twap();
  let mean = of(0);
  for (const [atMs, price] of readings) mean = twap.note(of(price), atMs);
  return mean;
}
const isEqual = (one: Price, other: Price) => comparePrices(one, other) === 0;

test('the mean of one reading is its price', () => {
  expect(isEqual(meanOf([5, 150]), of(150))).toBe(true);
});

test('each reading counts for the time until the next one', () => {
  expect(isEqual(meanOf([0, 100], [30_000, 200], [40_000, 999]), of(125))).toBe(true);
});

test('what lies before the last minute does not count, and a reading that reaches into it does in part', () => {
  expect(isEqual(meanOf([0, 1_000], [10_000, 100], [40_000, 400], [100_000, 7]), of(400))).toBe(true);
  expect(isEqual(meanOf([0, 100], [70_000, 400], [90_000, 7]), of(200))).toBe(true);
});

test('a clock that is set back adds no time', () => {
  expect(isEqual(meanOf([0, 100], [30_000, 200], [10_000, 300], [40_000, 1]), of(150))).toBe(true);
});

test('a long history has the mean that its readings give one by one', () => {
  const twap = new Twap();
  const readings = Array.from({ length: 3_000 }, (_, index) => ({
    atMs: index * 97,
    price: 1_000 + ((index * 7_919) % 500),
  }));
  for (const [index, { atMs, price }] of readings.entries()) {
    const mean = twap.note(of(price), atMs);
    if (index === 0 || index % 250 !== 0) continue;
    let sum = 0;
    for (const [at, one] of readings.slice(0, index).entries()) {
      const from = Math.max(one.atMs, atMs - 60_000);
      sum += one.price * Math.max(0, readings[at + 1]!.atMs - from);
    }
    const span = Math.min(60_000, atMs);
    expect(isEqual(mean, { numerator: BigInt(sum), denominator: BigInt(span) })).toBe(true);
  }
});
