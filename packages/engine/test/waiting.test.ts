import { describe, expect, test } from 'vitest';
import { foldOrder } from '../src/domain/apply-event.ts';
import type { Order } from '../src/domain/order.ts';
import type { OrderEventData } from '../src/domain/order-event.ts';
import { timeAfter } from '../src/domain/timestamp.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { ChainUnavailable } from '../src/ports/chain.ts';
import { ofChain } from './support/odd-venue.ts';
import { createWorld, SOL, type TestWorld, USDC, units } from './support/world.ts';

/** A world whose venues read a chain that can be away, as those of the real chain do. */
async function started(options: Parameters<typeof createWorld>[0] = {}): Promise<TestWorld> {
  const world = await createWorld({
    ...options,
    venues: (venues, _, chain) => venues.map((venue) => ofChain(venue, chain)),
  });
  await world.start();
  await world.slots(6); // The market was looked at.
  return world;
}

const waits = async (world: TestWorld, order: Order) =>
  (await world.log(order)).flatMap((event) =>
    event.type === 'order.waiting' ? [event.data as OrderEventData['order.waiting']] : [],
  );

describe('while the chain is away', () => {
  test('an order waits in its status, reports it once, and spends no try', async () => {
    const world = await started();
    world.cutsOff();
    const order = await world.submit();
    await world.clock.advance(60_000);
    expect(await world.statuses(order)).toEqual(['pending', 'routing', 'waiting']);
    const [waiting] = await waits(world, order);
    expect(waiting).toMatchObject({
      cause: 'chain_unavailable',
      reason: expect.stringContaining('does not answer'),
    });
    const now = await world.order(order);
    expect(now).toMatchObject({ status: 'routing', tryNumber: 1, waitingFor: 'chain_unavailable' });
    expect(foldOrder(order.request, await world.log(order))).toEqual(now);
  });

  test('an order continues within a second of the return, with its first try', async () => {
    const world = await started();
    world.cutsOff();
    const orders = await Promise.all(Array.from({ length: 20 }, () => world.submit()));
    await world.clock.advance(60_000);
    world.reconnects();
    await world.clock.advance(1_000);
    for (const order of orders) {
      expect(await world.order(order)).toMatchObject({ status: 'submitted', tryNumber: 1, waitingFor: null });
      expect(await world.statuses(order)).toEqual(['pending', 'routing', 'waiting', 'building', 'submitted']);
    }
    await world.settle(orders);
    for (const order of orders) expect((await world.order(order)).status).toBe('confirmed');
  });

  test('an order whose route is chosen waits too, and starts the same try over', async () => {
    const world = await started();
    world.hooks.node('memory').meanwhile('simulate', () => world.cutsOff());
    const order = await world.submit();
    await world.clock.advance(5_000);
    expect(await world.statuses(order)).toEqual(['pending', 'routing', 'building', 'waiting']);
    world.hooks.node('memory').heal();
    world.reconnects();
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual([
      ...['pending', 'routing', 'building', 'waiting'],
      ...['routing', 'building', 'submitted', 'confirmed'],
    ]);
    expect(await world.order(order)).toMatchObject({ tryNumber: 1, attemptNumber: 1 });
  });

  test('a cancel ends the order at once', async () => {
    const world = await started();
    world.cutsOff();
    const order = await world.submit();
    await world.clock.advance(3_000);
    expect(await cancelOrder(world.engine, order.request.orderId)).toMatchObject({ outcome: 'canceled' });
    world.reconnects();
    await world.slots(10);
    expect((await world.order(order)).status).toBe('canceled');
  });

  test('an order expires at the longest wait, and at its own deadline before that', async () => {
    const world = await started({ limits: { maxWaitMs: 20_000 } });
    world.cutsOff();
    const patient = await world.submit();
    const hasty = await world.submit({ expiresAtMs: timeAfter(world.clock.now(), 5_000) });
    await world.clock.advance(4_500);
    expect((await world.order(hasty)).status).toBe('routing');
    await world.clock.advance(1_000);
    expect((await world.order(hasty)).status).toBe('expired');
    expect((await world.order(patient)).status).toBe('routing');
    await world.clock.advance(16_000);
    expect((await world.order(patient)).status).toBe('expired');
    world.reconnects();
    await world.slots(40);
    expect(world.chain.landed()).toEqual([]);
  });

  test('a restarted process takes up waiting orders', async () => {
    const world = await started();
    world.cutsOff();
    const order = await world.submit();
    await world.clock.advance(20_000);
    await world.crash();
    await world.clock.advance(20_000);
    expect(await waits(world, order)).toHaveLength(1);
    world.reconnects();
    await world.clock.advance(1_000);
    expect((await world.order(order)).status).toBe('submitted');
  });

  test('no venue counts as failing, though one without a pool answers without the chain', async () => {
    const world = await started();
    world.cutsOff();
    const orders = await Promise.all(Array.from({ length: 10 }, () => world.submit()));
    await world.clock.advance(10_000);
    for (const { name } of world.engine.venues) expect(world.engine.market.health.of(name).failures).toBe(0);
    world.reconnects();
    await world.settle(orders);
  });
});

describe.each([
  ['back', -3_600_000],
  ['forth', 3_600_000],
])('while the time of day is set an hour %s', (_, byMs) => {
  test('an order waits up to the longest wait, and no longer', async () => {
    const world = await started({ limits: { maxWaitMs: 60_000 } });
    world.cutsOff();
    const order = await world.submit();
    await world.clock.advance(10_000);
    world.clock.setNow(world.clock.now() + byMs);
    await world.clock.advance(49_000);
    expect((await world.order(order)).status).toBe('routing');
    await world.clock.advance(2_000);
    expect((await world.order(order)).status).toBe('expired');
  });

  test('an order whose attempt no node took waits as long', async () => {
    const world = await createWorld({ limits: { maxTries: 1, maxWaitMs: 600_000 } });
    world.hooks.node('memory').fail('send', new ChainUnavailable('not taken'));
    await world.start();
    await world.slots(6);
    const order = await world.submit();
    await world.slots(20);
    world.clock.setNow(world.clock.now() + byMs);
    await world.slots(200);
    expect(await world.order(order)).toMatchObject({ status: 'submitted', attemptNumber: 2 });
    world.hooks.node('memory').heal();
    await world.settle([order]);
    expect((await world.order(order)).status).toBe('confirmed');
  });
});

test('the time of day measures a wait that another process began', async () => {
  const world = await started({ limits: { maxWaitMs: 60_000 } });
  world.cutsOff();
  const order = await world.submit();
  await world.clock.advance(40_000);
  await world.crash();
  await world.clock.advance(19_000);
  expect((await world.order(order)).status).toBe('routing');
  await world.clock.advance(2_000);
  expect((await world.order(order)).status).toBe('expired');
});

describe('an order without a quote yet', () => {
  test('keeps the price at acceptance, within its slippage', async () => {
    const world = await started();
    world.cutsOff();
    const order = await world.submit({ slippageBps: 100 });
    const loose = await world.submit({ slippageBps: 500 });
    await world.clock.advance(5_000);
    world.priceFalls('3 %');
    world.reconnects();
    await world.settle([order, loose]);
    expect((await world.order(order)).failure).toMatchObject({ code: 'price_moved' });
    const filled = await world.order(loose);
    expect(filled.status).toBe('confirmed');
    // 5 % below the price at acceptance, not below the one that it met.
    expect(filled.limitAmount).toBeGreaterThan(units('142', USDC));
  });

  test('keeps that price in parts too', async () => {
    const world = await started();
    world.cutsOff();
    const order = await world.submit({ slippageBps: 100, swapMode: 'partialFill' });
    await world.clock.advance(5_000);
    world.priceFalls('20 %');
    world.reconnects();
    await world.settle([order]);
    expect((await world.order(order)).failure).toMatchObject({ code: 'price_moved' });
    expect(world.chain.landed()).toEqual([]);
  });

  test('keeps its own limit instead, where it has one', async () => {
    const world = await started();
    world.cutsOff();
    const order = await world.submit({ slippageBps: 100, minAmountOut: '140' });
    await world.clock.advance(5_000);
    world.priceFalls('3 %');
    world.reconnects();
    await world.settle([order]);
    expect((await world.order(order)).status).toBe('confirmed');
  });

  test('that did not wait keeps only its first quote', async () => {
    const world = await started();
    world.priceFalls('3 %');
    const order = await world.submit({ slippageBps: 100 });
    await world.settle([order]);
    expect((await world.order(order)).status).toBe('confirmed');
    expect((await world.order(order)).request.seenAmount).toBeGreaterThan(units('1', SOL) / 10n);
  });
});

describe('nothing is signed after expiresAt', () => {
  test('at whatever step the deadline passes', async () => {
    const world = await started({ limits: { quoteTimeoutMs: 3_000 } });
    world.hooks.signer.delay('sign', 2_000);
    const order = await world.submit({ expiresAtMs: timeAfter(world.clock.now(), 1_000) });
    await world.slots(10);
    expect(await world.statuses(order)).toEqual(['pending', 'routing', 'building', 'expired']);
    expect(world.chain.landed()).toEqual([]);
  });

  test('and a transaction that was signed before may still land', async () => {
    const world = await started();
    const order = await world.submit({ expiresAtMs: timeAfter(world.clock.now(), 1_000) });
    await world.clock.advance(10);
    expect((await world.order(order)).status).toBe('submitted');
    await world.clock.advance(2_000);
    await world.settle([order]);
    expect((await world.order(order)).status).toBe('confirmed');
  });
});
