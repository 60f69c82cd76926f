import { afterEach, describe, expect, test } from 'vitest';
import { accountOf } from '../src/adapters/memory/chain.ts';
import { ACCOUNT } from '../src/api/account.ts';
import type { Order } from '../src/domain/order.ts';
import type { OrderEventData, OrderEventType } from '../src/domain/order-event.ts';
import { submitOrder } from '../src/execution/submit-order.ts';
import {
  BONK,
  createWorld,
  SOL,
  submitRequest,
  type TestWorld,
  USDC,
  units,
  WALLET,
} from './support/world.ts';

/** BONK trades for USDC only: from SOL it is two hops away. */
const BONK_POOL = { venue: 'meteora', address: 'bonk', tokenA: BONK, tokenB: USDC, feeBps: 30 };
const POOLS = [{ pool: BONK_POOL, reserves: [units('9000000000', BONK), units('180000', USDC)] as const }];

let world: TestWorld;
afterEach(() => world.stop());

async function start(options: Parameters<typeof createWorld>[0] = {}) {
  world = await createWorld({ pools: POOLS, ...options });
  await world.start();
}

async function last<T extends OrderEventType>(order: Order, type: T): Promise<OrderEventData[T]> {
  const found = (await world.log(order)).findLast((event) => event.type === type);
  return found?.data as OrderEventData[T];
}

const toBonk = { tokenIn: 'SOL', tokenOut: 'BONK', amount: '10' } as const;

describe('routes of several legs', () => {
  test('a route over another token fills as planned, and its dust is in the wallet', async () => {
    await start();
    const usdc = world.chain.balanceOf(accountOf(WALLET, USDC));
    const order = await world.submit(toBonk);
    await world.settle([order]);
    const { route } = await last(order, 'order.building');
    const fill = await last(order, 'order.confirmed');
    expect(fill).toMatchObject({ amountIn: '10', amountOut: route.amountOut });
    const gained = world.chain.balanceOf(accountOf(WALLET, USDC)) - usdc;
    expect(gained).toBeGreaterThan(0n);
    expect(fill.dust).toEqual([{ token: 'USDC', amount: (Number(gained) / 1e6).toString() }]);
  });

  test('a crash after the send leaves one landed route, settled with all its legs', async () => {
    await start();
    const order = await world.submit(toBonk);
    while ((await world.order(order)).status !== 'submitted') await world.clock.advance(10);
    await world.crash();
    await world.settle([order]);
    const { route } = await last(order, 'order.building');
    expect(await last(order, 'order.confirmed')).toMatchObject({ amountOut: route.amountOut });
    expect(world.chain.landed()).toHaveLength(1);
  });

  test('a later try takes another route, but never one below the first limit', async () => {
    await start();
    const order = await world.submit({ ...toBonk, slippageBps: 50 });
    while ((await world.order(order)).status !== 'submitted') await world.clock.advance(10);
    const { minAmountOut } = await last(order, 'order.building');
    world.drains(BONK_POOL, BONK, '2 %');
    await world.settle([order]);
    expect(await world.order(order)).toMatchObject({ status: 'failed', failure: { code: 'price_moved' } });
    expect((await last(order, 'order.failed')).reason).toContain(`minimum ${minAmountOut}`);
  });

  test('a large order is split, and neither pool gives more than its share', async () => {
    await start();
    const order = await world.submit({ amount: '900', slippageBps: 30 });
    await world.settle([order]);
    const { route, quotes } = await last(order, 'order.building');
    expect(route.legs.map(({ venue }) => venue).sort()).toEqual(['meteora', 'raydium']);
    expect(quotes.map(({ venue, outcome }) => [venue, outcome])).toEqual([
      ['raydium', 'lost'],
      ['meteora', 'lost'],
      ['router', 'chosen'],
    ]);
    expect(await last(order, 'order.confirmed')).toMatchObject({ amountOut: route.amountOut });
  });

  test('dust is swapped once its route is final, by a separate order that exists once', async () => {
    await start({ limits: { sweepDustLamports: 1_000n } });
    const usdc = world.chain.balanceOf(accountOf(WALLET, USDC));
    const order = await world.submit(toBonk);
    await world.settle([order]);
    const [dust] = (await last(order, 'order.confirmed')).dust!;
    await world.slots(60);
    const all = await world.engine.orders.list({ accountId: ACCOUNT, limit: 10 });
    expect(all).toHaveLength(2);
    const [sweep] = all.filter(({ request }) => request.orderId !== order.request.orderId);
    expect(sweep).toMatchObject({ status: 'confirmed', request: { tokenIn: USDC, tokenOut: BONK } });
    expect(sweep?.request.clientOrderId).toBe(`dust:${order.request.orderId}:0`);
    expect(sweep?.fill?.amountIn).toBe(units(dust!.amount, USDC));
    expect(world.chain.balanceOf(accountOf(WALLET, USDC))).toBe(usdc);
  });

  test('dust of an exact output is swapped to the input token, and a small amount stays', async () => {
    await start({ limits: { sweepDustLamports: 1_000n } });
    const exactOut = { ...toBonk, swapMode: 'exactOut', amount: '9000000' } as const;
    const order = await world.submit(exactOut);
    await world.settle([order]);
    await world.slots(60);
    const all = await world.engine.orders.list({ accountId: ACCOUNT, limit: 10 });
    const [sweep] = all.filter(({ request }) => request.orderId !== order.request.orderId);
    expect(sweep).toMatchObject({ status: 'confirmed', request: { tokenIn: USDC, tokenOut: SOL } });

    const small = await world.submit({ ...toBonk, amount: '0.0001' });
    await world.settle([small]);
    expect((await last(small, 'order.confirmed')).dust).toHaveLength(1);
    await world.slots(60);
    expect(await world.engine.orders.list({ accountId: ACCOUNT, limit: 10 })).toHaveLength(3);
  });

  test('a route has one leg where more are not allowed', async () => {
    await start({ limits: { maxLegs: 1 } });
    const order = await world.submit({ amount: '900' });
    await world.settle([order]);
    expect((await last(order, 'order.building')).route.legs).toHaveLength(1);
    const refused = await submitOrder(world.engine, submitRequest(toBonk));
    expect(refused).toMatchObject({ outcome: 'refused', code: 'no_pool', field: 'tokenOut' });
  });
});
