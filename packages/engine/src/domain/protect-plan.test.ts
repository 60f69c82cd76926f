import type { RaydiumCpmmPool, RoutePlan } from '@oee/amm';
import { describe, expect, test } from 'vitest';
import type { PoolState } from './pool-state.ts';
import { protectPlan } from './protect-plan.ts';
import { toMint } from './token.ts';

const clock = { slot: 1n, unixTimestamp: 1n };
const token = (mint: string) => ({ mint: toMint(mint), symbol: mint, decimals: 0, tokenProgram: 't' });

/**
 * A pool without fees, large enough that an amount is worth the same on both sides, save one unit of rounding. Its
 * creator takes his share, nothing, of the output: the program refuses a pool that has no fee on the input to share.
 */
function poolOf(address: string, pair: readonly [string, string], reserve = 10n ** 18n): [string, PoolState] {
  const pool: RaydiumCpmmPool = {
    ...{ kind: 'raydium-cpmm', reserves: [reserve, reserve], tradeFeeRate: 0n, protocolFeeRate: 0n },
    ...{ fundFeeRate: 0n, creatorFeeRate: 0n, creatorFeeOn: 'token1' },
    window: { isEnabled: true, opensAt: 0n, pointKind: 'slot' },
  };
  const state = {
    ...{ venue: 'v', address, kind: 'k', pool, transferFees: [null, null], vaults: ['a', 'b'] },
    tokens: [token(pair[0]), token(pair[1])],
    cost: { accounts: 0, bytes: 0, computeUnits: 0 },
  } as PoolState;
  return [address, state];
}

const planOf = (...legs: [poolId: string, tokenIn: string, tokenOut: string, amount: bigint][]): RoutePlan =>
  ({
    legs: legs.map(([poolId, tokenIn, tokenOut, amount]) => ({
      ...{ poolId, inputIndex: 0, tokenIn, tokenOut, amountIn: amount, amountOut: amount },
    })),
  }) as unknown as RoutePlan;

/** A to B by half each: directly, and over M. */
const PLAN = planOf(['ab', 'A', 'B', 500_000n], ['am', 'A', 'M', 500_000n], ['mb', 'M', 'B', 500_000n]);
const POOLS = new Map([poolOf('ab', ['A', 'B']), poolOf('am', ['A', 'M']), poolOf('mb', ['M', 'B'])]);

const protect = (
  swapMode: 'exactIn' | 'exactOut',
  { plan = PLAN, pools = POOLS, amount = 1_000_000n } = {},
) =>
  protectPlan(
    plan,
    { pools, clock },
    {
      ...{ tokenIn: token('A'), tokenOut: token('B'), swapMode, amount },
      hopTolerance: (pool) => (pool === 'am' ? 100 : pool === 'mb' ? 200 : 10_000),
    },
  );
const amountsOf = (route: ReturnType<typeof protect>) =>
  route?.legs.map(({ pool, amountIn, amountOut }) => [pool, amountIn, amountOut]);

describe('a plan', () => {
  test('of an exact input spends only the guaranteed output of earlier legs', () => {
    const route = protect('exactIn');
    expect(amountsOf(route)).toEqual([
      ['ab', 500_000n, 499_999n],
      ['am', 500_000n, 499_999n],
      ['mb', 495_000n, 494_999n],
    ]);
    expect(route).toMatchObject({ amountIn: 1_000_000n, amountOut: 994_998n });
  });

  test('of an exact output delivers the most that later legs may need', () => {
    const route = protect('exactOut');
    expect(amountsOf(route)).toEqual([
      ['ab', 500_001n, 500_000n],
      ['am', 510_002n, 510_001n],
      ['mb', 500_001n, 500_000n],
    ]);
    expect(route).toMatchObject({ amountIn: 1_010_003n, amountOut: 1_000_000n });
  });

  test.each(['exactIn', 'exactOut'] as const)('is absent where a pool is gone or refuses, %s', (swapMode) => {
    for (const address of ['ab', 'am', 'mb']) {
      const left = new Map([...POOLS].filter(([own]) => own !== address));
      expect(protect(swapMode, { pools: left })).toBeNull();
      const dry = new Map([
        ...POOLS,
        poolOf(address, [address[0]!.toUpperCase(), address[1]!.toUpperCase()], 1n),
      ]);
      expect(protect(swapMode, { pools: dry })).toBeNull();
    }
  });

  test('is absent where its output is zero', () => {
    expect(protect('exactIn', { plan: planOf(['am', 'A', 'M', 1_000_000n]) })).toBeNull();
    expect(protect('exactOut', { plan: planOf(['mb', 'M', 'B', 1_000_000n]) })).toBeNull();
  });
});
