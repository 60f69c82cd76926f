import { afterEach, expect, test } from 'vitest';
import type { OrderEventData } from '../src/domain/order-event.ts';
import { createTestApp } from './support/app.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';

const LAUNCH = { symbol: 'NEW', baseAmount: '1000000000000', quoteAmount: '100000000000' };

let world: DevnetWorld;
async function start(discoverPoolsMs: number): Promise<void> {
  world = await createDevnetWorld('launches', {
    meteora: { lookupTables: false },
    limits: { discoverPoolsMs },
  });
}
afterEach(() => world?.stop());

const launch = (kind: string) =>
  world.admin('launch', { ...LAUNCH, kind }) as Promise<{ mint: string; pool: string }>;

async function routeOf(order: Awaited<ReturnType<DevnetWorld['submit']>>) {
  const events = await world.engine.orders.events(order.request.orderId, 0, 100);
  return (events.find(({ type }) => type === 'order.building')!.data as OrderEventData['order.building'])
    .route;
}

test.each([
  ['raydium-cpmm', 'raydium'],
  ['meteora-damm-v2', 'meteora'],
])(
  'a token launched on %s after the start is bought as soon as an order names its mint',
  async (kind, venue) => {
    await start(0);
    expect(world.engine.limits.discoverPoolsMs).toBe(0);
    const { mint, pool } = await launch(kind);
    expect(world.engine.tokens.find(mint)).toBeUndefined();
    const order = await world.submit({ tokenIn: 'SOL', tokenOut: mint, amount: '0.5' });
    await world.advanceUntil(order, 'confirmed');
    expect((await routeOf(order)).legs).toMatchObject([{ pool, venue, poolKind: kind }]);
  },
);

test('liquidity that has moved to a new pool is found without a request for it', async () => {
  await start(50);
  const { mint, pool } = await launch('raydium-cpmm');
  const first = await world.submit({ tokenIn: 'SOL', tokenOut: mint, amount: '0.5' });
  await world.advanceUntil(first, 'confirmed');
  const moved = (await world.admin('migrate', { pool })) as { pool: string };
  await expect.poll(() => poolsOf('meteora'), { timeout: 10_000 }).toContain(moved.pool);
  const second = await world.submit({ tokenIn: 'SOL', tokenOut: mint, amount: '0.5' });
  await world.advanceUntil(second, 'confirmed');
  expect((await routeOf(second)).legs).toMatchObject([{ pool: moved.pool, venue: 'meteora' }]);
});

test('a quote for a new mint finds its pool, and one for an absent mint is refused', async () => {
  await start(0);
  const { mint, pool } = await launch('raydium-cpmm');
  const app = await createTestApp(world.engine);
  const quote = (tokenOut: string) =>
    app.inject({ url: `/api/quotes?tokenIn=SOL&amountIn=1&tokenOut=${tokenOut}` });
  expect((await quote(mint)).json()).toMatchObject({ venue: 'raydium', quotes: [{ pool }, {}] });
  const unknown = await quote('1nc1nerator11111111111111111111111111111111');
  expect(unknown.json()).toMatchObject({ status: 422, code: 'unknown_token' });
  await app.close();
});

const poolsOf = (name: string): readonly string[] =>
  world.engine.venues
    .find((venue) => venue.name === name)!
    .pools()
    .map(({ address }) => address);
