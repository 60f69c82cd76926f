import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../src/api/account.ts';
import { toOrderId } from '../src/domain/order.ts';
import { type Token, toMint } from '../src/domain/token.ts';
import { TokenList } from '../src/domain/token-list.ts';
import { type SubmitRequest, type SubmitResult, submitOrder } from '../src/execution/submit-order.ts';
import type { Publication } from '../src/ports/event-bus.ts';
import type { ScenarioOrder } from '../src/ports/scenarios.ts';
import { oddVenue, withoutMarket } from './support/odd-venue.ts';
import { BONK, createWorld, SOL, submitRequest, USDC, type WorldOptions } from './support/world.ts';

/** A world with what it hears and does: its bus's publications, the orders that it wakes, its looks for new pools. */
async function listened(options: WorldOptions = {}) {
  const world = await createWorld(options);
  const published: Publication[] = [];
  world.engine.bus.subscribeToAccount(ACCOUNT, (publication) => published.push(publication));
  const wakes = world.hooks.queue.calls('wake');
  const looks = world.hooks.venue('raydium').calls('discover');
  const submit = (request: Partial<SubmitRequest> = {}) => submitOrder(world.engine, submitRequest(request));
  return { world, published, wakes, looks, submit };
}

const orderOf = (result: SubmitResult) => {
  if (!('order' in result)) throw new Error(JSON.stringify(result));
  return result.order;
};

describe('an accepted order', () => {
  test('is stored, published and woken', async () => {
    const { world, published, wakes, submit } = await listened();
    const result = await submit();
    expect(result.outcome).toBe('created');
    const { orderId } = orderOf(result).request;
    expect(await world.engine.orders.get(orderId)).toEqual(orderOf(result));
    expect(orderOf(result).request).toMatchObject({
      ...{ tokenIn: SOL, tokenOut: USDC, amount: 1_000_000_000n, slippageBps: 100 },
      ...{ minAmountOut: null, maxAmountIn: null, maxPriceImpactBps: null, dialect: null, heldUntilMs: null },
    });
    expect(published).toMatchObject([
      { accountId: 'default', position: 1, events: [{ type: 'order.pending', data: {}, sequence: 1 }] },
    ]);
    expect(wakes).toEqual([[orderId]]);
  });

  test('keeps its limits, in units of the token of each', async () => {
    const { submit } = await listened();
    const { request } = orderOf(await submit({ minAmountOut: '149.5', maxPriceImpactBps: 40 }));
    expect(request).toMatchObject({ minAmountOut: 149_500_000n, maxAmountIn: null, maxPriceImpactBps: 40 });
    const exactOut = orderOf(await submit({ swapMode: 'exactOut', amount: '100', maxAmountIn: '0.7' }));
    expect(exactOut.request).toMatchObject({
      ...{ amount: 100_000_000n, maxAmountIn: 700_000_000n, minAmountOut: null },
    });
  });

  test('keeps of a submission what its request has, and nothing else', async () => {
    const { submit } = await listened();
    const plain = orderOf(await submit());
    const { request } = orderOf(
      await submit({ rounded: ['amount'], holdMs: 5_000, executionGuard: 'strict', idempotencyKey: 'k' }),
    );
    expect(Object.keys(request).sort()).toEqual(Object.keys(plain.request).sort());
    for (const field of ['rounded', 'holdMs', 'simulate', 'idempotencyKey', 'fingerprint'])
      expect(request).not.toHaveProperty(field);
  });

  test('that is held is not woken, and names its deadline', async () => {
    const { world, published, wakes, submit } = await listened();
    const nowMs = world.clock.now();
    const { request } = orderOf(await submit({ holdMs: 5_000, dialect: 'other' }));
    expect(request).toMatchObject({ heldUntilMs: nowMs + 5_000, dialect: 'other' });
    expect(published[0]?.events[0]?.data).toMatchObject({
      heldUntil: new Date(nowMs + 5_000).toISOString(),
    });
    expect(wakes).toEqual([]);
  });

  test('is returned again for the same key, and neither published nor woken again', async () => {
    const { published, wakes, submit } = await listened();
    const first = orderOf(await submit({ idempotencyKey: 'k' }));
    expect(await submit({ idempotencyKey: 'k' })).toMatchObject({ outcome: 'existing' });
    const other = await submit({ idempotencyKey: 'k', fingerprint: 'other' });
    expect(other).toEqual({
      outcome: 'conflict',
      key: 'idempotencyKey',
      orderId: first.request.orderId,
    });
    expect([published.length, wakes.length]).toEqual([1, 1]);
  });

  test('arms its requested failure before it is stored', async () => {
    const armed: ScenarioOrder[] = [];
    const stored: boolean[] = [];
    const arm = async (one: ScenarioOrder) => {
      armed.push(one);
      stored.push((await world.engine.orders.get(toOrderId(one.orderId))) !== undefined);
    };
    const { world, submit } = await listened({ scenarios: { arm } });
    const simulate = { scenario: 'outage', seed: '7' };
    const { request } = orderOf(await submit({ simulate }));
    await submit();
    expect(armed).toEqual([{ orderId: request.orderId, ...simulate }]);
    expect(stored).toEqual([false]);
  });
});

describe('a refused order', () => {
  const long = 'x'.repeat(65);
  test.each([
    [
      { tokenIn: 'DOGE' },
      'unknown_token',
      'tokenIn',
      'tokenIn "DOGE" is not a token that can be traded here.',
    ],
    [{ tokenOut: 'DOGE' }, 'unknown_token', 'tokenOut', '"DOGE"'],
    [{ tokenIn: long }, 'unknown_token', 'tokenIn', `"${'x'.repeat(64)}…"`],
    [{ tokenIn: 'x'.repeat(64) }, 'unknown_token', 'tokenIn', `"${'x'.repeat(64)}"`],
    [{ tokenOut: 'SOL' }, 'same_token', 'tokenOut', 'the same token'],
    [{ tokenOut: 'BONK' }, 'no_pool', 'tokenOut', 'SOL and BONK'],
    [{ amount: 'x' }, 'invalid_amount', 'amountIn', 'amountIn is not a decimal number.'],
    [{ amount: '1'.repeat(65) }, 'invalid_amount', 'amountIn', 'longer'],
    [{ amount: '0' }, 'amount_out_of_range', 'amountIn', 'zero'],
    [{ amount: '18446744073.709551616' }, 'amount_out_of_range', 'amountIn', 'more than'],
    [{ swapMode: 'exactOut', amount: '0.0000001' }, 'too_many_decimals', 'amountOut', 'more decimals'],
    [{ minAmountOut: '0.0000001' }, 'too_many_decimals', 'minAmountOut', 'more decimals'],
    [{ swapMode: 'exactOut', maxAmountIn: '-1' }, 'invalid_amount', 'maxAmountIn', 'not a decimal'],
    [
      { simulate: { scenario: 's', seed: '1' } },
      'scenarios_unavailable',
      'simulate',
      'no failures on demand',
    ],
  ] as [Partial<SubmitRequest>, string, string, string][])(
    '%j gets the name of the field, and stores nothing',
    async (request, code, field, reason) => {
      const { world, published, wakes, submit } = await listened();
      const refusal = await submit(request);
      expect(refusal).toMatchObject({ outcome: 'refused', code, field });
      expect('reason' in refusal && refusal.reason).toContain(reason);
      expect('hint' in refusal && refusal.hint).toMatch(/^[A-Z].*\.$/);
      expect([published, wakes]).toEqual([[], []]);
      expect(await world.engine.orders.list({ accountId: ACCOUNT, limit: 1 })).toMatchObject([]);
    },
  );

  test("for its decimals gets the token's number of decimals", async () => {
    const { submit } = await listened();
    expect(await submit({ amount: '0.0000000001' })).toMatchObject({
      hint: 'SOL has 9 decimals; round the amount.',
    });
  });
});

describe('a token or a pool that may be new', () => {
  const MINT = '7'.repeat(40);
  /** The first venue can look for new pools. */
  const looking =
    (discover: () => Promise<readonly string[]>): NonNullable<WorldOptions['venues']> =>
    ([raydium, meteora]) => [oddVenue(raydium!, { discover }), meteora!];

  test.each([
    [{ tokenIn: MINT }, 1],
    [{ tokenOut: MINT }, 1],
    [{ tokenOut: 'BONK' }, 1],
    [{ tokenIn: 'DOGE', tokenOut: MINT }, 0],
    [{ tokenIn: 'SOL', tokenOut: 'DOGE' }, 0],
    [{ amount: '0' }, 0],
    [{}, 0],
  ] as [Partial<SubmitRequest>, number][])('%j is searched for %d times', async (request, times) => {
    const { looks, submit } = await listened({ venues: looking(async () => []) });
    await submit(request);
    expect(looks).toHaveLength(times);
  });

  test('is traded when the search found it', async () => {
    const tokens = new TokenList();
    for (const known of [SOL, USDC]) tokens.add(known);
    const found: Token = { mint: toMint(MINT), symbol: 'NEW', decimals: 6, tokenProgram: 'tokens' };
    const pool = { venue: 'raydium', address: 'new', tokenA: SOL, tokenB: found, feeBps: 30 };
    const discover = async () => {
      tokens.add(found);
      return [pool.address];
    };
    const { submit } = await listened({
      tokens,
      pools: [{ pool, reserves: [10n ** 12n, 10n ** 12n] }],
      venues: looking(discover),
    });
    expect(orderOf(await submit({ tokenOut: MINT })).request.tokenOut).toEqual(found);
  });
});

describe('a pair is traded', () => {
  const pool = { venue: 'meteora', address: 'bonk', tokenA: BONK, tokenB: USDC, feeBps: 30 };
  const pools = [{ pool, reserves: [10n ** 15n, 10n ** 12n] as const }];

  test('in both directions of a pool', async () => {
    const { submit } = await listened({ pools });
    expect(await submit({ tokenIn: 'BONK', tokenOut: 'USDC' })).toMatchObject({ outcome: 'created' });
    expect(await submit({ tokenIn: 'USDC', tokenOut: 'BONK' })).toMatchObject({ outcome: 'created' });
  });

  test('over other tokens, up to the longest route', async () => {
    const { submit } = await listened({ pools });
    expect(await submit({ tokenOut: 'BONK' })).toMatchObject({ outcome: 'created' });
    const short = await listened({ pools, limits: { maxLegs: 1 } });
    expect(await short.submit({ tokenOut: 'BONK' })).toMatchObject({ code: 'no_pool' });
  });

  test('over other tokens only through pools that the router sees', async () => {
    const { submit } = await listened({ pools, venues: (venues) => venues.map(withoutMarket) });
    expect(await submit({ tokenOut: 'BONK' })).toMatchObject({ code: 'no_pool' });
    expect(await submit()).toMatchObject({ outcome: 'created' });
  });

  test('by an order that would rest only where the engine sees its price', async () => {
    const { submit } = await listened({ venues: (venues) => venues.map(withoutMarket) });
    const limit = { type: 'limit', trigger: { limitPrice: '160' } } as const;
    expect(await submit({ ...limit, timeInForce: 'gtc' })).toMatchObject({ code: 'no_pool' });
    expect(await submit({ ...limit, timeInForce: 'ioc' })).toMatchObject({ outcome: 'created' });
  });
});
