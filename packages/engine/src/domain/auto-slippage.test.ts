import type { RaydiumCpmmPool } from '@oee/amm';
import { describe, expect, test } from 'vitest';
import { autoSlippage, hopTolerance } from './auto-slippage.ts';
import type { MarketState } from './pool-state.ts';
import { PriceHistory } from './price-history.ts';
import type { Leg, Quote } from './quote.ts';
import { toMint } from './token.ts';

const token = (mint: string) => ({ mint: toMint(mint), symbol: mint, decimals: 6, tokenProgram: 'tokens' });

/** A pool without fees whose price is `price`. */
function market(slot: number, price: number): MarketState {
  const pool: RaydiumCpmmPool = {
    kind: 'raydium-cpmm',
    reserves: [1_000_000_000_000n, BigInt(Math.round(price * 1e12))],
    tradeFeeRate: 0n,
    protocolFeeRate: 0n,
    fundFeeRate: 0n,
    creatorFeeRate: 0n,
    creatorFeeOn: 'input',
    window: { isEnabled: true, opensAt: 0n, pointKind: 'slot' },
  };
  return {
    slot: BigInt(slot),
    clock: { slot: BigInt(slot), unixTimestamp: 0n },
    pools: [
      {
        ...{ venue: 'v', address: 'pool', kind: 'k', pool, transferFees: [null, null] },
        tokens: [token('A'), token('B')],
        vaults: ['a', 'b'],
        cost: { accounts: 0, bytes: 0, computeUnits: 0 },
      },
    ],
  };
}

function quote(priceImpactBps: number): Quote {
  const leg = { pool: 'pool' } as Leg;
  return { venue: 'v', route: { legs: [leg], amountIn: 1n, amountOut: 1n }, priceImpactBps, slot: 1n };
}

/** One observation every `step` slots; the price goes up and down by `bps`. */
function moving(bps: number, { step = 1, count = 20 } = {}): PriceHistory {
  const history = new PriceHistory();
  for (let index = 0; index < count; index += 1)
    history.observe(market(100 + index * step, index % 2 === 0 ? 150 : 150 * (1 + bps / 10_000)));
  return history;
}

describe('the recent movement of a pool', () => {
  test('is the standard deviation of its price per slot', () => {
    expect(moving(5).movePerSlotBps('pool')).toBeCloseTo(5, 2);
    // The same steps over four slots each are half the movement per slot.
    expect(moving(5, { step: 4 }).movePerSlotBps('pool')).toBeCloseTo(2.5, 2);
    expect(moving(0).movePerSlotBps('pool')).toBe(0);
  });

  test('is unknown with fewer than eight prices, and for pools that no venue shows', () => {
    expect(moving(5, { count: 7 }).movePerSlotBps('pool')).toBeNull();
    expect(moving(5, { count: 8 }).movePerSlotBps('pool')).not.toBeNull();
    expect(moving(5).movePerSlotBps('other')).toBeNull();
  });

  test('drops prices older than a minute, and notes a slot once', () => {
    const history = moving(50);
    for (let index = 0; index < 10; index += 1) {
      history.observe(market(1_000 + index, 150));
      history.observe(market(1_000 + index, 300));
    }
    expect(history.movePerSlotBps('pool')).toBe(0);
  });
});

describe('the tolerance between hops', () => {
  test('is one standard deviation of the pool for the slots until landing, within its bounds', () => {
    expect(hopTolerance('pool', moving(5))).toBe(18);
    expect(hopTolerance('pool', moving(0))).toBe(2);
    expect(hopTolerance('pool', moving(100))).toBe(50);
    expect(hopTolerance('pool', new PriceHistory())).toBe(10);
  });
});

describe('the tolerance', () => {
  test('adds the movement until landing and the depth, and names its reason', () => {
    expect(autoSlippage(quote(7), moving(5))).toEqual({
      bps: 59,
      reason:
        '52 bps for the recent movement of 5 bps per slot over 12 slots, and 7 bps for another order of this size',
    });
  });

  test('stays within its bounds', () => {
    expect(autoSlippage(quote(0), moving(0))).toMatchObject({ bps: 10 });
    expect(autoSlippage(quote(0), moving(100)).bps).toBe(300);
    expect(autoSlippage(quote(900), moving(0)).reason).toContain('kept within 10 to 300 bps');
  });

  test('is cautious about pools without recent prices', () => {
    expect(autoSlippage(quote(3), new PriceHistory())).toMatchObject({ bps: 53 });
  });
});

test('the pool of a route whose price moves most decides', () => {
  const moves: Record<string, number> = { calm: 1, lively: 5 };
  const history = { movePerSlotBps: (pool: string) => moves[pool] ?? null } as PriceHistory;
  const over = (...pools: string[]): Quote => {
    const { route, ...rest } = quote(0);
    return { ...rest, route: { ...route, legs: pools.map((pool) => ({ pool }) as Leg) } };
  };
  const lively = autoSlippage(over('lively'), history).bps;
  expect(lively).toBeGreaterThan(autoSlippage(over('calm'), history).bps);
  expect(autoSlippage(over('calm', 'lively', 'unknown'), history).bps).toBe(lively);
  expect(autoSlippage(over('lively', 'calm'), history).bps).toBe(lively);
});
