import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../src/api/account.ts';
import type { FillRecord } from '../src/domain/order-event.ts';
import { sweepDust } from '../src/execution/upkeep/sweep-dust.ts';
import { recordingLog } from './support/recording-log.ts';
import { BONK, createWorld, SOL, USDC, type WorldOptions } from './support/world.ts';

const POOL = { venue: 'meteora', address: 'bonk', tokenA: BONK, tokenB: USDC, feeBps: 30 };
const POOLS = [{ pool: POOL, reserves: [10n ** 15n, 10n ** 12n] as const }];

/** What becomes of this dust of an order that is final. */
async function swept(
  dust: FillRecord['dust'],
  request: Parameters<Awaited<ReturnType<typeof createWorld>>['submit']>[0] = {},
  limits: WorldOptions['limits'] = {},
) {
  const { log, lines } = recordingLog();
  const world = await createWorld({ pools: POOLS, log, limits: { sweepDustLamports: 1_000n, ...limits } });
  const order = await world.submit(request);
  const { orders, market, venues } = world.engine;
  await market.refresh({ venues, signal: new AbortController().signal });
  const events: typeof orders.events = async (_, after, limit) =>
    after === order.sequence - 1 && limit === 1
      ? [{ type: 'order.finalized', data: dust === undefined ? {} : { dust } } as never]
      : [];
  const engine = { ...world.engine, orders: { ...orders, events } };
  const sweep = () => sweepDust(engine, order);
  await sweep();
  const all = await orders.list({ accountId: ACCOUNT, limit: 10 });
  const sweeps = all.filter(({ request: own }) => own.orderId !== order.request.orderId);
  return { engine, order, sweep, lines, sweeps: sweeps.map(({ request: own }) => own) };
}

describe('the dust of a route', () => {
  test("is swapped to the output token, with the engine's tolerance", async () => {
    const { sweeps, order, lines } = await swept([{ token: 'USDC', amount: '2.5' }], { tokenOut: 'BONK' });
    const { orderId } = order.request;
    expect(sweeps).toMatchObject([
      {
        ...{ type: 'market', tokenIn: USDC, tokenOut: BONK, swapMode: 'exactIn', amount: 2_500_000n },
        ...{ slippageBps: 'auto', minAmountOut: null, maxAmountIn: null },
        clientOrderId: `dust:${orderId}:0`,
      },
    ]);
    expect(lines.filter(({ message }) => message === 'dust swept')).toMatchObject([
      { fields: { orderId, token: 'USDC', amount: '2.5', outcome: 'created' } },
    ]);
  });

  test('is swapped to the input token after an exact output', async () => {
    const { sweeps } = await swept([{ token: 'USDC', amount: '2.5' }], {
      ...{ tokenIn: 'SOL', tokenOut: 'BONK', swapMode: 'exactOut', amount: '10' },
    });
    expect(sweeps).toMatchObject([{ tokenIn: USDC, tokenOut: SOL, swapMode: 'exactIn' }]);
  });

  test('is swapped once, however often the step is repeated', async () => {
    const { sweep, engine, lines } = await swept([{ token: 'USDC', amount: '2.5' }], { tokenOut: 'BONK' });
    await sweep();
    expect(await engine.orders.list({ accountId: ACCOUNT, limit: 10 })).toHaveLength(2);
    expect(lines.map(({ fields }) => fields.outcome)).toEqual(['created', 'existing']);
  });

  test('gets a separate order for each token, except SOL and unknown tokens', async () => {
    const { sweeps } = await swept(
      [
        { token: 'SOL', amount: '1' },
        { token: 'DOGE', amount: '1' },
        { token: 'USDC', amount: '2' },
        { token: 'BONK', amount: '5000' },
      ],
      { tokenIn: 'USDC', tokenOut: 'SOL' },
    );
    expect(sweeps.map(({ clientOrderId }) => clientOrderId?.split(':')[2]).sort()).toEqual(['2', '3']);
  });

  test('stays in the wallet below the limit', async () => {
    const dust = [{ token: 'USDC', amount: '0.15' }];
    const sweepsFrom = async (sweepDustLamports: bigint) =>
      (await swept(dust, { tokenOut: 'BONK' }, { sweepDustLamports })).sweeps.length;
    const { engine } = await swept(dust);
    const worth = engine.market.routes.spotAmount({
      ...{ tokenIn: USDC, tokenOut: SOL, swapMode: 'exactIn', amount: 150_000n },
    })!;
    expect([await sweepsFrom(worth), await sweepsFrom(worth + 1n)]).toEqual([1, 0]);
  });

  test('stays in the wallet where its worth is unknown, where sweeping is off, and where there is none', async () => {
    const dust = [{ token: 'USDC', amount: '2.5' }];
    expect((await swept(dust, { tokenOut: 'BONK' }, { sweepDustLamports: 0n })).sweeps).toEqual([]);
    expect((await swept(undefined, { tokenOut: 'BONK' })).sweeps).toEqual([]);
    const { engine, order } = await swept([], { tokenOut: 'BONK' });
    const routes = Object.assign(Object.create(engine.market.routes), { spotAmount: () => null });
    const events = async () => [{ type: 'order.finalized', data: { dust } } as never];
    const blind = { ...engine, market: { ...engine.market, routes }, orders: { ...engine.orders, events } };
    await sweepDust(blind, order);
    expect(await engine.orders.list({ accountId: ACCOUNT, limit: 10 })).toHaveLength(1);
    const other = async () => [{ type: 'order.confirmed', data: { dust } } as never];
    await sweepDust({ ...engine, orders: { ...engine.orders, events: other } }, order);
    expect(await engine.orders.list({ accountId: ACCOUNT, limit: 10 })).toHaveLength(1);
  });
});
