import { afterAll, beforeAll, expect, test } from 'vitest';
import { toWireOrder } from '../src/api/wire.ts';
import { readAmount } from '../src/domain/amount.ts';
import { explainOrder } from '../src/domain/explain.ts';
import type { Order } from '../src/domain/order.ts';
import type { OrderEventData } from '../src/domain/order-event.ts';
import { toEpochMs } from '../src/domain/timestamp.ts';
import { type Mint, toMint } from '../src/domain/token.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import type { submitRequest } from './support/world.ts';

/** One pool, 100 SOL deep, whose price can fall by a tenth and rise as far. */
const LAUNCH = {
  symbol: 'NEW',
  kind: 'meteora-damm-v2',
  baseAmount: '1000000000000',
  quoteAmount: '100000000000',
  rangePercent: 10,
};
const ANY_IMPACT = { swapMode: 'partialFill', maxPriceImpactBps: 10_000 } as const;

let world: DevnetWorld;
let mint: Mint;
beforeAll(async () => {
  world = await createDevnetWorld('partial fill', { meteora: { lookupTables: false }, launch: LAUNCH });
  mint = toMint(world.launchedMint!);
});
afterAll(() => world?.stop());

const wallet = async () => {
  const { lamports, tokens } = await world.engine.chain.nodes[0]!.holdings(world.engine.signer.address);
  return { lamports, tokens: tokens.get(mint) ?? 0n };
};

async function eventOf<T extends keyof OrderEventData>(order: Order, type: T): Promise<OrderEventData[T]> {
  const events = await world.engine.orders.events(order.request.orderId, 0, 100);
  return events.find((event) => event.type === type)!.data as OrderEventData[T];
}

/** Runs the order to its end, and what the wallet gained and lost by it, network fee and rent left aside. */
async function run(request: Parameters<typeof submitRequest>[0]) {
  const before = await wallet();
  const order = await world.submit({ ...ANY_IMPACT, ...request });
  await world.advanceUntil(order, 'confirmed');
  while (!(await world.order(order)).finalized) await world.admin('advance', { slots: 10 });
  const after = await wallet();
  const ended = await world.order(order);
  const { networkLamports, rentLamports } = ended.fill!.fees;
  return {
    ended,
    wire: toWireOrder(ended, toEpochMs(Date.now())),
    building: await eventOf(order, 'order.building'),
    confirmed: await eventOf(order, 'order.confirmed'),
    gained: {
      lamports: after.lamports - before.lamports + networkLamports + rentLamports,
      tokens: after.tokens - before.tokens,
    },
  };
}

const lamportsOf = (text: string): bigint => readAmount(text, 9);

test('an order larger than the price range is filled in part, and the wallet keeps the rest to the unit', async () => {
  const { ended, wire, building, confirmed, gained } = await run({
    tokenIn: 'SOL',
    tokenOut: mint,
    amount: '1000',
  });
  const { amountIn, amountOut } = ended.fill!;
  expect(amountIn).toBeGreaterThan(lamportsOf('90'));
  expect(amountIn).toBeLessThan(lamportsOf('200'));
  expect(gained).toEqual({ lamports: -amountIn, tokens: amountOut });

  // What was quoted is what landed, and the rest is told in the event and by REST.
  expect(building.route).toMatchObject({ amountIn: confirmed.amountIn, amountOut: confirmed.amountOut });
  expect(lamportsOf(confirmed.unfilledAmountIn!)).toBe(lamportsOf('1000') - amountIn);
  expect(wire).toMatchObject({
    status: 'confirmed',
    swapMode: 'partialFill',
    amountIn: confirmed.amountIn,
    unfilledAmountIn: confirmed.unfilledAmountIn,
    minAmountOut: building.wholeMinAmountOut,
    maxAmountIn: null,
  });
  expect(building.maxAmountIn).toBe(confirmed.amountIn);
  const finalized = await eventOf(ended, 'order.finalized');
  expect(finalized.unfilledAmountIn).toBe(confirmed.unfilledAmountIn);

  const events = await world.engine.orders.events(ended.request.orderId, 0, 100);
  const { execution } = explainOrder(ended.request, events);
  expect(execution).toMatchObject({
    expected: confirmed.amountOut,
    executed: confirmed.amountOut,
    priceMove: '0',
  });
});

test('a pool at the end of its range offers nothing in that direction, and fills a fitting order in the other', async () => {
  const stuck = await world.submit({ ...ANY_IMPACT, tokenIn: 'SOL', tokenOut: mint, amount: '1' });
  await world.advanceUntil(stuck, 'failed');
  expect((await world.order(stuck)).failure).toMatchObject({ code: 'no_route' });

  const { ended, confirmed, gained } = await run({ tokenIn: mint, tokenOut: 'SOL', amount: '10' });
  expect(confirmed).toMatchObject({ amountIn: '10', unfilledAmountIn: '0' });
  expect(gained).toEqual({ lamports: ended.fill!.amountOut, tokens: -ended.fill!.amountIn });
});

test('tokens beyond the room of the range are never taken from the wallet, under the receipt guard too', async () => {
  const owner = world.engine.signer.address;
  await world.admin('fund', { owner, tokens: [{ mint, amount: '9000000000000' }] });
  const request = { tokenIn: mint, tokenOut: 'SOL', amount: '9000000', executionGuard: 'strict' } as const;
  const { ended, confirmed, gained } = await run(request);
  const { amountIn, amountOut } = ended.fill!;
  expect(amountIn).toBeLessThan(3_000_000_000_000n);
  expect(gained).toEqual({ lamports: amountOut, tokens: -amountIn });
  expect(readAmount(confirmed.unfilledAmountIn!, 6)).toBe(9_000_000_000_000n - amountIn);
});

test('an order fills less when another swap uses the range first, and not below its fixed price', async () => {
  await world.admin('faults', { drain: { next: 1, percent: 1, restoreAfterSlots: 1_000 } });
  const { ended, building, confirmed } = await run({
    tokenIn: 'SOL',
    tokenOut: mint,
    amount: '1000',
    slippageBps: 5_000,
  });
  const { amountIn, amountOut } = ended.fill!;
  expect(amountIn).toBeLessThan(lamportsOf(building.maxAmountIn!));
  expect(amountOut).toBeGreaterThanOrEqual(readAmount(building.minAmountOut!, 6));
  expect(amountOut * ended.request.amount).toBeGreaterThanOrEqual(ended.limitAmount! * amountIn);
  expect(lamportsOf(confirmed.unfilledAmountIn!)).toBe(ended.request.amount - amountIn);

  const events = await world.engine.orders.events(ended.request.orderId, 0, 100);
  const { withoutCosts, fees, slippage, priceMove, executed } = explainOrder(ended.request, events)
    .execution!;
  const read = (text: string) => (text.startsWith('-') ? -readAmount(text.slice(1), 6) : readAmount(text, 6));
  expect(read(withoutCosts!) - read(fees) - read(slippage!) - read(priceMove)).toBe(read(executed));
});

test('less than the tolerance allows reverts, and no later try goes below the price of the first', async () => {
  await world.admin('faults', undefined, 'DELETE');
  await run({ tokenIn: mint, tokenOut: 'SOL', amount: '9000000' }); // Back to the other end of the range.
  await world.admin('faults', { drain: { next: 1, percent: 1, restoreAfterSlots: 1_000 } });
  const order = await world.submit({
    ...ANY_IMPACT,
    tokenIn: 'SOL',
    tokenOut: mint,
    amount: '1000',
    slippageBps: 0,
  });
  await world.advanceUntil(order, 'failed');
  const ended = await world.order(order);
  expect(ended.failure?.code).toBe('price_moved');
  expect(await world.statuses(order)).toEqual(expect.arrayContaining(['submitted']));
  const [attempt] = await world.engine.orders.attempts(order.request.orderId);
  expect(attempt?.state).toBe('reverted');
  await world.admin('faults', undefined, 'DELETE');
});

test("the user's own floor is a price: in proportion for a part", async () => {
  const owner = world.engine.signer.address;
  await world.admin('fund', { owner, tokens: [{ mint, amount: '9000000000000' }] });
  const sale = { tokenIn: mint, tokenOut: 'SOL', amount: '9000000' };
  // A SOL for 10,000 at the middle of the range: 900 SOL for all. The range ends a tenth below.
  const dear = await world.submit({ ...ANY_IMPACT, ...sale, minAmountOut: '1200' });
  await world.advanceUntil(dear, 'failed');
  expect((await world.order(dear)).failure).toMatchObject({ code: 'min_amount_out_not_met' });
  const { ended } = await run({ ...sale, minAmountOut: '600' });
  expect(ended.fill!.amountOut).toBeLessThan(lamportsOf('600'));
  expect(ended.fill!.amountOut * ended.request.amount).toBeGreaterThanOrEqual(
    lamportsOf('600') * ended.fill!.amountIn,
  );
});
