import { describe, expect, test } from 'vitest';
import type { Attempt } from '../src/domain/attempt.ts';
import type { Order } from '../src/domain/order.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { executeOrder } from '../src/execution/execute-order.ts';
import { askForReview, settleExpired, settleFinalized, settleLanded } from '../src/execution/settle-order.ts';
import type { ChainNode } from '../src/ports/chain.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, type TestWorld, type WorldOptions } from './support/world.ts';

/** An order with an open attempt, and no loop that looks after it. */
async function submitted(
  options: WorldOptions = {},
): Promise<{ world: TestWorld; order: Order; attempt: Attempt }> {
  const world = await createWorld(options);
  const { request } = await world.submit();
  await executeOrder(world.engine, request.orderId);
  const [attempt] = await world.engine.orders.attempts(request.orderId);
  return { world, order: (await world.engine.orders.get(request.orderId))!, attempt: attempt! };
}

describe('a landed attempt', () => {
  test('is settled when its transaction can be read, once', async () => {
    const { world, order, attempt } = await submitted();
    expect(await settleLanded(world.engine, attempt)).toBeNull();
    await world.slots(2);
    expect(await settleLanded(world.engine, attempt)).toMatchObject({ status: 'confirmed' });
    expect(await settleLanded(world.engine, attempt)).toBe('alreadyKnown');
    expect((await world.statuses(order)).at(-1)).toBe('confirmed');
  });

  test('is final when its transaction can be read as final, once', async () => {
    const { world, attempt } = await submitted();
    await world.slots(2);
    await settleLanded(world.engine, attempt);
    expect(await settleFinalized(world.engine, attempt)).toBeNull();
    await world.slots(40);
    expect(await settleFinalized(world.engine, attempt)).toMatchObject({ finalized: true });
    expect(await settleFinalized(world.engine, attempt)).toBe('alreadyKnown');
  });

  test('is not settled by a transaction that reverted', async () => {
    const { world, order, attempt } = await submitted({
      nodes: (chain) =>
        chain.chain.nodes.map(
          (node): ChainNode => ({
            ...node,
            transaction: async (signature, commitment) => {
              const landed = await node.transaction(signature, commitment);
              return landed && { ...landed, error: { kind: 'slippage', text: 'ExceededSlippage' } };
            },
          }),
        ),
    });
    await world.slots(40);
    expect(await settleLanded(world.engine, attempt)).toBeNull();
    expect(await settleFinalized(world.engine, attempt)).toBeNull();
    expect((await world.order(order)).status).toBe('submitted');
  });
});

describe('a dead attempt', () => {
  test('is followed by the next try after its backoff, without waiting for a sweep', async () => {
    const world = await createWorld({ limits: { sweepMs: 86_400_000 } });
    world.chain.faults.send = () => 'drop';
    await world.start();
    const order = await world.submit();
    while ((await world.statuses(order)).filter((status) => status === 'routing').length < 2)
      await world.slots(1);
    world.chain.faults.send = () => 'deliver';
    await world.clock.advance(1_200);
    await world.settle([order], 3);
    expect((await world.order(order)).attemptNumber).toBe(2);
  });

  test('is closed once, and said so once in the log', async () => {
    const { log, lines } = recordingLog();
    const { world, order, attempt } = await submitted({ log });
    expect(await settleExpired(world.engine, attempt)).toMatchObject({ status: 'routing' });
    expect(await settleExpired(world.engine, attempt)).toBe('alreadyKnown');
    expect(lines.filter(({ message }) => message.startsWith('try ended'))).toHaveLength(1);
    expect(await world.statuses(order)).toEqual(['pending', 'routing', 'building', 'submitted', 'routing']);
  });
});

describe('an attempt about which nothing can be proved', () => {
  const asksOf = async (world: TestWorld, order: Order) =>
    (await world.log(order)).filter(({ type }) => type === 'order.review_needed');

  test('makes its order ask for a review once, and an operator finds it', async () => {
    const { log, lines } = recordingLog();
    const { world, order, attempt } = await submitted({ log });
    expect(await askForReview(world.engine, attempt)).toMatchObject({ needsReview: true });
    expect(await askForReview(world.engine, attempt)).toMatchObject({ needsReview: true });
    const { signature, signingSlot } = attempt;
    const reason = `No node's history reaches back to slot ${signingSlot}, where ${signature} was signed.`;
    expect(await asksOf(world, order)).toMatchObject([{ status: 'submitted', data: { reason } }]);
    const { orderId } = order.request;
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { orderId, signature } },
    ]);
  });

  test('asks for nothing when its order moved on, has another attempt, or is gone', async () => {
    const { world, order, attempt } = await submitted();
    expect(await askForReview(world.engine, { ...attempt, attemptNumber: 2 })).toBe('alreadyKnown');
    expect(await askForReview(world.engine, { ...attempt, orderId: 'unknown' })).toBe('alreadyKnown');
    await settleExpired(world.engine, attempt);
    expect(await askForReview(world.engine, attempt)).toBe('alreadyKnown');
    expect(await asksOf(world, order)).toEqual([]);
  });

  test('looks again when somebody else moved its order meanwhile', async () => {
    const { world, order, attempt } = await submitted();
    const { orders } = world.engine;
    const transition = orders.transition;
    const raced = async (change: Parameters<typeof transition>[0]) => {
      Object.assign(orders, { transition });
      await cancelOrder(world.engine, order.request.orderId);
      return transition(change);
    };
    Object.assign(orders, { transition: raced });
    expect(await askForReview(world.engine, attempt)).toMatchObject({
      needsReview: true,
      cancelRequested: true,
    });
    expect((await world.statuses(order)).slice(-2)).toEqual(['cancel_requested', 'review_needed']);
  });
});
