import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limitLegs } from './leg-limits.ts';
import type { Leg, Route } from './quote.ts';
import { toMint } from './token.ts';

const token = (mint: string) => ({ mint: toMint(mint), symbol: mint, decimals: 6, tokenProgram: 'tokens' });

function leg(from: string, to: string, amountIn: bigint, amountOut: bigint): Leg {
  return {
    venue: 'v',
    pool: `${from}-${to}`,
    poolKind: 'k',
    tokenIn: token(from),
    tokenOut: token(to),
    amountIn,
    amountOut,
    fee: 0n,
    feeToken: token(from),
    vaultIn: 'i',
    vaultOut: 'o',
  };
}

const routeOf = (...legs: Leg[]): Route => ({ legs, amountIn: 0n, amountOut: 0n });
const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

test('a single leg carries the limit of the route', () => {
  const route = routeOf(leg('A', 'B', 10n, 100n));
  expect(limitLegs(route, 'exactIn', 90n)).toMatchObject([{ amountIn: 10n, amountOut: 90n }]);
  expect(limitLegs(route, 'exactOut', 12n)).toMatchObject([{ amountIn: 12n, amountOut: 100n }]);
});

test('a leg must deliver at least what the next leg spends', () => {
  const route = routeOf(leg('A', 'M', 10n, 50n), leg('A', 'M', 30n, 151n), leg('M', 'B', 199n, 7n));
  const limited = limitLegs(route, 'exactIn', 6n);
  expect(limited.map(({ amountOut }) => amountOut)).toEqual([49n, 150n, 6n]);
});

test('a leg may spend at most what the leg before it delivers', () => {
  const route = routeOf(leg('A', 'M', 10n, 200n), leg('M', 'B', 60n, 3n), leg('M', 'B', 120n, 6n));
  const limited = limitLegs(route, 'exactOut', 11n);
  expect(limited.map(({ amountIn }) => amountIn)).toEqual([11n, 66n, 134n]);
});

const amounts = fc.array(fc.bigInt(1n, 2n ** 60n), { minLength: 1, maxLength: 8 });

test('least outputs add up to the limit, and no leg must deliver more than its quote', () => {
  fc.assert(
    fc.property(amounts, fc.integer({ min: 0, max: 10_000 }), (outputs, bps) => {
      const route = routeOf(...outputs.map((amountOut) => leg('A', 'B', 1n, amountOut)));
      const limit = (sum(outputs) * BigInt(10_000 - bps)) / 10_000n;
      const least = limitLegs(route, 'exactIn', limit).map(({ amountOut }) => amountOut);
      expect(sum(least)).toBe(limit);
      for (const [index, amount] of least.entries()) expect(amount).toBeLessThanOrEqual(outputs[index]!);
    }),
    { numRuns: 2_000 },
  );
});

test('most inputs add up to the limit, and every leg may take at least its quote', () => {
  fc.assert(
    fc.property(amounts, fc.integer({ min: 0, max: 10_000 }), (inputs, bps) => {
      const route = routeOf(...inputs.map((amountIn) => leg('A', 'B', amountIn, 1n)));
      const limit = (sum(inputs) * BigInt(10_000 + bps) + 9_999n) / 10_000n;
      const most = limitLegs(route, 'exactOut', limit).map(({ amountIn }) => amountIn);
      expect(sum(most)).toBe(limit);
      for (const [index, amount] of most.entries()) expect(amount).toBeGreaterThanOrEqual(inputs[index]!);
    }),
    { numRuns: 2_000 },
  );
});
