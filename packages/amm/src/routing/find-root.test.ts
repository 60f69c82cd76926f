import { expect, test } from 'vitest';
import { findRoot } from './find-root.ts';

function rootOf(valueAt: (x: number) => number, high: number) {
  let calls = 0;
  const counted = (x: number) => {
    calls += 1;
    return valueAt(x);
  };
  return { ...findRoot(counted, [0, high], [valueAt(0), valueAt(high)]), calls: () => calls };
}

test('finds the root of a line at once', () => {
  const { below, calls } = rootOf((x) => 2 * x - 3, 10);
  expect(below).toBe(1.5);
  expect(calls()).toBe(1);
});

test('converges on a jump of any height, and on an end of the allowed range', () => {
  for (const above of [1e-6, 1, 1e9, Number.POSITIVE_INFINITY]) {
    const jump = rootOf((x) => (x <= Math.PI ? -1e-6 : above), 1_000);
    expect(jump.below).toBeLessThanOrEqual(Math.PI);
    expect(jump.above).toBeGreaterThan(Math.PI);
    expect(jump.above - jump.below).toBeLessThan(1e-4);
    expect(jump.calls()).toBeLessThanOrEqual(64);
  }
});
