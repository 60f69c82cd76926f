import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tablesOf } from '../src/adapters/signers/decoded-message.ts';
import type { Order } from '../src/domain/order.ts';
import type { LegRecord, OrderEventData, OrderEventType } from '../src/domain/order-event.ts';
import { SOL_MINT } from '../src/domain/token.ts';
import { broadcast } from '../src/execution/attempts/record-attempt.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';

/** One signature before the message: its number and its 64 bytes. */
const SIGNATURE_SECTION_BYTES = 65;
const PACKET_BYTES = 1_232;
/** Only a very large order is worth five legs here, and it moves the price a lot. */
const ANY_SIZE = { maxPriceImpactBps: 10_000 };

/** Nothing is sent again by itself, so that a test can choose when lost bytes arrive. */
const LIMITS = { ...ANY_SIZE, resendMs: 3_600_000 };

let world: DevnetWorld;
beforeAll(async () => {
  world = await createDevnetWorld('routes', { meteora: { lookupTables: true }, limits: LIMITS });
});
afterAll(() => world?.stop());

async function dataOf<T extends OrderEventType>(
  order: Order,
  type: T,
  of: DevnetWorld = world,
): Promise<OrderEventData[T]> {
  const events = await of.engine.orders.events(order.request.orderId, 0, 100);
  const found = events.findLast((event) => event.type === type);
  if (!found) throw new Error(`no ${type} in ${JSON.stringify(events.map((event) => event.type))}`);
  return found.data as OrderEventData[T];
}

async function confirmed(
  request: Parameters<DevnetWorld['submit']>[0],
  of: DevnetWorld = world,
): Promise<Order> {
  const order = await of.submit(request);
  await of.until(order, 'submitted');
  await of.advanceUntil(order, 'confirmed');
  return of.order(order);
}

async function bytesOf(order: Order, of: DevnetWorld = world): Promise<Uint8Array> {
  const attempts = await of.engine.orders.attempts(order.request.orderId);
  return attempts.at(-1)!.bytes;
}

const tablesIn = (bytes: Uint8Array) => tablesOf(bytes.subarray(SIGNATURE_SECTION_BYTES));
const pairs = (legs: readonly LegRecord[]) => legs.map(({ tokenIn, tokenOut }) => `${tokenIn}-${tokenOut}`);
const sumOf = (legs: readonly LegRecord[], side: 'amountIn' | 'amountOut', token: string) =>
  legs
    .filter((leg) => (side === 'amountIn' ? leg.tokenIn : leg.tokenOut) === token)
    .reduce((sum, leg) => sum + Number(leg[side]), 0);

async function held(symbol: string, { engine }: DevnetWorld = world): Promise<number> {
  const token = engine.tokens.find(symbol)!;
  const { lamports, tokens } = await engine.chain.nodes[0]!.holdings(engine.signer.address);
  return Number(token.mint === SOL_MINT ? lamports : (tokens.get(token.mint) ?? 0n)) / 10 ** token.decimals;
}

describe('a route over another token', () => {
  test("lands where no pool holds the pair, and the first leg's output above its minimum stays as dust", async () => {
    const before = await held('USDC');
    const order = await confirmed({ tokenIn: 'SOL', tokenOut: 'PYTH', amount: '20', slippageBps: 50 });
    const { route } = await dataOf(order, 'order.building');
    expect(new Set(pairs(route.legs))).toEqual(new Set(['SOL-USDC', 'USDC-PYTH']));
    const fill = await dataOf(order, 'order.confirmed');
    expect(fill).toMatchObject({ amountIn: '20', amountOut: route.amountOut });

    // What the second hop spends is what the first must deliver: its quote less the tolerance between hops.
    const delivered = sumOf(route.legs, 'amountOut', 'USDC');
    const spent = sumOf(route.legs, 'amountIn', 'USDC');
    expect(spent / delivered).toBeCloseTo(0.999, 6);
    const [dust] = fill.dust!;
    expect(dust).toMatchObject({ token: 'USDC' });
    expect(Number(dust!.amount)).toBeCloseTo(delivered - spent, 6);
    await world.admin('advance', { slots: 2 });
    expect((await held('USDC')) - before).toBeCloseTo(Number(dust!.amount), 6);
  });

  test('unwraps dust of SOL in the same transaction', async () => {
    const wif = world.engine.tokens.find('WIF')!;
    await world.admin('fund', {
      owner: world.engine.signer.address,
      tokens: [{ mint: wif.mint, amount: String(1_000n * 10n ** BigInt(wif.decimals)) }],
    });
    const before = await held('SOL');
    const order = await confirmed({ tokenIn: 'WIF', tokenOut: 'BONK', amount: '500' });
    const { route } = await dataOf(order, 'order.building');
    expect(new Set(pairs(route.legs))).toEqual(new Set(['WIF-SOL', 'SOL-BONK']));
    const fill = await dataOf(order, 'order.confirmed');
    expect(fill).toMatchObject({ amountIn: '500', amountOut: route.amountOut, dust: [{ token: 'SOL' }] });
    const { network, rent } = fill.fees;
    await world.admin('advance', { slots: 2 });
    const gained = (await held('SOL')) - before;
    expect(gained).toBeCloseTo(Number(fill.dust![0]!.amount) - Number(network) - Number(rent), 8);
    expect(Number(rent)).toBeCloseTo(0.00203928, 8); // The account for BONK; the one for SOL was closed again.
  });

  test('delivers an exact output, with the surplus of the first hop as dust', async () => {
    const order = await confirmed({
      tokenIn: 'WIF',
      tokenOut: 'BONK',
      swapMode: 'exactOut',
      amount: '1000000',
    });
    const { route, maxAmountIn } = await dataOf(order, 'order.building');
    expect(new Set(pairs(route.legs))).toEqual(new Set(['WIF-SOL', 'SOL-BONK']));
    const fill = await dataOf(order, 'order.confirmed');
    expect(fill).toMatchObject({ amountIn: route.amountIn, amountOut: '1000000', dust: [{ token: 'SOL' }] });
    expect(Number(fill.amountIn)).toBeLessThan(Number(maxAmountIn));
    const [delivered, spent] = [sumOf(route.legs, 'amountOut', 'SOL'), sumOf(route.legs, 'amountIn', 'SOL')];
    expect(Number(fill.dust![0]!.amount)).toBeCloseTo(delivered - spent, 8);
  });
});

describe('a split', () => {
  test('of five legs over two venues lands through a lookup table, with the output of its plan', async () => {
    const order = await confirmed({ amount: '30000', slippageBps: 50 });
    const { route, quotes, minAmountOut } = await dataOf(order, 'order.building');
    expect(route.legs).toHaveLength(5);
    expect(new Set(route.legs.map(({ venue }) => venue))).toEqual(new Set(['raydium', 'meteora']));
    expect(new Set(pairs(route.legs))).toEqual(new Set(['SOL-USDC', 'SOL-BTC', 'BTC-USDC']));
    expect(quotes.find(({ outcome }) => outcome === 'chosen')).toMatchObject({ venue: 'router' });

    const fill = await dataOf(order, 'order.confirmed');
    expect(fill).toMatchObject({ amountIn: '30000', amountOut: route.amountOut });
    expect(Number(fill.amountOut)).toBeGreaterThan(Number(minAmountOut));
    expect(order.venue).toBe([...new Set(route.legs.map(({ venue }) => venue))].join('+'));
    for (const quote of quotes)
      if (quote.outcome === 'lost') expect(Number(quote.amountOut)).toBeLessThan(Number(route.amountOut));

    const bytes = await bytesOf(order);
    expect(bytes.length).toBeLessThanOrEqual(PACKET_BYTES);
    expect(tablesIn(bytes)).toHaveLength(1);
  });

  test('is reverted whole when one of its pools moves beyond its share of the minimum', async () => {
    // A market of its own: where other orders have moved it, this one goes through pools that the large order does not touch.
    const own = await createDevnetWorld('reverted', { meteora: { lookupTables: true }, limits: LIMITS });
    try {
      const request = { tokenIn: 'SOL', tokenOut: 'USDC', amount: '2000', slippageBps: 20 } as const;
      await own.admin('faults', { drop: { next: own.engine.chain.nodes.length } });
      const order = await own.submit(request);
      await own.until(order, 'submitted');
      const { route } = await dataOf(order, 'order.building', own);
      expect(route.legs.length).toBeGreaterThan(1);
      await confirmed({ ...request, amount: '60000', slippageBps: 1_000 }, own);

      const [lost] = await own.engine.orders.attempts(order.request.orderId);
      await broadcast(own.engine, lost!);
      const usdc = await held('USDC', own);
      await own.advanceUntil(order, 'failed');
      expect(await held('USDC', own)).toBe(usdc);
      const [attempt] = await own.engine.orders.attempts(order.request.orderId);
      expect(attempt).toMatchObject({ signature: lost!.signature, state: 'reverted' });
      expect(await own.order(order)).toMatchObject({ fill: null, failure: { code: 'price_moved' } });
    } finally {
      await own.stop();
    }
  });
});

test("unwraps SOL that a venue's own route passed through", async () => {
  const other = await createDevnetWorld('through', {
    jupiterAt: (url) => `${url}/swap/v2`,
    limits: { maxLegs: 2 },
  });
  try {
    const wif = other.engine.tokens.find('WIF')!;
    const tokens = [{ mint: wif.mint, amount: String(1_000n * 10n ** BigInt(wif.decimals)) }];
    await other.admin('fund', { owner: other.engine.signer.address, tokens });
    const order = await confirmed({ tokenIn: 'WIF', tokenOut: 'BONK', amount: '500' }, other);
    expect(order.venue).toBe('jupiter');
    const fill = await dataOf(order, 'order.confirmed', other);
    expect(fill.dust).toMatchObject([{ token: 'SOL' }]);
    expect(Number(fill.fees.rent)).toBeCloseTo(0.00203928, 8); // For BONK alone.
  } finally {
    await other.stop();
  }
});

test('without lookup tables a large order takes as many legs as fit', async () => {
  const bare = await createDevnetWorld('bare', { meteora: { lookupTables: false }, limits: ANY_SIZE });
  try {
    const order = await confirmed({ amount: '30000', slippageBps: 50 }, bare);
    const { route } = await dataOf(order, 'order.building', bare);
    expect(route.legs.length).toBeGreaterThan(1);
    expect(route.legs.length).toBeLessThan(5);
    expect(await dataOf(order, 'order.confirmed', bare)).toMatchObject({ amountOut: route.amountOut });
    const bytes = await bytesOf(order, bare);
    expect(bytes.length).toBeLessThanOrEqual(PACKET_BYTES);
    expect(tablesIn(bytes)).toEqual([]);
  } finally {
    await bare.stop();
  }
});
