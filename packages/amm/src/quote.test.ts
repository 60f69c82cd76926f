import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { READERS } from '../test/checks/swap-readers.ts';
import type { SysvarClock } from './clock.ts';
import { type Pool, spotRate } from './pool.ts';
import { sqrtPriceAtTick } from './pools/clmm-tick-price.ts';
import type { DlmmBin } from './pools/meteora-dlmm.ts';
import type { RaydiumClmmPool } from './pools/raydium-clmm.ts';
import { quote, quoteExactIn } from './quote.ts';
import { maxAmountIn, minAmountOut, priceImpactBps } from './slippage.ts';
import { amountAfterTransferFee, amountBeforeTransferFee } from './transfer-fee.ts';

interface Sample {
  readonly id: string;
  readonly pool: Pool;
  readonly clock: SysvarClock;
}

/** Every pool state of the recorded vectors of one kind. */
function samplesOf(file: string): Sample[] {
  const { cases } = JSON.parse(
    readFileSync(new URL(`../test/vectors/${file}.json`, import.meta.url), 'utf8'),
  );
  const seen = new Map<string, Sample>();
  for (const entry of cases) {
    const { pool, clock } = READERS[entry.kind]!.read(entry.state, entry);
    seen.set(JSON.stringify([entry.state, clock.unixTimestamp.toString()]), { id: entry.id, pool, clock });
  }
  return [...seen.values()];
}

const inputIndex = fc.constantFrom(0 as const, 1 as const);
const amount = fc
  .tuple(fc.bigInt(1n, 1023n), fc.integer({ min: 0, max: 50 }))
  .map(([m, e]) => m << BigInt(e));
/** Four properties over five kinds: 140,000 cases. */
const RUNS = 7_000;
const FILES = ['raydium_cpmm', 'raydium_amm_v4', 'raydium_clmm', 'meteora_dlmm', 'meteora_damm_v2'];

/** A rate limiter charges the whole input more as it grows, and rounds that per swap. */
const isSmooth = (pool: Pool) => pool.kind !== 'meteora-damm-v2' || pool.baseFee.kind !== 'rate-limiter';

describe.each(FILES)('%s', (file) => {
  const samples = samplesOf(file);
  const sample = fc.constantFrom(...samples);

  test('more in never gives less out', () => {
    let compared = 0;
    fc.assert(
      fc.property(sample, inputIndex, amount, amount, ({ pool, clock }, index, a, b) => {
        if (!isSmooth(pool)) return;
        const [small, large] = a < b ? [a, b] : [b, a];
        const first = quote(pool, { swapMode: 'exactIn', inputIndex: index, amountIn: small, clock });
        const second = quote(pool, { swapMode: 'exactIn', inputIndex: index, amountIn: large, clock });
        if (first.outcome === 'refused' || second.outcome === 'refused') return;
        expect(second.quote.amountOut).toBeGreaterThanOrEqual(first.quote.amountOut);
        compared += 1;
      }),
      { numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(300);
  });

  test('the input that an exact-out quote asks for buys at least that output', () => {
    let compared = 0;
    fc.assert(
      fc.property(sample, inputIndex, amount, ({ pool, clock }, index, amountOut) => {
        const asked = quote(pool, { swapMode: 'exactOut', inputIndex: index, amountOut, clock });
        if (asked.outcome === 'refused' || !isSmooth(pool)) return;
        const { amountIn } = asked.quote;
        const bought = quote(pool, { swapMode: 'exactIn', inputIndex: index, amountIn, clock });
        // Rounding the input up to a whole unit can carry a pool without depth over the edge of its range.
        if (bought.outcome === 'refused') expect(bought.reason).toBe('price-out-of-range');
        else expect(bought.quote.amountOut).toBeGreaterThanOrEqual(amountOut);
        compared += 1;
      }),
      { numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(300);
  });

  test('a swap gives no more than the pool has and no less than its own limit, and quoting leaves the pool as it was', () => {
    const known = new Map(samples.map(({ pool }) => [pool, { copy: structuredClone(pool), quoted: 0 }]));
    const swapMode = fc.constantFrom('exactIn' as const, 'exactOut' as const);
    const slippage = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(
        sample,
        inputIndex,
        amount,
        swapMode,
        slippage,
        ({ pool, clock }, index, wanted, mode, slippageBps) => {
          const request = { inputIndex: index, amountIn: wanted, amountOut: wanted, clock };
          const answer = quote(pool, { ...request, swapMode: mode });
          if (answer.outcome === 'refused') return;
          known.get(pool)!.quoted += 1;
          const { amountIn, amountOut } = answer.quote;
          expect(amountOut).toBeLessThanOrEqual(holdingsOf(pool, index === 0 ? 1 : 0));
          expect(minAmountOut(amountOut, slippageBps)).toBeLessThanOrEqual(amountOut);
          expect(maxAmountIn(amountIn, slippageBps)).toBeGreaterThanOrEqual(amountIn);
        },
      ),
      { numRuns: RUNS },
    );
    for (const [pool, { copy }] of known) expect(pool).toEqual(copy);
    expect([...known.values()].reduce((total, { quoted }) => total + quoted, 0)).toBeGreaterThan(300);
  });

  test('no swap beats the price of an infinitely small one', () => {
    let compared = 0;
    fc.assert(
      fc.property(sample, inputIndex, amount, ({ pool, clock }, index, amountIn) => {
        const quoted = quote(pool, { swapMode: 'exactIn', inputIndex: index, amountIn, clock });
        if (quoted.outcome === 'refused') return;
        const { numerator, denominator } = spotRate(pool, { inputIndex: index, clock });
        expect(quoted.quote.amountOut * denominator).toBeLessThanOrEqual(amountIn * numerator);
        compared += 1;
      }),
      { numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(300);
  });
});

/** The most that a pool can give of a token: what its reserves, or its whole price range, hold; rounded up. */
function holdingsOf(pool: Pool, index: 0 | 1): bigint {
  if (pool.kind === 'meteora-dlmm') return sum(pool.bins.map((bin) => binHoldings(bin, index)));
  if (pool.kind === 'raydium-clmm') return clmmHoldings(pool, index);
  if (pool.kind !== 'meteora-damm-v2' || pool.collectFeeMode === 'compounding') return pool.reserves[index];
  const { liquidity, sqrtPrice, sqrtMinPrice, sqrtMaxPrice } = pool;
  if (index === 1) return ((liquidity * (sqrtPrice - sqrtMinPrice)) >> 128n) + 1n;
  return (liquidity * (sqrtMaxPrice - sqrtPrice)) / (sqrtPrice * sqrtMaxPrice) + 1n;
}

function binHoldings({ amounts, orders }: DlmmBin, index: 0 | 1): bigint {
  const isSold = orders?.side === (index === 0 ? 'ask' : 'bid');
  return amounts[index] + (isSold ? orders.open + orders.processed : 0n);
}

function clmmHoldings(pool: RaydiumClmmPool, index: 0 | 1): bigint {
  const isFalling = index === 1;
  const ahead = pool.ticks.filter(({ tick }) => tick <= pool.tick === isFalling);
  let { liquidity, sqrtPrice } = pool;
  let holdings = 0n;
  for (const { tick, liquidityNet, unfilledOrders } of isFalling ? ahead.reverse() : ahead) {
    const target = sqrtPriceAtTick(tick);
    holdings += isFalling
      ? ((liquidity * (sqrtPrice - target)) >> 64n) + 1n
      : ((liquidity << 64n) * (target - sqrtPrice)) / (target * sqrtPrice) + 1n;
    holdings += unfilledOrders;
    liquidity += isFalling ? -liquidityNet : liquidityNet;
    sqrtPrice = target;
  }
  return holdings;
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, each) => total + each, 0n);

const CPMM: Pool = {
  kind: 'raydium-cpmm',
  reserves: [55_000_000_000_000n, 3_500_000_000_000n],
  tradeFeeRate: 2500n,
  protocolFeeRate: 120_000n,
  fundFeeRate: 40_000n,
  creatorFeeRate: 0n,
  creatorFeeOn: 'input',
  window: { isEnabled: true, opensAt: 0n, pointKind: 'timestamp' },
};
const CLOCK = { slot: 5n, unixTimestamp: 1000n };

test('a closed or not yet opened pool is a refusal with its reason', () => {
  const request = { swapMode: 'exactIn', inputIndex: 0, amountIn: 1_000_000n, clock: CLOCK } as const;
  const closed = { ...CPMM, window: { isEnabled: false, opensAt: 0n, pointKind: 'slot' } } as Pool;
  const later = { ...CPMM, window: { isEnabled: true, opensAt: 1001n, pointKind: 'timestamp' } } as Pool;
  expect(quote(closed, request)).toMatchObject({ outcome: 'refused', reason: 'disabled' });
  expect(quote(later, request)).toMatchObject({ outcome: 'refused', reason: 'not-open-yet' });
  const open = quote(later, { ...request, clock: { ...CLOCK, unixTimestamp: 1001n } });
  expect(open.outcome).toBe('quoted');
});

test('zero is refused on every side', () => {
  const zeroIn = quote(CPMM, { swapMode: 'exactIn', inputIndex: 0, amountIn: 0n, clock: CLOCK });
  const zeroOut = quote(CPMM, { swapMode: 'exactOut', inputIndex: 0, amountOut: 0n, clock: CLOCK });
  expect(zeroIn).toMatchObject({ outcome: 'refused', reason: 'zero-amount-in' });
  expect(zeroOut).toMatchObject({ outcome: 'refused', reason: 'zero-amount-out' });
});

test('the transfer fees of both mints are charged around the swap', () => {
  const fee = { feeBps: 100, maximumFee: 1_000_000_000_000n };
  const request = { inputIndex: 0, amountIn: 1_000_000n, clock: CLOCK } as const;
  const inner = quoteExactIn(CPMM, { ...request, amountIn: 990_000n });
  const taxed = quoteExactIn(CPMM, { ...request, transferFees: [fee, fee] });
  expect(taxed.transferFeeIn).toBe(10_000n);
  expect(taxed.amountOut).toBe(inner.amountOut - (inner.amountOut + 99n) / 100n);
});

test('sending what the inverse of a transfer fee says delivers at least the amount', () => {
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 10_000 }), amount, (wanted, feeBps, maximumFee) => {
      const fee = { feeBps, maximumFee };
      const sent = amountBeforeTransferFee(fee, wanted);
      expect(amountAfterTransferFee(fee, sent)).toBeGreaterThanOrEqual(wanted);
      if (feeBps < 10_000) expect(amountAfterTransferFee(fee, sent - 1n)).toBeLessThan(wanted);
    }),
  );
});

test('slippage limits never widen the tolerance by more than a unit, and equal the amount at zero', () => {
  expect(minAmountOut(999n, 100)).toBe(989n);
  expect(maxAmountIn(999n, 100)).toBe(1009n);
  expect(minAmountOut(999n, 0)).toBe(999n);
  expect(maxAmountIn(999n, 0)).toBe(999n);
  expect(() => minAmountOut(1n, 10_001)).toThrow('10000');
  expect(() => maxAmountIn(1n, 0.5)).toThrow('whole number');
});

test('price impact counts the loss against the spot rate, rounded up', () => {
  const rate = { numerator: 2n, denominator: 1n };
  expect(priceImpactBps({ amountIn: 1000n, amountOut: 2000n }, rate)).toBe(0);
  expect(priceImpactBps({ amountIn: 1000n, amountOut: 1980n }, rate)).toBe(100);
  expect(priceImpactBps({ amountIn: 1000n, amountOut: 1999n }, rate)).toBe(5);
});
