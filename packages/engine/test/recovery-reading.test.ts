import { describe, expect, test } from 'vitest';
import { createMemoryRecoveryLog } from '../src/adapters/memory/recovery-log.ts';
import type { Attempt } from '../src/domain/attempt.ts';
import { type Order, toOrderId } from '../src/domain/order.ts';
import { toSignature } from '../src/domain/signature.ts';
import { recoverLostAttempts } from '../src/execution/recovery/recover-lost-attempts.ts';
import type { ListedTransaction } from '../src/ports/chain.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld } from './support/world.ts';

const orderId = (index: number) => toOrderId(`01890000-0000-7000-8000-${index.toString().padStart(12, '0')}`);
const listed = (signature: string, order: string, slot = 1n): ListedTransaction => ({
  ...{ signature: toSignature(signature), slot, failed: false },
  memo: `[38] ${order}/1`,
});

/** A restored database with these orders and attempts, on a chain that lists these transactions. */
async function createRestored(options: {
  unfinished?: readonly Order[];
  unfinalized?: readonly Pick<Attempt, 'orderId' | 'signature'>[];
  signingSlot?: bigint | null;
  transactions?: readonly ListedTransaction[];
  begins?: bigint;
}) {
  const { unfinished = [], unfinalized = [], signingSlot = null, transactions = [], begins = 0n } = options;
  const { log, lines } = recordingLog();
  const world = await createWorld({
    log,
    nodes: (chain) => [
      {
        ...chain.chain.anyNode,
        latestBlockhash: async () => ({ blockhash: 'h', lastValidBlockHeight: 5n }) as never,
        finalizedEpoch: async () => ({ absoluteSlot: 9n, blockHeight: 9n }) as never,
        firstAvailableSlot: async () => begins,
        transactionsOf: async (_, { before }) => (before === null ? transactions : []),
      },
    ],
  });
  const askedBeforeMs: number[] = [];
  const pages: (string | null)[] = [];
  const orders: Partial<typeof world.engine.orders> = {
    unfinishedOrders: async (after, limit) => {
      pages.push(after);
      const start = unfinished.findIndex(({ request }) => request.orderId === after) + 1;
      return unfinished.slice(start, start + limit);
    },
    newestSigningSlot: async (beforeMs) => {
      askedBeforeMs.push(beforeMs);
      return signingSlot;
    },
    unfinalizedAttempts: async () => unfinalized as Attempt[],
  };
  Object.assign(world.engine.orders, orders);
  const recoveries = createMemoryRecoveryLog();
  return { lines, askedBeforeMs, pages, recover: () => recoverLostAttempts(world.engine, recoveries) };
}
const unfinishedOrder = (index: number): Order =>
  ({ request: { orderId: orderId(index), createdAtMs: 10_000_000 + index } }) as Order;

describe('how far back is read', () => {
  test.each([
    [null, 0n],
    [0n, 0n],
    [999n, 0n],
    [1_000n, 0n],
    [1_500n, 500n],
  ])('from slot %s on, with some to spare', async (signingSlot, firstSlot) => {
    const { recover } = await createRestored({ signingSlot, begins: 10n ** 12n });
    await expect(recover()).rejects.toThrow(`does not reach back to slot ${firstSlot},`);
  });

  test('starts an hour before the oldest unfinished order, or before all where there is none', async () => {
    const some = await createRestored({ unfinished: [unfinishedOrder(1), unfinishedOrder(2)] });
    await some.recover();
    expect(some.askedBeforeMs).toEqual([10_000_001 - 3_600_000]);
    const none = await createRestored({});
    await none.recover();
    expect(none.askedBeforeMs).toEqual([Number.POSITIVE_INFINITY]);
  });
});

test('unfinished orders are read page by page', async () => {
  const unfinished = Array.from({ length: 1_200 }, (_, index) => unfinishedOrder(index));
  const { recover, pages } = await createRestored({ unfinished });
  await recover();
  expect(pages).toEqual([null, null, orderId(499), orderId(999)]);
});

describe('an attempt that landed and is not final in the backup', () => {
  const attempt = { orderId: orderId(1), signature: toSignature('mine') };
  const droppedWith = async (...transactions: ListedTransaction[]) => {
    const { recover, lines } = await createRestored({ unfinalized: [attempt], transactions });
    await recover();
    return lines.filter(({ message }) => message === 'confirmed block dropped by a fork');
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
