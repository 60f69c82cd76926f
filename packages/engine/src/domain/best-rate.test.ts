import type { RaydiumCpmmPool } from '@oee/amm';
import { describe, expect, test } from 'vitest';
import { amountAtRate, bestRate, type RatedPool, type Step, stepsOf } from './best-rate.ts';
import { toMint } from './token.ts';

const step = (from: string, to: string, numerator: bigint, denominator = 1n): Step => ({
  ...{ from: toMint(from), to: toMint(to), rate: { numerator, denominator } },
  size: Number(numerator) / Number(denominator),
});
const rateOf = (steps: readonly Step[], maxHops = 4) =>
  bestRate(steps, { mintIn: toMint('A'), mintOut: toMint('C'), maxHops });

describe('the best rate', () => {
  const steps = [step('A', 'C', 5n), step('A', 'B', 2n), step('B', 'C', 3n), step('B', 'A', 9n)];

  test('is the rate of the path with the largest output, as an exact fraction', () => {
    expect(rateOf(steps)).toEqual({ numerator: 6n, denominator: 1n });
    expect(rateOf([step('A', 'C', 1n, 3n), step('A', 'B', 2n, 7n), step('B', 'C', 3n, 5n)])).toEqual({
      ...{ numerator: 1n, denominator: 3n },
    });
    expect(rateOf([step('A', 'B', 2n, 7n), step('B', 'C', 3n, 5n)])).toEqual({
      ...{ numerator: 6n, denominator: 35n },
    });
  });

  test('is the rate of the best of several pools, in any order', () => {
    expect(rateOf([step('A', 'C', 4n), step('A', 'C', 5n), step('A', 'C', 3n)])?.numerator).toBe(5n);
    expect(rateOf([step('A', 'C', 5n, 2n), step('A', 'C', 10n, 4n)])).toEqual({
      numerator: 5n,
      denominator: 2n,
    });
  });

  test('takes no more hops than allowed, and each hop after the one before', () => {
    expect(rateOf(steps, 1)).toEqual({ numerator: 5n, denominator: 1n });
    const backwards = [step('B', 'C', 3n), step('A', 'B', 2n)];
    expect(rateOf(backwards, 1)).toBeNull();
    expect(rateOf(backwards, 2)).toEqual({ numerator: 6n, denominator: 1n });
    expect(rateOf([step('A', 'B', 2n), step('B', 'C', 3n)], 1)).toBeNull();
  });

  test('never returns to the first token, and is unknown without a path', () => {
    expect(rateOf([step('A', 'B', 2n), step('B', 'A', 2n), step('A', 'C', 1n)])).toEqual({
      ...{ numerator: 1n, denominator: 1n },
    });
    expect(rateOf([step('C', 'A', 1n), step('A', 'B', 1n)])).toBeNull();
    expect(rateOf([step('A', 'C', 0n)])).toBeNull();
    expect(rateOf([])).toBeNull();
  });
});

test('a rate makes of an input the output, rounded down, and of an output the input, rounded up', () => {
  const rate = { numerator: 3n, denominator: 2n };
  expect([0n, 1n, 2n, 3n].map((amount) => amountAtRate(rate, 'exactIn', amount))).toEqual([0n, 1n, 3n, 4n]);
  expect(amountAtRate(rate, 'partialFill', 3n)).toBe(4n);
  expect([0n, 1n, 2n, 3n].map((amount) => amountAtRate(rate, 'exactOut', amount))).toEqual([0n, 1n, 2n, 2n]);
});

describe('the steps of a pool', () => {
  const clock = { slot: 1n, unixTimestamp: 1n };
  const token = (mint: string) => ({ mint: toMint(mint), symbol: mint, decimals: 6, tokenProgram: 't' });
  const poolOf = (
    reserves: RaydiumCpmmPool['reserves'],
    transferFees: RatedPool['transferFees'] = [null, null],
  ): RatedPool => ({
    pool: {
      ...{ kind: 'raydium-cpmm', reserves, tradeFeeRate: 0n, protocolFeeRate: 0n, fundFeeRate: 0n },
      ...{ creatorFeeRate: 0n, creatorFeeOn: 'input' },
      window: { isEnabled: true, opensAt: 0n, pointKind: 'slot' },
    } satisfies RaydiumCpmmPool,
    tokens: [token('A'), token('B')],
    transferFees,
  });
  const fee = (feeBps: number) => ({ feeBps, maximumFee: 2n ** 64n - 1n });
  const sizesOf = (pool: RatedPool) => stepsOf(pool, clock).map(({ from, to, size }) => [from, to, size]);

  test('lead in both directions', () => {
    expect(sizesOf(poolOf([1_000n, 4_000n]))).toEqual([
      ['A', 'B', 4],
      ['B', 'A', 0.25],
    ]);
  });

  test('include the transfer fees of the tokens, in both directions', () => {
    for (const fees of [
      [fee(1_000), null],
      [null, fee(1_000)],
    ] as const) {
      const [there, back] = stepsOf(poolOf([1_000n, 4_000n], fees), clock);
      expect(there?.size).toBeCloseTo(3.6, 12);
      expect(back?.size).toBeCloseTo(0.225, 12);
    }
    const [both] = stepsOf(poolOf([1_000n, 4_000n], [fee(1_000), fee(5_000)]), clock);
    expect(both?.size).toBeCloseTo(1.8, 12);
    expect(both && Number(both.rate.numerator) / Number(both.rate.denominator)).toBeCloseTo(1.8, 12);
  });

  test('are none for an empty pool', () => {
    expect(sizesOf(poolOf([0n, 0n]))).toEqual([]);
  });

  test('do not hide any other error', () => {
    const broken = { ...poolOf([1n, 1n]), pool: null } as unknown as RatedPool;
    expect(() => stepsOf(broken, clock)).toThrow(TypeError);
  });
});
