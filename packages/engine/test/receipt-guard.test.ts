import { describe, expect, test } from 'vitest';
import { vaultOf } from '../src/adapters/memory/ledger.ts';
import type { Order } from '../src/domain/order.ts';
import type { OrderEventData } from '../src/domain/order-event.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { executeOrder } from '../src/execution/execute-order.ts';
import { reviewOrder } from '../src/execution/review-order.ts';
import { TransactionTooLarge } from '../src/ports/chain.ts';
import { sendNaively, signNaively } from './support/naive-sender.ts';
import { createWorld, METEORA_POOL, type TestWorld, USDC } from './support/world.ts';

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
  test('lands with its receipt, says so, and counts the rent', async () => {
    const world = await started();
    const order = await strict(world);
    expect(await receiptLamports(world, order)).toBe(0n);
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual(HAPPY);
    expect(await receiptLamports(world, order)).toBe(RENT);
    expect((await world.order(order)).fill?.fees.rentLamports).toBe(RENT);
    expect(await dataOf(world, order, 'order.submitted')).toMatchObject([{ executionGuard: 'strict' }]);
  });

  test('is what an order is that names no guard, where that is configured', async () => {
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
    const vault = vaultOf(METEORA_POOL, USDC);
    const depth = world.chain.balanceOf(vault);
    world.chain.setBalance(vault, (depth * 99n) / 100n);
    await world.slots(2);
    expect(await receiptLamports(world, order)).toBe(0n);
    world.chain.setBalance(vault, depth);
    await world.settle([order]);
    expect((await world.order(order)).attemptNumber).toBe(2);
    expect((await world.order(order)).status).toBe('confirmed');
    expect(swaps(world)).toBe(1);
    expect(await receiptLamports(world, order)).toBe(RENT);
  });

  test('goes without a receipt where its bytes leave no room, and says why', async () => {
    const world = await createWorld();
    const order = await strict(world);
    const { engine } = world;
    const narrow = (parts: Parameters<typeof engine.chain.compile>[0]) => {
      if (parts.receipt) throw new TransactionTooLarge('1240 bytes, at most 1232 fit');
      return engine.chain.compile(parts);
    };
    await executeOrder({ ...engine, chain: { ...engine.chain, compile: narrow } }, order.request.orderId);
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

  test('fails a wallet that cannot pay the rent, before anything is signed', async () => {
    const world = await started();
    world.chain.setBalance('wallet', 1_000_000_000n + 5_000n + RENT - 1n);
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

  test('never gets another transaction of a strict order past the engine, which asks a person', async () => {
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

  test('is found out when its transaction overtakes the recorded one', async () => {
    const world = await started();
    let rival: Uint8Array | undefined;
    world.chain.faults.send = (bytes) => (rival && bytes !== rival ? 'drop' : 'deliver');
    const order = await strict(world);
    const swap = await signNaively(world.engine, order, 9);
    rival = swap.bytes;
    await world.clock.advance(0);
    await world.engine.chain.nodes[0]!.send(swap.bytes);
    await world.slots(1);
    world.chain.faults.send = () => 'deliver';
    await world.slots(60);
    expect(await world.order(order)).toMatchObject({ status: 'routing', needsReview: true });
    expect((await world.engine.orders.attempts(order.request.orderId)).map(({ state }) => state)).toEqual([
      'reverted',
    ]);
    expect(swaps(world)).toBe(1);
    expect((await cancelOrder(world.engine, order.request.orderId)).outcome).toBe('requested');
  });
});
