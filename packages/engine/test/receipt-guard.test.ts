import { describe, expect, test } from 'vitest';
import { accountOf } from '../src/adapters/memory/chain.ts';
import { foldOrder } from '../src/domain/apply-event.ts';
import { toBlockHeight } from '../src/domain/block-height.ts';
import type { Order } from '../src/domain/order.ts';
import type { OrderEventData } from '../src/domain/order-event.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { reviewOrder } from '../src/execution/review-order.ts';
import { type MessageParts, TransactionTooLarge } from '../src/ports/chain.ts';
import { sendNaively, signNaively } from './support/naive-sender.ts';
import { createWorld, METEORA_POOL, SOL, type TestWorld, WALLET } from './support/world.ts';

const RENT = 890_880n;
const HAPPY = ['pending', 'routing', 'building', 'submitted', 'confirmed'];

async function started(options?: Parameters<typeof createWorld>[0]): Promise<TestWorld> {
  const world = await createWorld(options);
  await world.start();
  return world;
}

const strict = (world: TestWorld, request: Parameters<TestWorld['submit']>[0] = {}): Promise<Order> =>
  world.submit({ executionGuard: 'strict', ...request });

const swaps = (world: TestWorld): number =>
  world.chain.landed().filter(({ execution }) => !execution.error).length;

async function receiptLamports({ engine, chain }: TestWorld, order: Order): Promise<bigint> {
  const seed = await engine.signer.receiptSeed(order.request.orderId);
  const { address } = await engine.chain.receipt(engine.signer.address, seed);
  return chain.balanceOf(address);
}

async function dataOf<T extends keyof OrderEventData>(
  world: TestWorld,
  order: Order,
  type: T,
): Promise<OrderEventData[T][]> {
  const log = await world.log(order);
  return log.filter((event) => event.type === type).map((event) => event.data as OrderEventData[T]);
}

describe('a strict order', () => {
  test('lands with its receipt, names it in its events, and counts the rent', async () => {
    const world = await started();
    const order = await strict(world);
    expect(await receiptLamports(world, order)).toBe(0n);
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual(HAPPY);
    expect(await receiptLamports(world, order)).toBe(RENT);
    expect((await world.order(order)).fill?.fees.rentLamports).toBe(RENT);
    expect(await dataOf(world, order, 'order.submitted')).toMatchObject([{ executionGuard: 'strict' }]);
  });

  test('is the default without a guard in the request, where that is configured', async () => {
    const world = await started({ limits: { executionGuard: 'strict' } });
    const [unnamed, plain] = [await world.submit(), await world.submit({ executionGuard: 'protocol' })];
    await world.settle([unnamed, plain]);
    expect(await receiptLamports(world, unnamed)).toBe(RENT);
    expect(await receiptLamports(world, plain)).toBe(0n);
    expect((await dataOf(world, plain, 'order.submitted'))[0]).not.toHaveProperty('executionGuard');
  });

  test('tries again with the same receipt after a revert, which took the receipt back', async () => {
    const world = await started();
    const order = await strict(world, { slippageBps: 10 });
    await world.clock.advance(0);
    world.priceFalls('1 %', METEORA_POOL);
    await world.slots(2);
    expect(await receiptLamports(world, order)).toBe(0n);
    world.priceRecovers();
    await world.settle([order]);
    expect((await world.order(order)).attemptNumber).toBe(2);
    expect((await world.order(order)).status).toBe('confirmed');
    expect(swaps(world)).toBe(1);
    expect(await receiptLamports(world, order)).toBe(RENT);
  });

  test('has no receipt where its transaction has no room, and names the reason', async () => {
    const world = await createWorld();
    const order = await strict(world);
    const error = new TransactionTooLarge('1240 bytes, at most 1232 fit');
    world.hooks.chain.fail('compile', error, { when: ({ receipt }) => receipt !== undefined });
    await world.start();
    await world.settle([order]);
    expect(await dataOf(world, order, 'order.submitted')).toMatchObject([
      {
        executionGuard: 'protocol',
        guardFallback: 'No room for a receipt: 1240 bytes, at most 1232 fit.',
      },
    ]);
    expect(await receiptLamports(world, order)).toBe(0n);
    expect((await world.order(order)).status).toBe('confirmed');
  });

  test('is not sent without its receipt for another error than the lack of room', async () => {
    const world = await createWorld();
    const order = await strict(world);
    const hasReceipt = ({ receipt }: MessageParts) => receipt !== undefined;
    world.hooks.chain.fail('compile', new TypeError('a bug'), { when: hasReceipt });
    await world.start();
    await world.settle([order]);
    expect((await world.order(order)).status).toBe('failed');
    expect(world.sends).toEqual([]);
  });

  test('fails a wallet that cannot pay the rent, before anything is signed', async () => {
    const world = await started();
    world.walletHolds(SOL, 1_000_000_000n + 5_000n + RENT - 1n);
    const [poor, plain] = [await strict(world), await world.submit()];
    await world.settle([poor]);
    expect((await world.order(poor)).failure?.code).toBe('insufficient_funds');
    expect((await world.order(plain)).status).toBe('confirmed');
  });
});

describe('a sender that signs anew without proof', () => {
  test.each([
    ['strict', 1],
    ['protocol', 2],
  ] as const)('lands a %s order %i times', async (executionGuard, times) => {
    const world = await createWorld();
    const order = await world.submit({ executionGuard });
    const [first, second] = [
      await signNaively(world.engine, order, 1),
      await signNaively(world.engine, order, 2),
    ];
    const [node] = world.engine.chain.nodes;
    await node!.send(first.bytes);
    await node!.send(second.bytes);
    await world.slots(3);
    expect(swaps(world)).toBe(times);
    expect(world.chain.landed()).toHaveLength(2); // Both are in blocks; the chain refused what came second.
  });

  test('lands no second transaction of a strict order, and the engine asks for a review', async () => {
    const world = await createWorld();
    const order = await strict(world);
    await sendNaively(world.engine, order, 1);
    await world.slots(2);
    await world.start();
    await world.slots(400);
    expect(await world.statuses(order)).toEqual([
      'pending',
      'routing',
      'building',
      'routing',
      'review_needed',
    ]);
    expect(await world.order(order)).toMatchObject({ status: 'routing', needsReview: true });
    const [, again] = await dataOf(world, order, 'order.routing');
    expect(again).toMatchObject({ try: 1, cause: { code: 'receipt_exists' } });
    expect(swaps(world)).toBe(1);

    const review = { decision: 'notLanded', operator: 'somebody', evidence: 'the ledger' } as const;
    expect(await reviewOrder(world.engine, order.request.orderId, review)).toMatchObject({
      outcome: 'reviewed',
      order: { status: 'failed' },
    });
  });

  test('leaves an order that a review ends with the transaction that landed, and with no other', async () => {
    const world = await createWorld();
    const [order, other] = [await strict(world), await world.submit()];
    const signature = await sendNaively(world.engine, order, 1);
    const foreign = await sendNaively(world.engine, other, 1);
    await world.slots(2);
    await world.start();
    await world.slots(400);
    const fill = { slot: 101n, amountIn: '1', amountOut: '149.5', networkFee: '0.000005' };
    const landed = { decision: 'landed', operator: 'Ada', evidence: 'the ledger', fill } as const;
    const review = (named: object) =>
      reviewOrder(world.engine, order.request.orderId, { ...landed, ...named });
    expect(await review({})).toMatchObject({ outcome: 'signatureNeeded' });
    expect(await review({ signature: foreign })).toMatchObject({
      outcome: 'contradicted',
      reason: expect.stringContaining('names another order'),
    });
    expect(await review({ signature })).toMatchObject({
      outcome: 'reviewed',
      order: { status: 'confirmed', finalized: true, signature, needsReview: false },
    });
    expect((await world.statuses(order)).slice(-3)).toEqual(['reviewed', 'confirmed', 'finalized']);
    expect(foldOrder(order.request, await world.log(order))).toEqual(await world.order(order));

    // What a person named is nothing that a start asks the chain for, and nothing that it takes for lost.
    expect((await world.engine.orders.newestFinalized(10)).map(({ orderId }) => orderId)).not.toContain(
      order.request.orderId,
    );
    const listed = [{ orderId: order.request.orderId, signature }];
    expect(await world.engine.orders.missingAttempts(listed)).toEqual([]);
  });

  test('leads to a review when its transaction overtakes the recorded one', async () => {
    const world = await started();
    let rival: Uint8Array | undefined;
    world.takesSends(({ bytes }) => (rival && bytes !== rival ? 'drop' : 'deliver'));
    const order = await strict(world);
    const swap = await signNaively(world.engine, order, 9);
    rival = swap.bytes;
    await world.clock.advance(0);
    await world.engine.chain.nodes[0]!.send(swap.bytes);
    await world.slots(1);
    world.takesSends();
    await world.slots(60);
    expect(await world.order(order)).toMatchObject({ status: 'routing', needsReview: true });
    expect((await world.engine.orders.attempts(order.request.orderId)).map(({ state }) => state)).toEqual([
      'reverted',
    ]);
    expect(swaps(world)).toBe(1);
    expect((await cancelOrder(world.engine, order.request.orderId)).outcome).toBe('requested');
  });
});

type Fate = 'deliver' | 'drop';

/** Notes what is sent, and says by its kind whether it arrives. */
function watchSends(world: TestWorld, fate: { swap?: Fate; blocker?: Fate; closing?: Fate } = {}) {
  const sent = { swap: new Set<string>(), blocker: new Set<string>(), closing: new Set<string>() };
  world.takesSends(({ signature, memo }) => {
    const kind = memo.startsWith('close ') ? 'closing' : memo.endsWith('/cancel') ? 'blocker' : 'swap';
    sent[kind].add(signature);
    return fate[kind] ?? 'deliver';
  });
  const landed = (kind: keyof typeof sent): number =>
    world.chain.landed().filter(({ execution }) => !execution.error && sent[kind].has(execution.signature))
      .length;
  return { sent, landed, fate };
}

const stateOf = async (world: TestWorld, order: Order) =>
  (await world.engine.orders.attempts(order.request.orderId)).map(({ state }) => state);
const cancel = async (world: TestWorld, order: Order) =>
  (await cancelOrder(world.engine, order.request.orderId)).outcome;

describe('a cancel of a strict order in flight', () => {
  async function inFlight(fate?: Parameters<typeof watchSends>[1]) {
    const world = await started();
    const sends = watchSends(world, fate);
    const order = await strict(world);
    await world.clock.advance(0);
    expect((await world.order(order)).status).toBe('submitted');
    return { world, order, ...sends };
  }

  test('creates its receipt without a swap, and is granted as soon as that is final', async () => {
    const { world, order, sent, landed } = await inFlight({ swap: 'drop' });
    expect(await cancel(world, order)).toBe('requested');
    await world.slots(30);
    expect((await world.order(order)).status).toBe('submitted'); // A fork could still undo it.
    await world.settle([order], 20); // Its blockhash alone would take 180 slots.
    expect((await world.statuses(order)).slice(-2)).toEqual(['cancel_requested', 'canceled']);
    expect((await dataOf(world, order, 'order.canceled'))[0]?.reason).toContain('receipt');
    expect(await stateOf(world, order)).toEqual(['blocked']);
    expect(sent.blocker.size).toBe(1);
    expect(landed('blocker')).toBe(1);

    const [attempt] = await world.engine.orders.attempts(order.request.orderId);
    world.takesSends();
    await world.engine.chain.nodes[0]!.send(attempt!.bytes);
    await world.slots(2);
    expect(landed('swap')).toBe(0);
    expect(world.chain.landed().at(-1)?.execution.error?.kind).toBe('receiptExists');
  });

  test('comes too late for a swap that lands first', async () => {
    const { world, order, landed } = await inFlight();
    await cancel(world, order);
    await world.settle([order]);
    expect((await world.order(order)).status).toBe('confirmed');
    await world.slots(40);
    expect({ swap: landed('swap'), blocker: landed('blocker') }).toEqual({ swap: 1, blocker: 0 });
    expect((await world.order(order)).finalized).toBe(true);
  });

  test('is granted when the swap comes second and fails because of it', async () => {
    const { world, order, landed, fate } = await inFlight({ swap: 'drop' });
    const [attempt] = await world.engine.orders.attempts(order.request.orderId);
    await cancel(world, order);
    await world.slots(4);
    expect(landed('blocker')).toBe(1);
    fate.swap = 'deliver';
    await world.engine.chain.nodes[0]!.send(attempt!.bytes);
    await world.settle([order], 50);
    expect((await world.order(order)).status).toBe('canceled');
    expect(landed('swap')).toBe(0);
  });

  test.each(['blocker', 'swap'] as const)('is decided by the %s that lands after a fork', async (winner) => {
    const { world, order, landed, fate } = await inFlight({ swap: 'drop' });
    const [attempt] = await world.engine.orders.attempts(order.request.orderId);
    await cancel(world, order);
    await world.slots(10);
    expect(landed('blocker')).toBe(1);
    fate.swap = winner === 'swap' ? 'deliver' : 'drop';
    fate.blocker = winner === 'blocker' ? 'deliver' : 'drop';
    world.chain.fork(world.chain.landed().at(-1)!.slot - 1n);
    await world.engine.chain.nodes[0]!.send(attempt!.bytes);
    await world.settle([order], 60);
    expect((await world.order(order)).status).toBe(winner === 'swap' ? 'confirmed' : 'canceled');
    expect(landed('blocker') + landed('swap')).toBe(1);
  });

  test('continues after a crash with the same transaction', async () => {
    const { world, order, sent, fate } = await inFlight({ swap: 'drop', blocker: 'drop' });
    await cancel(world, order);
    await world.slots(8);
    expect(sent.blocker.size).toBe(1);
    await world.crash();
    fate.blocker = 'deliver';
    await world.settle([order], 60);
    expect((await world.order(order)).status).toBe('canceled');
    expect(sent.blocker.size).toBe(1);
  });

  test('signs another transaction only when the first can no longer land', async () => {
    const { world, order, sent, fate } = await inFlight({ swap: 'drop', blocker: 'drop' });
    await world.slots(120);
    await cancel(world, order);
    await world.slots(40);
    expect(sent.blocker.size).toBe(1);
    fate.blocker = 'deliver';
    await world.settle([order], 60);
    expect((await world.order(order)).status).toBe('canceled');
  });

  test('waits for the blockhash to expire where the wallet cannot pay the rent', async () => {
    const { world, order, sent } = await inFlight({ swap: 'drop' });
    world.walletHolds(SOL, RENT);
    await cancel(world, order);
    await world.slots(100);
    expect((await world.order(order)).status).toBe('submitted');
    await world.settle([order]);
    expect(await stateOf(world, order)).toEqual(['expired']);
    expect((await world.order(order)).status).toBe('canceled');
    expect(sent.blocker.size).toBe(0);
  });

  test('is proved only when a second node has the receipt too', async () => {
    let behind = 10_000;
    const world = await started({
      nodes: (chain) => [chain.nodeBehind('first', () => 0), chain.nodeBehind('second', () => behind)],
    });
    watchSends(world, { swap: 'drop' });
    const order = await strict(world);
    await world.clock.advance(0);
    await cancel(world, order);
    await world.slots(100);
    expect((await world.order(order)).status).toBe('submitted');
    behind = 0;
    await world.settle([order], 10);
    expect(await stateOf(world, order)).toEqual(['blocked']);
  });

  test('sends no such transaction for an order without a receipt', async () => {
    const world = await started();
    const { sent } = watchSends(world, { swap: 'drop' });
    const order = await world.submit();
    await world.clock.advance(0);
    await cancel(world, order);
    await world.settle([order]);
    expect(await stateOf(world, order)).toEqual(['expired']);
    expect(sent.blocker.size).toBe(0);
  });
});

describe('the rent of receipts', () => {
  const lamports = (world: TestWorld) => world.chain.balanceOf(accountOf(WALLET, SOL));

  test('is returned once no transaction can create them, several in one transaction', async () => {
    const world = await started();
    const { sent, landed } = watchSends(world);
    const before = lamports(world);
    const orders = await Promise.all(Array.from({ length: 10 }, () => strict(world))); // Seven fit.
    await world.settle(orders);
    const spent = 10n * (1_000_000_000n + 5_000n + RENT);
    expect(lamports(world)).toBe(before - spent);

    await world.slots(150); // Final by far, but their blockhashes are not dead at finalized.
    expect(sent.closing.size).toBe(0);
    await world.slots(600);
    expect({ sent: sent.closing.size, landed: landed('closing') }).toEqual({ sent: 2, landed: 2 });
    expect(lamports(world)).toBe(before - spent + 10n * RENT - 2n * 5_000n);
    for (const order of orders) expect(await receiptLamports(world, order)).toBe(0n);
    await world.slots(1_000);
    expect(sent.closing.size).toBe(2);
  });

  test('is returned after a cancel, and a failed order has none to return', async () => {
    const world = await started();
    const { sent, landed } = watchSends(world, { swap: 'drop' });
    const [canceled, failed] = [await strict(world), await strict(world)];
    await world.clock.advance(0);
    await cancel(world, canceled);
    await world.settle([canceled]);
    expect(await receiptLamports(world, canceled)).toBe(RENT);
    await world.settle([failed]);
    expect((await world.order(failed)).failure?.code).toBe('attempt_expired');
    await world.slots(1_200);
    expect(await receiptLamports(world, canceled)).toBe(0n);
    expect({ sent: sent.closing.size, landed: landed('closing') }).toEqual({ sent: 1, landed: 1 });
    const left = await world.engine.orders.claimReceiptsToClose({
      finalizedHeight: toBlockHeight(10n ** 9n),
      limit: 10,
      leaseMs: 0,
    });
    expect(left).toEqual([]);
  });

  test('is reclaimed again when the transaction was lost, and after a crash', async () => {
    const world = await started();
    const { fate, sent } = watchSends(world, { closing: 'drop' });
    const order = await strict(world);
    await world.settle([order]);
    await world.slots(600);
    expect(sent.closing.size).toBeGreaterThan(0);
    expect(await receiptLamports(world, order)).toBe(RENT);
    fate.closing = 'deliver';
    await world.crash();
    await world.slots(900);
    expect(await receiptLamports(world, order)).toBe(0n);
  });

  test('stays in the receipt while its order is not over', async () => {
    const world = await createWorld();
    const { sent } = watchSends(world);
    const order = await strict(world);
    await sendNaively(world.engine, order, 1);
    await world.slots(2);
    await world.start();
    await world.slots(1_000);
    expect((await world.order(order)).needsReview).toBe(true);
    expect(await receiptLamports(world, order)).toBe(RENT);
    expect(sent.closing.size).toBe(0);
  });
});
