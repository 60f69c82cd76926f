import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../src/api/account.ts';
import type { FillRecord } from '../src/domain/order-event.ts';
import { sweepDust } from '../src/execution/upkeep/sweep-dust.ts';
import { recordingLog } from './support/recording-log.ts';
import { leaveOrder } from './support/stored-order.ts';
import { BONK, createWorld, SOL, type TestWorld, USDC, type WorldOptions } from './support/world.ts';

const POOL = { venue: 'meteora', address: 'bonk', tokenA: BONK, tokenB: USDC, feeBps: 30 };
const POOLS = [{ pool: POOL, reserves: [10n ** 15n, 10n ** 12n] as const }];

interface Case {
  readonly limits?: WorldOptions['limits'];
  /** No pool was looked at yet, so that no token's worth is known. */
  readonly isBlind?: boolean;
  /** The block that has the order is confirmed, and not final. */
  readonly isOnlyConfirmed?: boolean;
}

/** What becomes of this dust of an order that is final. */
async function swept(
  dust: FillRecord['dust'],
  request: Parameters<TestWorld['submit']>[0] = {},
  { limits, isBlind = false, isOnlyConfirmed = false }: Case = {},
) {
  const { log, lines } = recordingLog();
  const world = await createWorld({ pools: POOLS, log, limits: { sweepDustLamports: 1_000n, ...limits } });
  const { engine } = world;
  const { orders, market, venues } = engine;
  const { order } = await leaveOrder(engine, {
    ...{ order: await world.submit(request), landedAt: 101n, isFinal: !isOnlyConfirmed },
    ...(dust && { dust }),
  });
  if (!isBlind) await market.refresh({ venues, signal: new AbortController().signal });
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
      (await swept(dust, { tokenOut: 'BONK' }, { limits: { sweepDustLamports } })).sweeps.length;
    const { engine } = await swept(dust);
    const worth = engine.market.routes.spotAmount({
      ...{ tokenIn: USDC, tokenOut: SOL, swapMode: 'exactIn', amount: 150_000n },
    })!;
    expect([await sweepsFrom(worth), await sweepsFrom(worth + 1n)]).toEqual([1, 0]);
  });

  test('stays in the wallet where its worth is unknown, where sweeping is off, and where there is none', async () => {
    const dust = [{ token: 'USDC', amount: '2.5' }];
    expect((await swept(dust, { tokenOut: 'BONK' }, { limits: { sweepDustLamports: 0n } })).sweeps).toEqual(
      [],
    );
    expect((await swept(undefined, { tokenOut: 'BONK' })).sweeps).toEqual([]);
    expect((await swept([], { tokenOut: 'BONK' })).sweeps).toEqual([]);
    expect((await swept(dust, { tokenOut: 'BONK' }, { isBlind: true })).sweeps).toEqual([]);
    expect((await swept(dust, { tokenOut: 'BONK' }, { isOnlyConfirmed: true })).sweeps).toEqual([]);
    expect((await swept(dust, { tokenOut: 'BONK' })).sweeps).toHaveLength(1);
  });
});
