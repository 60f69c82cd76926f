import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { OrderEventData } from '../src/domain/order-event.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import { type JupiterProxy, startJupiterProxy } from './support/jupiter-proxy.ts';

let world: DevnetWorld;
let proxy: JupiterProxy;
let devnetUrl = '';

beforeAll(async () => {
  proxy = await startJupiterProxy(() => devnetUrl);
  world = await createDevnetWorld('jupiter', {
    jupiterAt: (url) => {
      devnetUrl = url;
      return `${proxy.url}/swap/v2`;
    },
  });
}, 60_000);
beforeEach(() => {
  proxy.mischief = { kind: 'none' };
});
afterAll(async () => {
  await world?.stop();
  await proxy?.close();
});

const buildingOf = async (order: Parameters<DevnetWorld['order']>[0]) => {
  const events = await world.engine.orders.events(order.request.orderId, 0, 1_000);
  const building = events.find(({ type }) => type === 'order.building');
  if (building?.type !== 'order.building') throw new Error('the order was not built');
  return building.data;
};

test("Jupiter's offer wins against the pool of the other venue, and lands as quoted", async () => {
  const order = await world.submit({ amount: '20' });
  await world.advanceUntil(order, 'confirmed');
  const { quotes, route } = await buildingOf(order);
  expect(quotes.map(({ venue, outcome }) => [venue, outcome])).toEqual([
    ['raydium', 'lost'],
    ['jupiter', 'chosen'],
  ]);
  for (const leg of route.legs) expect(leg).toMatchObject({ venue: 'jupiter', fee: null });
  expect((await world.order(order)).venue).toBe('jupiter');
  const events = await world.engine.orders.events(order.request.orderId, 0, 1_000);
  const confirmed = events.find(({ type }) => type === 'order.confirmed');
  expect(confirmed?.data).toMatchObject({ amountIn: '20', amountOut: route.amountOut });
});

test('an order uses other venues while Jupiter is down', async () => {
  proxy.mischief = { kind: 'answer', status: 503, body: '' };
  const order = await world.submit({ amount: '3' });
  await world.advanceUntil(order, 'confirmed');
  const { quotes } = await buildingOf(order);
  expect(quotes).toMatchObject([
    { venue: 'raydium', outcome: 'chosen' },
    { venue: 'jupiter', outcome: 'unavailable', code: 'unavailable', reason: 'Jupiter: it answered 503.' },
  ]);
});

test('an order whose build turns hostile is tried again with another venue', async () => {
  let answers = 0;
  proxy.mischief = {
    kind: 'change',
    change: (answer) => {
      answers += 1;
      if (answers === 2) answer.swapInstruction.programId = '11111111111111111111111111111111';
      if (answers > 2) answer.routePlan = [];
    },
  };
  const order = await world.submit({ amount: '19' });
  await world.advanceUntil(order, 'confirmed');
  expect(await world.statuses(order)).toEqual([
    'pending',
    'routing',
    'building',
    'routing',
    'building',
    'submitted',
    'confirmed',
  ]);
  const events = await world.engine.orders.events(order.request.orderId, 0, 1_000);
  const retry = events.filter(({ type }) => type === 'order.routing')[1];
  expect(retry?.data).toMatchObject({ cause: { reason: expect.stringContaining('not allowed') } });
  expect((await world.order(order)).venue).toBe('raydium');
});

test('an order whose build gets no answer continues with another venue in the same try', async () => {
  let answers = 0;
  proxy.mischief = {
    kind: 'change',
    change: () => {
      answers += 1;
      proxy.mischief = { kind: 'answer', status: 503, body: '' };
    },
  };
  const order = await world.submit({ amount: '18' });
  await world.advanceUntil(order, 'confirmed');
  expect(answers).toBe(1);
  expect(await world.order(order)).toMatchObject({ venue: 'raydium', tryNumber: 1 });
  const events = await world.engine.orders.events(order.request.orderId, 0, 1_000);
  expect(events.filter(({ type }) => type === 'order.routing')[1]?.data).toMatchObject({
    ...{ try: 1, interrupted: true, leftOut: ['jupiter'] },
    cause: { code: 'offer_not_built', reason: 'Jupiter: it answered 503.' },
  });
});

test('offers routes through AMM v4, whose swaps name no mint', async () => {
  const own = await createDevnetWorld('amm v4 by jupiter', { jupiterAt: (url) => `${url}/swap/v2` });
  try {
    const ray = own.engine.tokens.find('RAY')!;
    const tokens = [{ mint: ray.mint, amount: String(1_000_000n * 10n ** BigInt(ray.decimals)) }];
    await own.admin('fund', { owner: own.engine.signer.address, tokens });
    const labels = new Set<string>();
    for (const amount of ['100000', '400000']) {
      const order = await own.submit({ tokenIn: 'RAY', tokenOut: 'USDC', amount, maxPriceImpactBps: 10_000 });
      await own.until(order, 'submitted');
      const events = await own.engine.orders.events(order.request.orderId, 0, 100);
      const building = events.find(({ type }) => type === 'order.building')!
        .data as OrderEventData['order.building'];
      const offer = building.quotes.find(({ venue }) => venue === 'jupiter')!;
      expect(['chosen', 'lost']).toContain(offer.outcome);
      if ('legs' in offer) for (const leg of offer.legs ?? []) labels.add(leg.poolKind);
      await own.advanceUntil(order, 'confirmed');
    }
    expect(labels).toContain('Raydium');
  } finally {
    await own.stop();
  }
}, 120_000);
