import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lowestOutput } from './basis-points.ts';
import { limitOfWhole, routeLimits } from './route-limits.ts';

const units = fc.bigInt(1n, 2n ** 64n - 1n);
const routeOf = (amountIn: bigint, amountOut: bigint) => ({ legs: [], amountIn, amountOut });

test('an exact side is its own limit', () => {
  const route = routeOf(100n, 200n);
  expect(routeLimits({ swapMode: 'exactIn', amount: 100n }, route, 190n)).toEqual({
    maxAmountIn: 100n,
    minAmountOut: 190n,
  });
  expect(routeLimits({ swapMode: 'exactOut', amount: 200n }, route, 110n)).toEqual({
    maxAmountIn: 110n,
    minAmountOut: 200n,
  });
});

test("a partial fill takes its route's planned input and requires its share of the output, rounded up", () => {
  const limits = routeLimits({ swapMode: 'partialFill', amount: 1_000n }, routeOf(333n, 700n), 2_000n);
  expect(limits).toEqual({ maxAmountIn: 333n, minAmountOut: 666n });
  expect(routeLimits({ swapMode: 'partialFill', amount: 3n }, routeOf(1n, 9n), 10n).minAmountOut).toBe(4n);
});

test('a limit price above the offer stays above it', () => {
  expect(limitOfWhole(1_000n, routeOf(500n, 700n), 800n)).toBe(1_600n);
});

test("a later part of a partial fill sells at least at the first part's price, to the unit", () => {
  fc.assert(
    fc.property(
      units,
      units,
      units,
      units,
      fc.integer({ min: 0, max: 10_000 }),
      (a, b, c, amountOut, bps) => {
        const amount = a + b + c;
        const lowest = lowestOutput(amountOut, bps);
        const limit = limitOfWhole(amount, routeOf(a, amountOut), lowest);
        // Where no whole number is between the price and the offer itself, the offer is the limit.
        fc.pre(limit < (amountOut * amount) / a || limit * a >= lowest * amount);
        const { minAmountOut } = routeLimits({ swapMode: 'partialFill', amount }, routeOf(b, 1n), limit);
        expect(minAmountOut * a).toBeGreaterThanOrEqual(lowest * b);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('no part of a partial fill sells below the limit, and the part that set the limit meets it', () => {
  fc.assert(
    fc.property(units, units, units, fc.integer({ min: 0, max: 10_000 }), (a, b, amountOut, bps) => {
      const [part, amount] = a < b ? [a, b] : [b, a];
      const route = routeOf(part, amountOut);
      const lowest = lowestOutput(amountOut, bps);
      const limit = limitOfWhole(amount, route, lowest);
      const { maxAmountIn, minAmountOut } = routeLimits({ swapMode: 'partialFill', amount }, route, limit);
      expect(maxAmountIn).toBe(part);
      expect(minAmountOut).toBeGreaterThanOrEqual(lowest);
      expect(minAmountOut).toBeLessThanOrEqual(amountOut);
      expect(minAmountOut * amount).toBeGreaterThanOrEqual(limit * part);
    }),
    { numRuns: 2_000 },
  );
});
