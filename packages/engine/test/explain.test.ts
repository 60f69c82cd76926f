import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Explanation, SingleVenue } from '../src/domain/explain.ts';
import type { LegRecord, OrderEvent, QuoteRecord } from '../src/domain/order-event.ts';
import { serveTestApp } from './support/app.ts';
import { createWorld, RAYDIUM_POOL, SOL, type TestWorld } from './support/world.ts';

let world: TestWorld;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  world = await createWorld();
  await world.start();
  ({ app, url } = await serveTestApp(world.engine));
});
afterEach(async () => {
  await app.close();
  await world.stop();
});

const get = async <T>(path: string): Promise<T> => {
  const response = await fetch(url + path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
};

type Quoted = Extract<QuoteRecord, { outcome: 'chosen' | 'lost' }>;
const isQuoted = (quote: QuoteRecord): quote is Quoted => quote.outcome !== 'unavailable';
/** USDC and SOL in base units, by the digits alone. */
const units = (text: string, decimals: number): bigint => {
  const [whole, fraction = ''] = text.replace('-', '').split('.');
  const size = BigInt(whole + fraction.padEnd(decimals, '0'));
  return text.startsWith('-') ? -size : size;
};
const usdc = (text: string) => units(text, 6);

test('an order is explained by its stored events alone, and everything in it can be computed from them', async () => {
  const order = await world.submit({ amount: '900', slippageBps: 300 });
  while ((await world.order(order)).status !== 'submitted') await world.clock.advance(10);
  world.fills(RAYDIUM_POOL, SOL, '0.5 %'); // Others sell SOL before the transaction lands.
  await world.settle([order]);

  const { orderId } = order.request;
  const explanation = await get<Explanation>(`/api/orders/${orderId}/explain`);
  const { data: events } = await get<{ data: OrderEvent[] }>(`/api/orders/${orderId}/events`);
  const building = events.find((event) => event.type === 'order.building')!.data;
  const fill = events.find((event) => event.type === 'order.confirmed')!.data;
  const [decision] = explanation.tries.map((one) => one.decision);
  expect(decision?.candidates).toEqual(building.quotes);

  // The choice and the distances.
  const quoted = building.quotes.filter(isQuoted);
  const best = quoted.reduce((so, one) => (usdc(one.amountOut) > usdc(so.amountOut) ? one : so));
  expect(quoted.find(({ outcome }) => outcome === 'chosen')).toEqual(best);
  expect(best.venue).toBe('router');
  for (const { amountOut, behindBestBps, spotAmount, priceImpactBps, legs } of quoted) {
    const bps = (Number(usdc(best.amountOut) - usdc(amountOut)) / Number(usdc(best.amountOut))) * 1e4;
    expect(Number(behindBestBps)).toBeCloseTo(bps, 1);
    const impact = (1 - Number(amountOut) / Number(spotAmount)) * 1e4;
    expect(Math.abs(priceImpactBps - impact)).toBeLessThanOrEqual(1);
    expect(legs!.reduce((sum, leg) => sum + usdc(leg.amountOut), 0n)).toBe(usdc(amountOut));
  }
  const alone = quoted.filter(({ venue }) => venue !== 'router');
  const single = alone.reduce((so, one) => (usdc(one.amountOut) > usdc(so.amountOut) ? one : so));
  expect(decision?.bestSingleVenue).toMatchObject({
    venue: single.venue,
    behindBestBps: single.behindBestBps,
  });

  // Expected against executed. A fee in SOL is worth what its own leg got for it.
  const execution = explanation.execution!;
  const route = building.route;
  const worth = ([...route.legs] as LegRecord[]).reduce((sum, leg) => sum + Number(leg.amountIn), 0);
  const rate = Number(route.amountOut) / worth;
  const fees = route.legs!.reduce((sum, leg) => sum + Number(leg.fee) * rate, 0);
  expect(Number(execution.fees)).toBeCloseTo(fees, 3);
  expect(usdc(execution.slippage!)).toBe(usdc(best.spotAmount!) - usdc(route.amountOut));
  expect(usdc(execution.priceMove)).toBe(usdc(route.amountOut) - usdc(fill.amountOut));
  expect(usdc(execution.priceMove)).toBeGreaterThan(0n);
  const costs = usdc(execution.fees) + usdc(execution.slippage!) + usdc(execution.priceMove);
  expect(usdc(execution.withoutCosts!) - costs).toBe(usdc(fill.amountOut));
  expect(execution).toMatchObject({ expected: route.amountOut, executed: fill.amountOut, token: 'USDC' });
});

test('an order that no venue can fill is explained by its failures', async () => {
  const order = await world.submit({ amount: '1', minAmountOut: '1000' });
  await world.settle([order]);
  const { tries, execution } = await get<Explanation>(`/api/orders/${order.request.orderId}/explain`);
  expect(tries.map(({ failure }) => failure?.code)).toEqual(Array(3).fill('min_amount_out_not_met'));
  expect(execution).toBeNull();
});

test('a quote is explained on request', async () => {
  const path = '/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=900';
  type Answer = { quotes: Partial<Quoted>[]; bestSingleVenue?: SingleVenue };
  const plain = await get<Answer>(path);
  expect(plain.quotes.every(({ legs }) => legs === undefined)).toBe(true);
  expect(plain.bestSingleVenue).toBeUndefined();
  const explained = await get<Answer>(`${path}&explain=1`);
  expect(explained.quotes.map(({ legs }) => legs?.length)).toEqual([1, 1, 2]);
  expect(explained.quotes[0]?.legs?.[0]).toMatchObject({ fee: '2.25', feeToken: 'SOL' });
  expect(explained.bestSingleVenue).toMatchObject({ venue: 'raydium' });
});

test('an unknown order has no explanation', async () => {
  const response = await fetch(`${url}/api/orders/01890000-0000-7000-8000-000000000000/explain`);
  const { code } = (await response.json()) as { code: string };
  expect([response.status, code]).toEqual([404, 'order_not_found']);
  expect((await fetch(`${url}/api/orders/x/explain`)).status).toBe(400);
});
