import { expect, test } from 'vitest';
import { Curve } from './curve.ts';

const curve = new Curve([
  { a: 2, b: 0.001, length: 1000 },
  { a: 0.4, b: 0, length: 500 },
]);

test('a curve continues where the segment before ends', () => {
  expect(curve.out(1000)).toBe(1000);
  expect(curve.out(1500)).toBe(1200);
  expect(curve.maxIn).toBe(1500);
});

test('at an edge the slope before is the steeper one', () => {
  expect(curve.slopeBefore(1000, true)).toBeCloseTo(0.5, 6);
  expect(curve.slopeAfter(1000, true)).toBe(0.4);
  expect(curve.slopeAfter(1500)).toBe(0);
});

test('the input for an output is its inverse', () => {
  for (const input of [0, 1, 500, 999, 1000, 1200, 1500]) {
    expect(curve.inputFor(curve.out(input))).toBeCloseTo(input, 9);
  }
});

test('a scaled curve is the curve behind transfer fees', () => {
  const scaled = curve.scaled({ keptIn: 0.9, keptOut: 0.8 });
  expect(scaled.out(1000)).toBeCloseTo(0.8 * curve.out(900), 9);
});

test('the surplus at a price is the most that any input gives beyond its cost', () => {
  for (const price of [0.1, 0.4, 0.45, 0.7, 1.3, 1.999, 2, 3]) {
    let most = 0;
    for (let input = 0; input <= 1500; input += 0.01) most = Math.max(most, curve.out(input) - price * input);
    expect(curve.surplusAt(price)).toBeGreaterThanOrEqual(most * (1 - 1e-12));
    expect(curve.surplusAt(price)).toBeCloseTo(most, 3);
  }
});
