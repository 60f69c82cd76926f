import { describe, expect, test } from 'vitest';
import { createMemoryRecoveryLog } from '../src/adapters/memory/recovery-log.ts';
import { toBlockHeight } from '../src/domain/block-height.ts';
import { type Order, toOrderId } from '../src/domain/order.ts';
import { toSignature } from '../src/domain/signature.ts';
import { toEpochMs } from '../src/domain/timestamp.ts';
import { recoverLostAttempts } from '../src/execution/recovery/recover-lost-attempts.ts';
import type { ListedTransaction } from '../src/ports/chain.ts';
import { NO_KEYS, newTestOrder } from '../src/ports/order-store.suite.ts';
import { lyingNode } from './support/lying-node.ts';
import { recordingLog } from './support/recording-log.ts';
import { leaveOrder } from './support/stored-order.ts';
import { createWorld, type TestWorld } from './support/world.ts';

const orderId = (index: number) => toOrderId(`01890000-0000-7000-8000-${index.toString().padStart(12, '0')}`);
const listed = (signature: string, order: string, slot = 1n): ListedTransaction => ({
  ...{ signature: toSignature(signature), slot, failed: false },
  memo: `[38] ${order}/1`,
});

/** A restored database, on a chain that lists these transactions. */
async function createRestored({
  transactions = [],
  begins = 0n,
}: {
  transactions?: readonly ListedTransaction[];
  begins?: bigint;
} = {}) {
  const { log, lines } = recordingLog();
  const world = await createWorld({
    log,
    nodes: (chain) => [
      lyingNode(chain.chain.anyNode, {
        latestBlockhash: async () => ({ blockhash: 'h', lastValidBlockHeight: toBlockHeight(5n), slot: 9n }),
        finalizedEpoch: async () => ({ absoluteSlot: 9n, blockHeight: toBlockHeight(9n) }),
        firstAvailableSlot: async () => begins,
        transactionsOf: async (_, { before }) => (before === null ? transactions : []),
      }),
    ],
  });
  const recoveries = createMemoryRecoveryLog();
  return { ...world, lines, recover: () => recoverLostAttempts(world.engine, recoveries) };
}

/** Stores orders that no process has worked on, with these numbers in their ids. */
async function leaveUnfinished(
  { engine }: Pick<TestWorld, 'engine'>,
  ...numbers: number[]
): Promise<Order[]> {
  const left: Order[] = [];
  for (const index of numbers) {
    const { order, events } = newTestOrder({
      orderId: orderId(index),
      createdAtMs: toEpochMs(10_000_000 + index),
    });
    await engine.orders.submit(order, events, NO_KEYS);
    left.push(order);
  }
  return left;
}

describe('how far back is read', () => {
  test.each([
    [null, 0n],
    [0n, 0n],
    [999n, 0n],
    [1_000n, 0n],
    [1_500n, 500n],
  ])('from slot %s on, with some to spare', async (signingSlot, firstSlot) => {
    const { engine, recover } = await createRestored({ begins: 10n ** 12n });
    if (signingSlot !== null)
      await leaveOrder(engine, { attempt: { signingSlot }, landedAt: 2_000n, isFinal: true });
    await expect(recover()).rejects.toThrow(`does not reach back to slot ${firstSlot},`);
  });

  test('starts an hour before the oldest unfinished order, or before all where there is none', async () => {
    const some = await createRestored();
    await leaveUnfinished(some, 1, 2);
    await some.recover();
    expect(some.hooks.orders.calls('newestSigningSlot')).toEqual([[10_000_001 - 3_600_000]]);
    const none = await createRestored();
    await none.recover();
    expect(none.hooks.orders.calls('newestSigningSlot')).toEqual([[Number.POSITIVE_INFINITY]]);
  });
});

test('unfinished orders are read page by page', async () => {
  const world = await createRestored();
  await leaveUnfinished(world, ...Array.from({ length: 1_200 }, (_, index) => index));
  await world.recover();
  expect(world.hooks.orders.calls('unfinishedOrders').map(([after]) => after)).toEqual([
    null,
    null,
    orderId(499),
    orderId(999),
  ]);
});

describe('an attempt that landed and is not final in the backup', () => {
  const attempt = { orderId: orderId(1), signature: toSignature('mine') };
  const droppedWith = async (...transactions: ListedTransaction[]) => {
    const world = await createRestored({ transactions });
    const [order] = await leaveUnfinished(world, 1);
    await leaveOrder(world.engine, { order: order!, attempt, landedAt: 1n });
    void world.recover();
    await world.clock.advance(1_000);
    // What the chain lists was compared, and unfinished orders come next.
    expect(world.hooks.orders.calls('unfinishedOrders')).toHaveLength(2);
    return world.lines.filter(({ message }) => message === 'confirmed block dropped by a fork');
  };

  test('was dropped by a fork if another attempt of its order landed', async () => {
    expect(await droppedWith(listed('other', attempt.orderId))).toMatchObject([
      { fields: { orderId: attempt.orderId, signature: 'mine' } },
    ]);
  });

  test('stands if the chain lists it, or lists no attempt of its order', async () => {
    expect(await droppedWith(listed('mine', attempt.orderId))).toEqual([]);
    const both = [listed('other', attempt.orderId), listed('mine', attempt.orderId, 2n)];
    expect(await droppedWith(...both)).toEqual([]);
    expect(await droppedWith(...both.toReversed())).toEqual([]);
    expect(await droppedWith(listed('other', orderId(2)))).toEqual([]);
    expect(await droppedWith()).toEqual([]);
  });
});

test('transactions without an order are named, and counted among the found ones', async () => {
  const all = Array.from({ length: 600 }, (_, index) => listed(`s${index}`, orderId(index), BigInt(index)));
  const { recover, lines } = await createRestored({ transactions: all });
  const lost = await recover();
  expect(lost).toEqual(
    all.map(({ signature, slot }, index) => ({ orderId: orderId(index), signature, slot, failed: false })),
  );
  expect(lines.filter(({ level }) => level === 'error')).toHaveLength(600);
  expect(lines.at(-1)).toMatchObject({ level: 'info', fields: { orders: 600, recovered: 0, lost: 600 } });
  expect(lines[0]).toMatchObject({ level: 'info', fields: { height: 5n } });
});
