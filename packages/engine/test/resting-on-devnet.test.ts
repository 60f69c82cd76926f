import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Order } from '../src/domain/order.ts';
import { toEpochMs } from '../src/domain/timestamp.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import type { submitRequest } from './support/world.ts';

/** One pool of 100 SOL at 10,000 of the token for one SOL, small enough for a swap to move its price. */
const LAUNCH = {
  symbol: 'NEW',
  kind: 'raydium-cpmm',
  baseAmount: '1000000000000',
  quoteAmount: '100000000000',
};
const AMOUNT = '0.1';

let world: DevnetWorld;
let mint: string;
beforeAll(async () => {
  world = await createDevnetWorld('resting', { launch: LAUNCH });
  mint = world.launchedMint!;
  const tokens = [{ mint, amount: '9000000000000' }];
  await world.admin('fund', { owner: world.engine.signer.address, tokens });
});
afterAll(() => world?.stop());

type Request = NonNullable<Parameters<typeof submitRequest>[0]>;
const rest = (request: Request): Promise<Order> =>
  world.submit({ tokenIn: 'SOL', tokenOut: mint, amount: AMOUNT, timeInForce: 'gtc', ...request });
const logOf = async (order: Order): Promise<string> => (await world.statuses(order)).join(' ');

/** The pool as others left it: SOL sold into it makes the token dearer, and the price of a SOL in it fall. */
let undo: (() => Promise<void>) | undefined;
async function swap(tokenIn: string, tokenOut: string, amount: string): Promise<void> {
  const order = await world.submit({ tokenIn, tokenOut, amount, maxPriceImpactBps: 10_000 });
  await world.advanceUntil(order, 'confirmed');
}
/** To about 8,260. */
async function falls(): Promise<void> {
  await swap('SOL', mint, '10');
  undo = () => swap(mint, 'SOL', '90600');
}
/** To about 12,100. */
async function rises(): Promise<void> {
  await swap(mint, 'SOL', '100000');
  undo = () => swap('SOL', mint, '9.05');
}
async function recovers(): Promise<void> {
  await undo?.();
  undo = undefined;
}
afterEach(recovers);

async function expectAsleep(order: Order): Promise<void> {
  await world.advance(20);
  expect(await logOf(order)).toBe('pending opened');
}

/** At least so much of the token for the whole order, in its base units. */
async function expectFilled(order: Order, least: bigint): Promise<void> {
  await world.advanceUntil(order, 'confirmed');
  const { fill, resting } = await world.order(order);
  expect(fill!.amountOut).toBeGreaterThanOrEqual(least);
  expect(resting?.firings).toBe(1);
}

const FIRED = 'pending opened triggered routing building submitted confirmed';

test('a limit order is filled at its price or better once the price is there', async () => {
  const order = await rest({ type: 'limit', trigger: { limitPrice: '11000' } });
  await expectAsleep(order);
  await rises();
  await expectFilled(order, 1_100_000_000n);
  expect(await logOf(order)).toContain(FIRED);
});

test('a stop sells when the price has fallen to it', async () => {
  const order = await rest({ type: 'stop', trigger: { stopPrice: '9000' } });
  await expectAsleep(order);
  await falls();
  await expectFilled(order, 800_000_000n);
  expect((await world.order(order)).fill!.amountOut).toBeLessThan(900_000_000n);
});

test('a takeProfit sells when the price has risen to it', async () => {
  const order = await rest({ type: 'takeProfit', trigger: { takeProfitPrice: '11000' } });
  await expectAsleep(order);
  await rises();
  await expectFilled(order, 1_100_000_000n);
});

test('a stopLimit waits for its limit after its stop', async () => {
  const order = await rest({ type: 'stopLimit', trigger: { stopPrice: '9000', limitPrice: '9500' } });
  await expectAsleep(order);
  await falls();
  while (!(await world.order(order)).resting?.stopFired) await world.advance(10);
  await world.advance(20);
  expect(await logOf(order)).toBe('pending opened triggered');
  await recovers();
  await expectFilled(order, 950_000_000n);
});

test('a trailingStop sells below the highest price that was', async () => {
  const order = await rest({ type: 'trailingStop', trigger: { trailingBps: 1_000 } });
  await expectAsleep(order);
  await rises();
  await expectAsleep(order);
  await recovers(); // Ten thousand is more than a tenth below what it was.
  await expectFilled(order, 950_000_000n);
});

test('an order with startAt executes then', async () => {
  const startAtMs = toEpochMs(Date.now() + 2_000);
  const order = await world.submit({ tokenIn: 'SOL', tokenOut: mint, amount: AMOUNT, startAtMs });
  await world.advance(10);
  expect(await logOf(order)).toBe('pending opened');
  await expectFilled(order, 950_000_000n);
  const events = await world.engine.orders.events(order.request.orderId, 0, 100);
  const { timestamp } = events.find(({ type }) => type === 'order.triggered')!;
  expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(startAtMs);
});

test.each(['ioc', 'fok'] as const)('%s executes at once or expires', async (timeInForce) => {
  const dear = await rest({ type: 'limit', timeInForce, trigger: { limitPrice: '11000' } });
  await world.advanceUntil(dear, 'expired');
  expect(await logOf(dear)).not.toContain('submitted');
  const fair = await rest({ type: 'limit', timeInForce, trigger: { limitPrice: '9000' } });
  await world.advanceUntil(fair, 'confirmed');
  expect((await world.order(fair)).fill!.amountOut).toBeGreaterThanOrEqual(900_000_000n);
});
