import { describe, expect, test } from 'vitest';
import { createFairPrices } from './fair-price.ts';
import { MARKET_TOKENS, marketToken } from './tokens.ts';

const sol = marketToken('SOL');
const prices = createFairPrices({ seed: 'prices', volatility: 1, startSlot: 0n });

/** Basis points above (or below, negative) the start price. */
function moveBps(mint: string, slot: bigint, of = prices): number {
  const { priceUsdPicos } = MARKET_TOKENS.find((token) => token.mint === mint)!;
  return Number(((of.picosAt(mint, slot) - priceUsdPicos) * 10_000n) / priceUsdPicos);
}

describe('the fair price', () => {
  test('starts at the start price of every token', () => {
    for (const { mint, priceUsdPicos } of MARKET_TOKENS) expect(prices.picosAt(mint, 0n)).toBe(priceUsdPicos);
  });

  test('starts there at the slot that is given', () => {
    const later = createFairPrices({ seed: 'prices', volatility: 1, startSlot: 1_000n });
    for (const { mint, priceUsdPicos } of MARKET_TOKENS)
      expect(later.picosAt(mint, 1_000n)).toBe(priceUsdPicos);
    expect(later.picosAt(sol.mint, 0n)).not.toBe(sol.priceUsdPicos);
  });

  test('is the same whether slots are asked for in order or not', () => {
    const forward = Array.from({ length: 300 }, (_, slot) => prices.picosAt(sol.mint, BigInt(slot * 7)));
    const fresh = createFairPrices({ seed: 'prices', volatility: 1, startSlot: 0n });
    const backward = Array.from({ length: 300 }, (_, index) =>
      fresh.picosAt(sol.mint, BigInt((299 - index) * 7)),
    );
    expect(backward.reverse()).toEqual(forward);
  });

  test('differs by seed', () => {
    const other = createFairPrices({ seed: 'other', volatility: 1, startSlot: 0n });
    expect(other.picosAt(sol.mint, 1_000n)).not.toBe(prices.picosAt(sol.mint, 1_000n));
  });

  test('moves a little from slot to slot and more over hours, within bounds for ever', () => {
    const steps = Array.from({ length: 2_000 }, (_, slot) => {
      const [now, next] = [
        prices.picosAt(sol.mint, BigInt(slot)),
        prices.picosAt(sol.mint, BigInt(slot + 1)),
      ];
      return Math.abs(Number(((next - now) * 1_000_000n) / now));
    });
    expect(Math.max(...steps)).toBeLessThan(800);
    expect(Math.max(...steps)).toBeGreaterThan(20);
    const moves = Array.from({ length: 500 }, (_, index) => moveBps(sol.mint, BigInt(index) * 9_001n));
    expect(Math.max(...moves.map(Math.abs))).toBeGreaterThan(50);
    expect(Math.max(...moves.map(Math.abs))).toBeLessThan(1_000);
  });

  test('stays positive and bounded when wild', () => {
    const wild = createFairPrices({ seed: 'prices', volatility: 4, startSlot: 0n });
    const moves = Array.from({ length: 500 }, (_, index) => moveBps(sol.mint, BigInt(index) * 9_001n, wild));
    expect(Math.max(...moves.map(Math.abs))).toBeLessThan(4_000);
  });

  test('keeps the dollar tokens at a dollar and staked SOL in step with SOL', () => {
    const slots = Array.from({ length: 200 }, (_, index) => BigInt(index) * 997n);
    for (const slot of slots) {
      expect(moveBps(marketToken('USDC').mint, slot)).toBe(0);
      expect(Math.abs(moveBps(marketToken('USDT').mint, slot))).toBeLessThan(20);
      expect(Math.abs(moveBps(marketToken('mSOL').mint, slot) - moveBps(sol.mint, slot))).toBeLessThan(50);
    }
  });
});
