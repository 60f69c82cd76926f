import { afterEach, describe, expect, test } from 'vitest';
import type { Order } from '../src/domain/order.ts';
import type { OrderEventData, OrderEventType } from '../src/domain/order-event.ts';
import { misquoting } from './support/odd-venue.ts';
import { createWorld, METEORA_POOL, SOL, type TestWorld } from './support/world.ts';

let world: TestWorld;
afterEach(() => world.stop());

async function start(options: Parameters<typeof createWorld>[0] = {}): Promise<void> {
  world = await createWorld(options);
  await world.start();
}

async function finished(request: Parameters<TestWorld['submit']>[0] = {}): Promise<Order> {
  const order = await world.submit(request);
  await world.settle([order]);
  return world.order(order);
}

async function dataOf<T extends OrderEventType>(order: Order, type: T): Promise<OrderEventData[T]> {
  return (await world.log(order)).find((event) => event.type === type)?.data as OrderEventData[T];
}

test('a venue that keeps failing is sidelined, named so in the event, and asked again later', async () => {
  await start();
  world.venueStops('meteora');
  for (let count = 0; count < 3; count += 1) {
    const { quotes } = await dataOf(await finished(), 'order.building');
    expect(quotes.find(({ venue }) => venue === 'meteora')).toMatchObject({ code: 'unavailable' });
  }
  const { quotes } = await dataOf(await finished(), 'order.building');
  const refused = quotes.find(({ venue }) => venue === 'meteora');
  expect(refused).toMatchObject({ outcome: 'unavailable', code: 'sidelined' });
  expect(world.engine.market.health.of('meteora')).toMatchObject({ failures: 3 });
  expect(refused?.reason).toMatch(
    /^sidelined for \d+ s more after 3 failures in a row, the last: the venue could/,
  );

  world.venueReturns('meteora');
  await world.slots(15);
  const { quotes: later } = await dataOf(await finished(), 'order.building');
  expect(later.find(({ venue }) => venue === 'meteora')).toMatchObject({ outcome: 'chosen' });
});

test('the engine refuses quotes from accounts that are too old', async () => {
  const stuck = { slot: 0n };
  await start({
    limits: { maxQuoteAgeSlots: 5 },
    venues: ([raydium, meteora]) => [
      raydium!,
      misquoting(meteora!, (quote) => ({ ...quote, slot: stuck.slot })),
    ],
  });
  stuck.slot = world.chain.slot();
  await world.slots(5);
  const allowed = await dataOf(await finished(), 'order.building');
  expect(allowed.quotes.find(({ venue }) => venue === 'meteora')).toMatchObject({ slotsBehind: 5 });
  await world.slots(1);
  const { quotes } = await dataOf(await finished(), 'order.building');
  const refused = quotes.find(({ venue }) => venue === 'meteora');
  expect(refused).toMatchObject({ outcome: 'unavailable', code: 'stale', pool: 'met' });
  expect(refused?.reason).toMatch(/^its accounts are \d+ slots old, at most 5 are allowed$/);
});

describe('the price-impact ceiling', () => {
  test('leaves out offers beyond it, by the engine or by the order', async () => {
    await start({ limits: { maxPriceImpactBps: 200 } });
    const order = await finished({ amount: '3000' });
    expect(order.failure?.code).toBe('price_impact_too_high');
    expect(order.failure?.reason).toMatch(
      /meteora: it would move the price by \d+ bps, at most 200 are allowed/,
    );
    expect((await finished({ amount: '100' })).status).toBe('confirmed');
    expect((await finished({ amount: '100', maxPriceImpactBps: 5 })).failure?.code).toBe(
      'price_impact_too_high',
    );
  });
});

describe('slippage chosen by the engine', () => {
  test('follows recent prices, and the event names its reason', async () => {
    await start();
    await world.slots(60); // The market is sampled while nothing happens.
    const calm = await dataOf(await finished({ slippageBps: 'auto' }), 'order.building');
    expect(calm.autoSlippage).toMatchObject({ bps: 10 });
    expect(calm.autoSlippage?.reason).toContain('movement of 0 bps per slot');
    expect(Number(calm.minAmountOut)).toBeCloseTo(Number(calm.route.amountOut) * 0.999, 5);

    for (let step = 0; step < 6; step += 1) {
      world.fills(METEORA_POOL, SOL, '0.4 %');
      await world.slots(5);
      world.priceRecovers();
      await world.slots(5);
    }
    const lively = await dataOf(await finished({ slippageBps: 'auto' }), 'order.building');
    expect(lively.autoSlippage?.bps).toBeGreaterThan(50);
  });

  test('is chosen once: later tries keep the limit', async () => {
    await start({ limits: { backoffMs: [1] } });
    const order = await world.submit({ slippageBps: 'auto' });
    while ((await world.order(order)).status !== 'submitted') await world.clock.advance(10);
    const first = await dataOf(order, 'order.building');
    world.fills(METEORA_POOL, SOL, '3 %');
    await world.settle([order]);
    const log = await world.log(order);
    const buildings = log.filter((event) => event.type === 'order.building');
    for (const { data } of buildings.slice(1)) {
      expect(data.autoSlippage).toBeUndefined();
      expect(data.minAmountOut).toBe(first.minAmountOut);
    }
    expect(log.filter((event) => event.type === 'order.routing').length).toBeGreaterThan(1);
  });
});
