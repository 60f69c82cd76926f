import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { lowerBoundOfInput } from '../../test/markets/bounds.ts';
import { mergeMarkets } from '../../test/markets/merge-markets.ts';
import { toPeerMarket } from '../../test/markets/peers.ts';
import { readMarkets, type ScoreMarket } from '../../test/markets/read-markets.ts';
import { percentile } from '../../test/markets/statistics.ts';
import type { Pool } from '../pool.ts';
import { swapExactIn } from '../pool.ts';
import { type RouteOutcome, type RoutePlan, Router } from './router.ts';

const markets = readMarkets(
  gunzipSync(readFileSync(new URL('../../test/fixtures/markets_60.jsonl.gz', import.meta.url))).toString(),
);
const CLOCK = { slot: 1n, unixTimestamp: 1n };

function planOf(outcome: RouteOutcome): RoutePlan {
  if (outcome.outcome !== 'routed') throw new Error(`no route: ${outcome.reason}`);
  return outcome.plan;
}

function routerOf(market: ScoreMarket): Router {
  return new Router(market.pools, market.clock);
}

describe('60 markets with proven bounds', () => {
  const plans = markets.map((market) => planOf(routerOf(market).routeExactIn(market.amountIn, market)));

  test('no plan is above its bound, half are within 0.01 bp and all within 10 bp', () => {
    const gaps = markets.map(({ upperBound }, index) => {
      expect(Number(plans[index]!.amountOut)).toBeLessThanOrEqual(upperBound);
      return (1 - Number(plans[index]!.amountOut) / upperBound) * 1e4;
    });
    expect(percentile(gaps, 0.5)).toBeLessThan(0.01);
    expect(percentile(gaps, 0.95)).toBeLessThan(1);
    expect(Math.max(...gaps)).toBeLessThan(10);
  });

  test("every leg equals its pool's quote, runs after the leg that feeds it, and the plan leaves no surplus", () => {
    for (const [index, { pools, clock, tokenIn, tokenOut, amountIn }] of markets.entries()) {
      const { legs, amountOut } = plans[index]!;
      const balances = new Map([[tokenIn, amountIn]]);
      const add = (token: string, amount: bigint) =>
        balances.set(token, (balances.get(token) ?? 0n) + amount);
      for (const leg of legs) {
        const { pool, mints } = pools.find(({ id }) => id === leg.poolId)!;
        expect([leg.tokenIn, leg.tokenOut]).toEqual(leg.inputIndex === 0 ? mints : [mints[1], mints[0]]);
        const swap = swapExactIn(pool, { inputIndex: leg.inputIndex, amountIn: leg.amountIn, clock });
        expect(leg.amountOut).toBe(swap.amountOut);
        add(leg.tokenIn, -leg.amountIn);
        expect(balances.get(leg.tokenIn)).toBeGreaterThanOrEqual(0n);
        add(leg.tokenOut, leg.amountOut);
      }
      expect(new Set(legs.map(({ poolId }) => poolId)).size).toBe(legs.length);
      for (const [token, left] of balances) expect(left).toBe(token === tokenOut ? amountOut : 0n);
    }
  });

  test('with four legs nine of ten plans are within 1 bp of the best known', () => {
    const gaps = markets.map((market) => {
      const plan = planOf(
        routerOf(market).routeExactIn(market.amountIn, { ...market, limits: { maxLegs: 4 } }),
      );
      expect(plan.legs.length).toBeLessThanOrEqual(4);
      return (1 - Number(plan.amountOut) / Number(market.bestKnownOutByMaxLegs.get(4))) * 1e4;
    });
    expect(percentile(gaps, 0.9)).toBeLessThan(1);
  });

  test('exact-out plans give at least the output for little more than the least input', () => {
    const gaps = markets.map((market) => {
      const plan = planOf(routerOf(market).routeExactOut(market.bestKnownOut, market));
      expect(plan.amountOut).toBeGreaterThanOrEqual(market.bestKnownOut);
      const bound = lowerBoundOfInput(toPeerMarket(market, true), Number(market.bestKnownOut));
      expect(Number(plan.amountIn)).toBeGreaterThanOrEqual(bound * (1 - 1e-9) - 1);
      return (Number(plan.amountIn) / bound - 1) * 1e4;
    });
    expect(percentile(gaps, 0.5)).toBeLessThan(0.01);
    expect(percentile(gaps, 0.95)).toBeLessThan(1);
  });
});

test('over 500 pools all plans are within 1 bp of the bound, and none is above it', () => {
  const merged = mergeMarkets(markets, 500).filter((_, index) => index % 4 === 0);
  const gaps = merged.map((market) => {
    expect(market.pools.length).toBeGreaterThanOrEqual(500);
    const { amountOut } = planOf(routerOf(market).routeExactIn(market.amountIn, market));
    expect(Number(amountOut)).toBeLessThanOrEqual(market.upperBound);
    return (1 - Number(amountOut) / market.upperBound) * 1e4;
  });
  expect(Math.max(...gaps)).toBeLessThan(1);
});

const cost = { accounts: 10, bytes: 100, computeUnits: 50_000 };
const pool = (reserve0: bigint, reserve1: bigint): Pool => ({
  kind: 'raydium-cpmm',
  reserves: [reserve0, reserve1],
  tradeFeeRate: 2500n,
  protocolFeeRate: 120_000n,
  fundFeeRate: 40_000n,
  creatorFeeRate: 0n,
  creatorFeeOn: 'input',
  window: { isEnabled: true, opensAt: 0n, pointKind: 'timestamp' },
});
const twins = [
  { id: 'one', pool: pool(1_000_000_000n, 2_000_000_000n), mints: ['A', 'B'], cost },
  { id: 'two', pool: pool(1_000_000_000n, 2_000_000_000n), mints: ['A', 'B'], cost },
  { id: 'far', pool: pool(1_000_000_000n, 1_000_000_000n), mints: ['B', 'C'], cost },
] as const;
const aToB = { tokenIn: 'A', tokenOut: 'B' };

test('two equal pools are used in equal parts', () => {
  const { legs } = planOf(new Router(twins, CLOCK).routeExactIn(10_000_000n, aToB));
  expect(legs.map(({ amountIn }) => amountIn)).toEqual([5_000_000n, 5_000_000n]);
});

test.each([
  { limits: { maxLegs: 1 } },
  { limits: { maxAccounts: 19 } },
  { limits: { maxBytes: 150 } },
  { limits: { maxComputeUnits: 60_000 } },
  { costPerLeg: 1_000_000n },
])('%o leaves one leg', (options) => {
  const { legs } = planOf(new Router(twins, CLOCK).routeExactIn(10_000_000n, { ...aToB, ...options }));
  expect(legs).toHaveLength(1);
});

test('a path that exceeds the limits is no route', () => {
  const options = { tokenIn: 'A', tokenOut: 'C', limits: { maxAccounts: 15 } };
  const outcome = new Router(twins, CLOCK).routeExactIn(1_000n, options);
  expect(outcome).toEqual({ outcome: 'noRoute', reason: 'over-limits' });
});

test('unknown tokens and outputs beyond the reserves have no route', () => {
  const router = new Router(twins, CLOCK);
  const toNowhere = router.routeExactIn(1_000n, { tokenIn: 'A', tokenOut: 'D' });
  expect(toNowhere).toEqual({ outcome: 'noRoute', reason: 'unknown-token' });
  expect(router.routeExactOut(5_000_000_000n, aToB)).toEqual({ outcome: 'noRoute', reason: 'no-liquidity' });
});

test('a replaced pool changes the next plan, a removed one is not used again', () => {
  const router = new Router(twins, CLOCK);
  router.set({ ...twins[0], pool: pool(1_000_000_000n, 4_000_000_000n) }, CLOCK);
  expect(planOf(router.routeExactIn(10_000n, aToB)).legs.map(({ poolId }) => poolId)).toEqual(['one']);
  router.remove('one');
  expect(planOf(router.routeExactIn(10_000n, aToB)).legs.map(({ poolId }) => poolId)).toEqual(['two']);
});

test('transfer fees of the mints count in the choice and in the amounts', () => {
  const fee = { feeBps: 100, maximumFee: 1n << 60n };
  const taxed = { ...twins[0], transferFees: [fee, null] as const };
  const { amountOut } = planOf(new Router([taxed], CLOCK).routeExactIn(1_000_000n, aToB));
  const untaxed = planOf(new Router([twins[0]], CLOCK).routeExactIn(990_000n, aToB));
  expect(amountOut).toBe(untaxed.amountOut);
});

test('a pool that is closed at the time of the quote is not used', () => {
  const closed = {
    ...twins[0],
    pool: { ...twins[0].pool, window: { isEnabled: false, opensAt: 0n, pointKind: 'slot' } } as Pool,
  };
  const { legs } = planOf(new Router([closed, twins[1]], CLOCK).routeExactIn(10_000_000n, aToB));
  expect(legs.map(({ poolId }) => poolId)).toEqual(['two']);
});
