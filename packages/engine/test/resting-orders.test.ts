import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryPriceMarks } from '../src/adapters/memory/price-marks.ts';
import { ACCOUNT } from '../src/api/account.ts';
import type { Order } from '../src/domain/order.ts';
import { timeAfter } from '../src/domain/timestamp.ts';
import { amendOrder } from '../src/execution/amend-order.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import type { SubmitRequest } from '../src/execution/submit-order.ts';
import { fireTriggers } from '../src/execution/triggers/fire-triggers.ts';
import { ALL_SHARES } from '../src/execution/triggers/shares.ts';
import { createWorld, METEORA_POOL, type TestWorld } from './support/world.ts';

// SOL is at 150 USDC before fees; the better pool keeps 20 bps.
let world: TestWorld;
beforeEach(async () => {
  world = await createWorld();
  await world.start();
});
afterEach(() => world.stop());

const resting = (more: Partial<SubmitRequest>): Promise<Order> =>
  world.submit({ timeInForce: 'gtc', ...more });
const statusOf = async (order: Order): Promise<string> => (await world.order(order)).status;

describe('a limit order', () => {
  test('rests until the pools give its price for its amount, and is filled at that price or better', async () => {
    const order = await resting({ type: 'limit', trigger: { limitPrice: '160' } });
    expect(order.status).toBe('open');
    await world.slots(5);
    expect(await world.statuses(order)).toEqual(['pending', 'opened']);

    world.priceRises('10 %');
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual([
      ...['pending', 'opened', 'triggered', 'routing', 'building', 'submitted', 'confirmed'],
    ]);
    const { fill } = await world.order(order);
    expect(fill!.amountOut).toBeGreaterThanOrEqual(160_000_000n);
  });

  test('whose price is there fires at once', async () => {
    const order = await resting({ type: 'limit', trigger: { limitPrice: '140' } });
    await world.settle([order]);
    expect(await statusOf(order)).toBe('confirmed');
  });

  test('that is too large for the pools at its price rests, though the price of a small swap is there', async () => {
    const order = await resting({ type: 'limit', amount: '10000', trigger: { limitPrice: '149' } });
    await world.slots(50);
    expect(await world.statuses(order)).toEqual(['pending', 'opened']);
  });
});

describe('a stop', () => {
  test('fires when the price is as low as its stop, and is executed as a market order', async () => {
    const order = await resting({ type: 'stop', trigger: { stopPrice: '140' } });
    world.priceRises('10 %');
    await world.slots(5);
    world.priceRecovers();
    await world.slots(5);
    expect(await statusOf(order)).toBe('open');
    world.priceFalls('10 %');
    await world.settle([order]);
    expect(await world.log(order)).toMatchObject([
      { type: 'order.pending' },
      { type: 'order.opened' },
      { type: 'order.triggered', status: 'open', data: { by: 'stopPrice', firing: 1, source: 'last' } },
      { type: 'order.routing', data: { try: 1 } },
      { type: 'order.building' },
      { type: 'order.submitted' },
      { type: 'order.confirmed' },
    ]);
  });

  test('with a price in tokenIn waits for that price to rise', async () => {
    const order = await resting({
      ...{ type: 'stop', tokenIn: 'USDC', tokenOut: 'SOL', amount: '100' },
      trigger: { stopPrice: '160', priceIn: 'tokenIn' },
    });
    world.priceFalls('10 %');
    await world.slots(5);
    expect(await statusOf(order)).toBe('open');
    world.priceRecovers();
    world.priceRises('10 %');
    await world.settle([order]);
    expect(await statusOf(order)).toBe('confirmed');
  });

  test('that must hold for several slots does not fire at a wick', async () => {
    const order = await resting({ type: 'stop', trigger: { stopPrice: '140', slots: 3 } });
    for (let wick = 0; wick < 3; wick += 1) {
      world.priceFalls('10 %'); // In this slot and the next.
      await world.slots(1);
      world.priceRecovers();
      await world.slots(2);
    }
    expect(await statusOf(order)).toBe('open');
    world.priceFalls('10 %');
    await world.settle([order]);
    expect(await statusOf(order)).toBe('confirmed');
  });
});

test('no stop fires at a price that lacks the pools of a venue', async () => {
  world.priceFalls('10 %', METEORA_POOL);
  const order = await resting({ type: 'stop', trigger: { stopPrice: '140' } });
  await world.slots(5);
  expect(await statusOf(order)).toBe('open');
  const answers = world.hooks.venue('raydium').hold('market'); // Its pool alone is at the old price.
  await world.slots(8);
  expect(await statusOf(order)).toBe('open');
  answers();
});

test('a takeProfit fires when the price is as high as it says', async () => {
  const order = await resting({ type: 'takeProfit', trigger: { takeProfitPrice: '160' } });
  await world.slots(5);
  expect(await statusOf(order)).toBe('open');
  world.priceRises('10 %');
  await world.settle([order]);
  expect(await statusOf(order)).toBe('confirmed');
});

describe('a stopLimit', () => {
  test('waits for its limit once its stop has fired, and the price may rise again before', async () => {
    const order = await resting({ type: 'stopLimit', trigger: { stopPrice: '140', limitPrice: '145' } });
    await world.slots(5);
    expect(await world.order(order)).toMatchObject({ status: 'open', resting: { stopFired: false } });
    world.priceFalls('10 %');
    await world.slots(5);
    expect(await world.order(order)).toMatchObject({
      status: 'open',
      resting: { stopFired: true, firings: 0 },
    });
    world.priceRecovers();
    await world.settle([order]);
    const { status, fill } = await world.order(order);
    expect(status).toBe('confirmed');
    expect(fill!.amountOut).toBeGreaterThanOrEqual(145_000_000n);
  });
});

describe('a trailingStop', () => {
  test('fires so far below the highest price that it has seen', async () => {
    const order = await resting({ type: 'trailingStop', trigger: { trailingBps: 500 } });
    await world.slots(3);
    world.priceRises('10 %');
    await world.slots(3);
    world.priceFalls('4 %');
    await world.slots(3);
    expect(await statusOf(order)).toBe('open');
    world.priceFalls('2 %');
    await world.settle([order]);
    const fired = (await world.log(order)).find(({ type }) => type === 'order.triggered');
    expect(fired).toMatchObject({ data: { by: 'trailingBps' } });
  });

  test('keeps its highest price over a firing in vain', async () => {
    const order = await resting({
      ...{ type: 'trailingStop', trigger: { trailingBps: 500 } },
      ...{ amount: '300', maxPriceImpactBps: 1 },
    });
    world.priceRises('10 %');
    await world.slots(3);
    world.priceFalls('6 %');
    await world.slots(90);
    expect((await world.order(order)).resting!.firings).toBeGreaterThan(1);
  });

  test('keeps its highest price over a crash', async () => {
    const order = await resting({ type: 'trailingStop', trigger: { trailingBps: 500 } });
    world.priceRises('10 %');
    await world.slots(3);
    await world.crash();
    await world.slots(3);
    expect(await statusOf(order)).toBe('open');
    world.priceFalls('6 %');
    await world.settle([order]);
    expect(await statusOf(order)).toBe('confirmed');
  });
});

describe('a limit order that never rests', () => {
  test.each(['ioc', 'fok'] as const)('%s is filled at once where the price is there', async (timeInForce) => {
    const order = await world.submit({ type: 'limit', timeInForce, trigger: { limitPrice: '140' } });
    expect(order.status).toBe('pending');
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual(['pending', 'routing', 'building', 'submitted', 'confirmed']);
  });

  test.each(['ioc', 'fok'] as const)('%s expires where it is not', async (timeInForce) => {
    const order = await world.submit({ type: 'limit', timeInForce, trigger: { limitPrice: '160' } });
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual(['pending', 'routing', 'expired']);
  });
});

test('an order with a startAt rests until then, and one whose time is over expires without having fired', async () => {
  const { clock } = world;
  const market = await world.submit({ startAtMs: timeAfter(clock.now(), 4_000) });
  const limit = await resting({
    ...{ type: 'limit', timeInForce: 'gtd', trigger: { limitPrice: '160' } },
    expiresAtMs: timeAfter(clock.now(), 4_000),
  });
  await world.slots(9);
  expect(await Promise.all([statusOf(market), statusOf(limit)])).toEqual(['open', 'open']);
  await world.settle([market, limit]);
  expect(await Promise.all([statusOf(market), statusOf(limit)])).toEqual(['confirmed', 'expired']);
});

test('an order whose swap the market does not give rests again, after a pause', async () => {
  const order = await resting({
    type: 'stop',
    trigger: { stopPrice: '155' },
    maxPriceImpactBps: 1,
    amount: '300',
  });
  await world.slots(60);
  const again = (await world.log(order)).filter(({ type }) => type === 'order.opened').slice(1);
  expect(again.length).toBeGreaterThan(0);
  for (const { data } of again)
    expect(data).toMatchObject({ cause: { code: 'price_impact_too_high' }, pausedUntil: expect.any(String) });
  expect(await statusOf(order)).not.toBe('failed');
});

test('what is amended counts from then on', async () => {
  const order = await resting({ type: 'limit', trigger: { limitPrice: '200' } });
  await world.slots(3);
  const amended = await amendOrder(world.engine, order.request.orderId, { limitPrice: '140', amountIn: '2' });
  expect(amended).toMatchObject({ outcome: 'amended', order: { sequence: 3 } });
  await world.settle([order]);
  const { fill, request } = await world.order(order);
  expect(request).toMatchObject({ amount: 2_000_000_000n, minAmountOut: 280_000_000n });
  expect(fill).toMatchObject({ amountIn: 2_000_000_000n });
});

test('an order that is amended as it is about to fire does not fire on its former price', async () => {
  const order = await resting({ type: 'stop', trigger: { stopPrice: '140' } });
  await world.slots(2);
  const amend = () => amendOrder(world.engine, order.request.orderId, { stopPrice: '100' });
  world.hooks.orders.meanwhile('get', amend, { times: 1 });
  world.priceFalls('10 %');
  await world.slots(5);
  expect(await world.statuses(order)).toEqual(['pending', 'opened', 'amended']);
});

test('an order whose time is over expires though the store could not be reached then', async () => {
  const order = await resting({
    ...{ type: 'limit', timeInForce: 'gtd', trigger: { limitPrice: '160' } },
    expiresAtMs: timeAfter(world.clock.now(), 4_000),
  });
  await world.slots(9);
  world.hooks.orders.fail('get', new Error('no store'), { times: 1 });
  await world.settle([order], 20);
  expect(await world.statuses(order)).toEqual(['pending', 'opened', 'expired']);
});

test('a crash while orders rest loses none, and each fires once', async () => {
  const orders = await Promise.all(
    ['155', '160', '165'].map((limitPrice) => resting({ type: 'limit', trigger: { limitPrice } })),
  );
  await world.slots(3);
  await world.crash();
  world.priceRises('20 %');
  await world.settle(orders);
  for (const order of orders)
    expect((await world.statuses(order)).filter((type) => type === 'triggered')).toHaveLength(1);
});

test('of two processes that both believe that a pair is theirs, one fires an order', async () => {
  const order = await resting({ type: 'limit', trigger: { limitPrice: '160' } });
  await world.slots(2);
  const other = world.anotherProcess();
  const working = new AbortController();
  const triggers = { accountId: ACCOUNT, shares: ALL_SHARES, marks: createMemoryPriceMarks() };
  const firing = fireTriggers(other, triggers, working.signal);
  await world.slots(2);
  world.priceRises('10 %');
  await world.settle([order]);
  working.abort();
  await firing;
  expect((await world.statuses(order)).filter((type) => type === 'triggered')).toHaveLength(1);
});

test('a limit for a part fires where one pool is at its price, though another would take more below it', async () => {
  const order = await resting({
    ...{ type: 'limit', swapMode: 'partialFill', amount: '500', trigger: { limitPrice: '156' } },
  });
  await world.slots(3);
  expect(await statusOf(order)).toBe('open');
  world.priceRises('6 %', METEORA_POOL);
  await world.settle([order]);
  expect(await statusOf(order)).toBe('confirmed');
});

test('a cancel ends an order that rests, and no price starts it any more', async () => {
  const order = await resting({ type: 'limit', trigger: { limitPrice: '160' } });
  await world.slots(2);
  await cancelOrder(world.engine, order.request.orderId);
  world.priceRises('10 %');
  await world.slots(10);
  expect(await world.statuses(order)).toEqual(['pending', 'opened', 'canceled']);
});

test('an order that may not rest is over at its startAt if the market does not give it its limit then', async () => {
  const startAtMs = timeAfter(world.clock.now(), 5_000);
  const order = await resting({
    ...{ type: 'limit', timeInForce: 'ioc', trigger: { limitPrice: '160' }, startAtMs },
  });
  expect(order.status).toBe('open');
  await amendOrder(world.engine, order.request.orderId, { expiresAtMs: null });
  await world.settle([order]);
  expect(await world.statuses(order)).toEqual([
    ...['pending', 'opened', 'amended', 'triggered', 'routing', 'expired'],
  ]);
});
