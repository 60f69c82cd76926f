import { SCENARIOS } from '@oee/api-schema';
import { SCENARIO_NAMES } from '@oee/devnet';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Order } from '../src/domain/order.ts';
import type { OrderEvent } from '../src/domain/order-event.ts';
import type { Signature } from '../src/domain/signature.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';

/** Orders are followed slot by slot, which takes as long as the machine is busy. */
const SETTLED_MS = 100_000;
vi.setConfig({ testTimeout: 2 * SETTLED_MS });

let world: DevnetWorld;
beforeAll(async () => {
  world = await createDevnetWorld('faults', { rpcTimeoutMs: 1_500 });
});
afterEach(() => world.admin('faults', undefined, 'DELETE'));
afterAll(() => world?.stop());

const USUAL = ['pending', 'routing', 'building', 'submitted', 'confirmed'];

const submit = (scenario: string, seed = '1', request: object = {}): Promise<Order> =>
  world.submit({ ...request, simulate: { scenario, seed } });

async function confirmed(order: Order): Promise<Order> {
  await world.advanceUntil(order, 'confirmed');
  return world.order(order);
}

async function eventsOf({ request }: Order): Promise<readonly OrderEvent[]> {
  return world.engine.orders.events(request.orderId, 0, 1_000);
}

/** The transactions of an order that the chain's ledger holds: its memo names it. */
async function landedSwaps(order: Order): Promise<{ signature: Signature; err: unknown }[]> {
  const attempts = await world.engine.orders.attempts(order.request.orderId);
  const signatures = new Set(attempts.map(({ signature }) => signature));
  const { transactions } = (await world.admin('ledger?limit=10000')) as {
    transactions: { signature: Signature; err: unknown }[];
  };
  return transactions.filter(({ signature }) => signatures.has(signature));
}

/** Lets slots pass, some at a time, until the order has such an event. */
async function untilEvent(order: Order, type: OrderEvent['type'], slots = 10): Promise<OrderEvent> {
  const deadline = Date.now() + SETTLED_MS;
  for (;;) {
    const found = (await eventsOf(order)).find((event) => event.type === type);
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`no ${type}: ${(await world.statuses(order)).join(' ')}`);
    await world.advance(slots);
  }
}

test('the contract names the scenarios that the devnet has', () => {
  expect([...SCENARIOS].sort()).toEqual([...SCENARIO_NAMES].sort());
});

test("an order's first event names the requested failure", async () => {
  const order = await submit('drop', '7');
  const [first] = await eventsOf(order);
  expect(first?.data).toEqual({ simulate: { scenario: 'drop', seed: '7' } });
  await confirmed(order);
});

test.each([
  'drop',
  'delay',
  'duplicate',
  'http503',
  'http429',
  'timeout',
  'lostAnswer',
  'laggingNode',
  'congestion',
])('%s: the same bytes are sent until they land, once', async (scenario) => {
  const order = await confirmed(await submit(scenario));
  expect((await world.statuses(order)).slice(0, 5)).toEqual(USUAL);
  const landed = await landedSwaps(order);
  expect(landed).toEqual([expect.objectContaining({ signature: order.signature, err: null })]);
  expect(await world.engine.orders.attempts(order.request.orderId)).toHaveLength(1);
});

/** Both nodes: where one answers, an order does not notice the other. */
async function armBoth(fault: object): Promise<void> {
  for (const node of [1, 2]) await world.admin('faults', { node, ...fault });
}

test('http503: an order that can reach no node waits without losing a try, and then continues', async () => {
  await armBoth({ http503: { next: 1, methods: ['simulateTransaction'] } });
  const order = await confirmed(await world.submit({ rehearse: 'always' }));
  // The chain's absence is no word of the market: this was a try with the cause chain_unavailable before.
  expect(await world.statuses(order)).toEqual([
    ...['pending', 'routing', 'building', 'waiting'],
    ...['routing', 'building', 'submitted', 'confirmed'],
  ]);
  const waiting = (await eventsOf(order)).find(({ type }) => type === 'order.waiting');
  expect(waiting?.data).toMatchObject({ cause: 'chain_unavailable' });
  expect((await world.order(order)).tryNumber).toBe(1);
});

test('expire: a new transaction is signed only when the first provably cannot land', async () => {
  const order = await submit('expire');
  await world.until(order, 'submitted');
  await world.admin('advance', { blocks: 150 });
  await world.advance(1);
  expect(await world.engine.orders.attempts(order.request.orderId)).toHaveLength(1);
  const done = await confirmed(order);
  const retry = (await eventsOf(order)).find(({ data }) => 'cause' in data);
  expect(retry?.data).toMatchObject({ try: 2, cause: { code: 'attempt_expired' } });
  const attempts = await world.engine.orders.attempts(order.request.orderId);
  expect(attempts.map(({ state }) => state)).toEqual(['expired', 'landed']);
  expect(await landedSwaps(done)).toEqual([expect.objectContaining({ signature: done.signature })]);
});

test('disagreeingNode: the second node confirms what the first denies; nothing is signed anew', async () => {
  const shared = world;
  // A node that failed in a test before is asked last for ten seconds, and here the first one has to be asked first.
  world = await createDevnetWorld('disagreeing node');
  try {
    const order = await submit('disagreeingNode');
    await world.until(order, 'submitted');
    await world.admin('advance', { blocks: 100 });
    expect((await world.order(order)).status).toBe('submitted');
    const done = await confirmed(order);
    await untilEvent(order, 'order.finalized');
    expect(await world.statuses(order)).toEqual([...USUAL, 'finalized']);
    expect(await landedSwaps(done)).toHaveLength(1);
  } finally {
    await world.stop();
    world = shared;
  }
});

test('a second node that denies a landed swap does not undo it', async () => {
  await world.admin('faults', { node: 2, forget: { rate: 1 } });
  const order = await confirmed(await world.submit());
  await untilEvent(order, 'order.finalized');
  expect(await landedSwaps(order)).toHaveLength(1);
});

test('statuses from a node that is behind are no proof of expiry', async () => {
  // The swap lands late in its blockhash's life, and the status is asked of nodes that have not seen that yet.
  await world.admin('faults', { delay: { rate: 1, slots: 135 } });
  await armBoth({ lag: { rate: 1, blocks: 120, methods: ['getSignatureStatuses', 'getTransaction'] } });
  const order = await world.submit();
  await world.until(order, 'submitted');
  for (let slots = 0; slots < 230; slots += 10) {
    await world.advance(10);
  }
  expect((await world.order(order)).status).toBe('submitted');
  expect(await world.engine.orders.attempts(order.request.orderId)).toHaveLength(1);
  const done = await confirmed(order);
  expect(await landedSwaps(done)).toHaveLength(1);
  expect((await world.statuses(order)).slice(0, 5)).toEqual(USUAL);
});

/** Lets slots pass one at a time, so that the engine sees each. */
async function confirmedSlotBySlot(order: Order): Promise<Order> {
  const deadline = Date.now() + SETTLED_MS;
  while ((await world.order(order)).status !== 'confirmed') {
    if (Date.now() > deadline) throw new Error((await world.statuses(order)).join(' '));
    await world.advance(1);
  }
  return world.order(order);
}

test('fork: a confirmed order is reorged, its same bytes are sent again, and it is confirmed and finalized', async () => {
  const order = await confirmedSlotBySlot(await submit('fork'));
  const reorged = await untilEvent(order, 'order.reorged', 1);
  expect(reorged).toMatchObject({ status: 'submitted', data: { signature: order.signature } });
  const done = await untilEvent(order, 'order.finalized', 1);
  expect(done.data).toMatchObject({ signature: order.signature });
  expect(await world.statuses(order)).toEqual([...USUAL, 'reorged', 'confirmed', 'finalized']);
  expect(await world.engine.orders.attempts(order.request.orderId)).toHaveLength(1);
  expect(await landedSwaps(order)).toHaveLength(1);
});

test('fork: an order whose transaction comes back in another block is finalized there', async () => {
  const order = await confirmedSlotBySlot(await world.submit());
  while ((await landedSwaps(order)).length > 0) await world.admin('fork', { blocks: 1 });
  const done = await untilEvent(order, 'order.finalized');
  expect(BigInt((done.data as { slot: string }).slot)).toBeGreaterThan(order.slot!);
  expect(await world.statuses(order)).toEqual([...USUAL, 'finalized']);
});

test('fork: where the blockhash is gone too, the order is swapped by a new transaction, once', async () => {
  const order = await confirmedSlotBySlot(await world.submit());
  await world.admin('fork', { blocks: 8, transactions: 'lose' });
  await untilEvent(order, 'order.finalized');
  expect(await world.statuses(order)).toEqual([...USUAL, 'reorged', ...USUAL.slice(1), 'finalized']);
  const attempts = await world.engine.orders.attempts(order.request.orderId);
  expect(attempts.map(({ state }) => state)).toEqual(['expired', 'landed']);
  expect(await landedSwaps(order)).toHaveLength(1);
});

test('venueTimeout: the second node answers in place of the first, and no quote is lost', async () => {
  await world.admin('advance', { slots: 1 }); // What was read before is too old now.
  const order = await confirmed(await submit('venueTimeout'));
  expect((await world.statuses(order)).slice(0, 5)).toEqual(USUAL);
  expect(await landedSwaps(order)).toHaveLength(1);
});

test('a venue whose nodes do not answer costs only time', async () => {
  await world.admin('advance', { slots: 1 });
  await armBoth({ timeout: { next: 1, methods: ['getMultipleAccounts'] } });
  const order = await confirmed(await world.submit());
  // Accounts that no node shows are no word of the market: this was a try with the cause no_route before.
  expect(await world.statuses(order)).toEqual(['pending', 'routing', 'waiting', ...USUAL.slice(2)]);
  expect(await landedSwaps(order)).toHaveLength(1);
});

/** What Raydium's program answers when the output is below the limit. */
const EXCEEDED_SLIPPAGE = { InstructionError: [expect.any(Number), { Custom: 6005 }] };

test('poolDrained: the swap reverts at its limit, and the next try swaps when the price is back', async () => {
  const order = await confirmed(await submit('poolDrained'));
  const retry = (await eventsOf(order)).find(({ data }) => 'cause' in data);
  expect(retry?.data).toMatchObject({ try: 2, cause: { code: 'slippage_exceeded' } });
  const landed = await landedSwaps(order);
  expect(landed.map(({ err }) => err)).toEqual([EXCEEDED_SLIPPAGE, null]);
});

test('a pool that stays drained fails the order: it never chases the price below its limit', async () => {
  await world.admin('faults', { drain: { next: 1, percent: 40, restoreAfterSlots: 2_000 } });
  const order = await world.submit();
  await world.advanceUntil(order, 'failed');
  expect((await world.order(order)).failure?.code).toBe('price_moved');
  expect((await landedSwaps(order)).map(({ err }) => err)).toEqual([EXCEEDED_SLIPPAGE]);
  await world.admin('advance', { slots: 2_000 });
});

test('congestion: an order that pays too little waits, and the chain reports the current price', async () => {
  await world.admin('faults', { congestion: { priceMicroLamports: '2000', risePercent: 5, slots: 60 } });
  const order = await world.submit();
  await world.until(order, 'submitted');
  await world.admin('advance', { slots: 50 });
  expect((await world.order(order)).status).toBe('submitted');
  expect(await world.admin('faults')).toMatchObject({ congestion: { slotsLeft: 10 } });
  await confirmed(order);
  expect((await world.statuses(order)).slice(0, 5)).toEqual(USUAL);
});

/** What the chain's own answer for the order's transaction says that it cost. */
async function landedMeta({ signature }: Order): Promise<{ fee: number; computeUnitsConsumed: number }> {
  const params = [signature, { commitment: 'confirmed', maxSupportedTransactionVersion: 0 }];
  const answer = await fetch(world.devnet.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getTransaction', params }),
  });
  const { result } = (await answer.json()) as {
    result: { meta: { fee: number; computeUnitsConsumed: number } };
  };
  return result.meta;
}

test('congestion: an order that starts during it pays the current price, and does not wait for its end', async () => {
  await world.admin('faults', { congestion: { priceMicroLamports: '20000', risePercent: 5, slots: 200 } });
  await world.admin('advance', { slots: 3 });
  const submitted = await world.submit();
  await world.until(submitted, 'submitted'); // No slot passes, and the price does not rise, meanwhile.
  const order = await confirmed(submitted);
  // Half above the 22,050 of the newest slot, for every unit that was used: fees in all depend on how dear the swap is.
  const { fee, computeUnitsConsumed } = await landedMeta(order);
  expect(order.fill?.fees.networkLamports).toBe(BigInt(fee));
  expect(fee - 5_000).toBeGreaterThanOrEqual((computeUnitsConsumed * 33_075) / 1_000_000);
  const { congestion } = (await world.admin('faults')) as { congestion: { slotsLeft: number } };
  expect(congestion.slotsLeft).toBeGreaterThan(100);
  expect((await world.statuses(order)).slice(0, 5)).toEqual(USUAL);
});

test('congestion: a node that does not give the price costs only time', async () => {
  await armBoth({ http503: { rate: 1, methods: ['getRecentPrioritizationFees'] } });
  await world.admin('advance', { slots: 10 }); // A price that was read before is shared no more.
  const order = await confirmed(await world.submit());
  expect(order.fill?.fees.networkLamports).toBe(5_000n);
});
