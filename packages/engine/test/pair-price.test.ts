import { describe, expect, test } from 'vitest';
import type { MemoryPool } from '../src/adapters/memory/pool.ts';
import { comparePrices, inverse, type Price } from '../src/domain/price.ts';
import type { Token } from '../src/domain/token.ts';
import { toMint } from '../src/domain/token.ts';
import { readMarket } from '../src/execution/market/market-watch.ts';
import { isTooOld, pairPrice } from '../src/execution/market/pair-price.ts';
import { withoutMarket } from './support/odd-venue.ts';
import { BONK, createWorld, METEORA_POOL, RAYDIUM_POOL, SOL, USDC } from './support/world.ts';

const JUP: Token = { mint: toMint('JupMint'), symbol: 'JUP', decimals: 6, tokenProgram: 'tokens' };
const TOKENS = [SOL, USDC, BONK, JUP];
const PAIR = { tokenIn: SOL, tokenOut: USDC };

interface Funded {
  readonly pool: MemoryPool;
  readonly reserves: readonly [bigint, bigint];
}

/** The two pools that every world has. */
const FUNDED: readonly Funded[] = [
  { pool: RAYDIUM_POOL, reserves: [50_000_000_000_000n, 7_500_000_000_000n] },
  { pool: METEORA_POOL, reserves: [40_000_000_000_000n, 6_000_000_000_000n] },
];

/** A repeatable market: pools between random tokens, with random reserves and fees. */
function seededPools(seed: number): Funded[] {
  let state = BigInt(seed) * 2_654_435_761n + 1n;
  const draw = (below: number): number => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 64n;
    return Number((state >> 33n) % BigInt(below));
  };
  return Array.from({ length: 3 + draw(5) }, (_, index): Funded => {
    const first = draw(TOKENS.length);
    const second = (first + 1 + draw(TOKENS.length - 1)) % TOKENS.length;
    const [tokenA, tokenB] = [TOKENS[first]!, TOKENS[second]!];
    const reserve = (): bigint => BigInt(1 + draw(1_000_000)) * 1_000_003n;
    return {
      pool: {
        venue: index % 2 === 0 ? 'raydium' : 'meteora',
        address: `p${index}`,
        ...{ tokenA, tokenB },
        feeBps: draw(400),
      },
      reserves: [reserve(), reserve()],
    };
  });
}

/** What a constant product with a fee on the input gives at zero size. */
function rateThrough({ pool, reserves }: Funded, from: Token): Price {
  const [reserveIn, reserveOut] = pool.tokenA === from ? reserves : [reserves[1], reserves[0]];
  return { numerator: reserveOut * BigInt(10_000 - pool.feeBps), denominator: reserveIn * 10_000n };
}

const ONE: Price = { numerator: 1n, denominator: 1n };

/** The best of all paths of at most four pools that do not return to where they began, each tried. */
function bestByHand(pools: readonly Funded[], from: Token, to: Token): Price | null {
  let best: Price | null = null;
  const walk = (at: Token, soFar: Price, hops: number): void => {
    if (at === to && (!best || comparePrices(soFar, best) > 0)) best = soFar;
    if (hops === 4) return;
    for (const one of pools) {
      const { tokenA, tokenB } = one.pool;
      const next = tokenA === at ? tokenB : tokenB === at ? tokenA : from;
      if (next === from) continue;
      const here = rateThrough(one, at);
      const numerator = soFar.numerator * here.numerator;
      walk(next, { numerator, denominator: soFar.denominator * here.denominator }, hops + 1);
    }
  };
  walk(from, ONE, 0);
  return best;
}

const areEqual = (one: Price, other: Price): boolean => comparePrices(one, other) === 0;

describe('the price of a pair', () => {
  test('is the best net rate over all paths, both ways, exactly as the mathematics of the pools say', async () => {
    let seen = 0;
    for (let seed = 1; seed <= 25; seed += 1) {
      const more = seededPools(seed);
      const { engine } = await createWorld({ pools: more });
      await readMarket(engine, engine.market);
      const pools = [...FUNDED, ...more];
      for (const tokenIn of TOKENS)
        for (const tokenOut of TOKENS) {
          if (tokenIn === tokenOut) continue;
          const { sell, buy, mid } = pairPrice(engine, { tokenIn, tokenOut })!;
          const [there, back] = [bestByHand(pools, tokenIn, tokenOut), bestByHand(pools, tokenOut, tokenIn)];
          expect([sell === null, buy === null]).toEqual([there === null, back === null]);
          if (!sell || !buy || !mid || !there || !back) continue;
          seen += 1;
          expect(areEqual(sell, there), `seed ${seed}`).toBe(true);
          expect(areEqual(buy, inverse(back))).toBe(true);
          const sum = {
            numerator: sell.numerator * buy.denominator + buy.numerator * sell.denominator,
            denominator: sell.denominator * buy.denominator,
          };
          expect(areEqual({ ...mid, numerator: mid.numerator * 2n }, sum)).toBe(true);
        }
    }
    expect(seen).toBeGreaterThan(100);
  });

  test('goes over a third token where no pool has the pair, and is unknown in a direction without a path', async () => {
    const pool: MemoryPool = {
      venue: 'raydium',
      address: 'bonk',
      ...{ tokenA: USDC, tokenB: BONK },
      feeBps: 100,
    };
    const { engine } = await createWorld({ pools: [{ pool, reserves: [1_000_000n, 4_000_000n] }] });
    await readMarket(engine, engine.market);
    const { sell, buy } = pairPrice(engine, { tokenIn: SOL, tokenOut: BONK })!;
    // 0.15 USDC units for a lamport at 20 bps, and 4 for each of them at 100 bps.
    expect(areEqual(sell!, { numerator: 15n * 9_980n * 4n * 99n, denominator: 100n * 10_000n * 100n })).toBe(
      true,
    );
    expect(areEqual(buy!, { numerator: 15n * 10_000n * 4n * 100n, denominator: 100n * 9_980n * 99n })).toBe(
      true,
    );
    expect(pairPrice(engine, { tokenIn: SOL, tokenOut: JUP })).toMatchObject({
      ...{ sell: null, buy: null, mid: null },
    });
  });

  test('is unknown before the first reading, and then has its slot and age', async () => {
    const { engine, clock, chain } = await createWorld({ limits: { maxQuoteAgeSlots: 5 } });
    expect(pairPrice(engine, PAIR)).toBeNull();
    await readMarket(engine, engine.market);
    await clock.advance(2_000);
    const price = pairPrice(engine, PAIR)!;
    expect(price.slot).toBe(chain.slot());
    expect(isTooOld(engine, price)).toBe(false);
    await clock.advance(1);
    expect(isTooOld(engine, price)).toBe(true);
  });

  test('is too old by slots too', async () => {
    const { engine } = await createWorld({ limits: { maxQuoteAgeSlots: 5 } });
    await readMarket(engine, engine.market);
    const price = pairPrice(engine, PAIR)!;
    const now = engine.clock.moment();
    engine.market.time.slots.judge([price.slot + 5n], now);
    expect(isTooOld(engine, price)).toBe(false);
    engine.market.time.slots.judge([price.slot + 6n], now);
    expect(isTooOld(engine, price)).toBe(true);
  });

  test('leaves out venues that show no pools, and those that are sidelined', async () => {
    const { engine } = await createWorld({ venues: ([ray, met]) => [ray!, withoutMarket(met!)] });
    await readMarket(engine, engine.market);
    const raydium = rateThrough(FUNDED[0]!, SOL);
    expect(areEqual(pairPrice(engine, PAIR)!.sell!, raydium)).toBe(true);
    const other = (await createWorld()).engine;
    await readMarket(other, other.market);
    expect(areEqual(pairPrice(other, PAIR)!.sell!, rateThrough(FUNDED[1]!, SOL))).toBe(true);
    for (let count = 0; count < 3; count += 1)
      other.market.health.note(
        new Map([
          ['meteora', 'late'],
          ['raydium', null],
        ]),
        other.clock.moment(),
      );
    await readMarket(other, other.market);
    expect(areEqual(pairPrice(other, PAIR)!.sell!, raydium)).toBe(true);
  });
});
