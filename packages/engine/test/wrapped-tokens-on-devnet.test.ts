import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';

let world: DevnetWorld;
beforeAll(async () => {
  world = await createDevnetWorld('wrapped tokens', { meteora: { lookupTables: true } });
});
afterAll(() => world?.stop());

/** Whole tokens that 10 SOL buy at the start prices, less what fees may take. */
test.each([
  ['BTC', 0.0186],
  ['ETH', 0.547],
  ['BNB', 1.937],
])('10 SOL are swapped for %s by its symbol, and back', async (symbol, whole) => {
  const bought = await world.submit({ tokenIn: 'SOL', tokenOut: symbol, amount: '10' });
  await world.advanceUntil(bought, 'confirmed');
  const { fill } = await world.order(bought);
  const amount = Number(fill!.amountOut) / 1e8;
  expect(amount).toBeGreaterThan(whole * 0.985);
  expect(amount).toBeLessThanOrEqual(whole * 1.002);
  const sold = await world.submit({ tokenIn: symbol, tokenOut: 'USDC', amount: (whole / 2).toFixed(8) });
  await world.advanceUntil(sold, 'confirmed');
  expect(Number((await world.order(sold)).fill!.amountOut) / 1e6).toBeGreaterThan(860 * 0.985);
});
