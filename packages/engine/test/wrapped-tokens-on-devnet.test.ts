import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import { units } from './support/world.ts';

let world: DevnetWorld;
beforeAll(async () => {
  world = await createDevnetWorld('wrapped tokens', { meteora: { lookupTables: true } });
});
afterAll(() => world?.stop());

/** What 10 SOL buy at the start prices, less what fees may take, and half of it. */
test.each([
  { symbol: 'BTC', least: '0.018321', most: '0.0186372', half: '0.0093' },
  { symbol: 'ETH', least: '0.538795', most: '0.548094', half: '0.2735' },
  { symbol: 'BNB', least: '1.907945', most: '1.940874', half: '0.9685' },
])('10 SOL are swapped for $symbol by its symbol, and back', async ({ symbol, least, most, half }) => {
  const bought = await world.submit({ tokenIn: 'SOL', tokenOut: symbol, amount: '10' });
  await world.advanceUntil(bought, 'confirmed');
  const { fill } = await world.order(bought);
  const { tokenOut } = bought.request;
  expect(fill!.amountOut).toBeGreaterThan(units(least, tokenOut));
  expect(fill!.amountOut).toBeLessThanOrEqual(units(most, tokenOut));
  const sold = await world.submit({ tokenIn: symbol, tokenOut: 'USDC', amount: half });
  await world.advanceUntil(sold, 'confirmed');
  expect((await world.order(sold)).fill!.amountOut).toBeGreaterThan(units('847.1', sold.request.tokenOut));
});
