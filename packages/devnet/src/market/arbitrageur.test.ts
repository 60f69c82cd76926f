import { describe, expect, test } from 'vitest';
import { findOpportunity } from './arbitrageur.ts';

const fair = { numerator: 2n, denominator: 1n };
const pool = { feeBps: 25 };
const at = (reserve0: bigint, reserve1: bigint) => findOpportunity(pool, { reserve0, reserve1 }, fair);

describe('the arbitrageur', () => {
  test('leaves a pool alone while its gap is within the fee', () => {
    expect(at(1_000_000_000n, 2_000_000_000n)).toBeNull();
    expect(at(1_000_000_000n, 2_004_900_000n)).toBeNull();
    expect(at(1_000_000_000n, 1_995_100_000n)).toBeNull();
  });

  test('sells token 0 where it is dear, and token 1 where token 0 is cheap', () => {
    expect(at(1_000_000_000n, 2_020_000_000n)).toMatchObject({ isZeroForOne: true, gapBps: 100n });
    expect(at(1_000_000_000n, 1_980_000_000n)).toMatchObject({ isZeroForOne: false, gapBps: 100n });
  });

  test('trades to half a fee from the fair price', () => {
    const [reserve0, reserve1] = [1_000_000_000n, 2_020_000_000n];
    const { amountIn } = at(reserve0, reserve1)!;
    const after0 = reserve0 + amountIn;
    const after1 = (reserve0 * reserve1) / after0;
    expect(Number((after1 * 10_000n) / (after0 * 2n))).toBeGreaterThanOrEqual(10_010);
    expect(Number((after1 * 10_000n) / (after0 * 2n))).toBeLessThanOrEqual(10_013);
  });

  test('never puts in more than a fortieth of the reserve', () => {
    expect(at(1_000_000_000n, 4_000_000_000n)!.amountIn).toBe(25_000_000n);
  });
});
