import { describe, expect, test } from 'vitest';
import { foldOrder } from '../src/domain/apply-event.ts';
import { type Order, toOrderId } from '../src/domain/order.ts';
import { type CancelResult, cancelOrder } from '../src/execution/cancel-order.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, SOL, type TestWorld, units } from './support/world.ts';

const IN_FLIGHT = ['pending', 'routing', 'building', 'submitted'];

async function started(options?: Parameters<typeof createWorld>[0]): Promise<TestWorld> {
  const world = await createWorld(options);
  await world.start();
  return world;
}

const cancel = (world: TestWorld, order: Order): Promise<CancelResult> =>
  cancelOrder(world.engine, order.request.orderId);

const swaps = (world: TestWorld): number =>
  world.chain.landed().filter(({ execution }) => !execution.error).length;

/** The whole log folds to the row, ends with its one terminal event, and keeps at most one cancel. */
async function expectWhole(world: TestWorld, order: Order): Promise<void> {
  const log = await world.log(order);
  expect(foldOrder(order.request, log)).toEqual(await world.order(order));
  const kinds = log.map(({ type }) => type);
  for (const once of ['order.canceled', 'order.cancel_requested'] as const)
    expect(kinds.filter((kind) => kind === once).length).toBeLessThanOrEqual(1);
  if (kinds.includes('order.canceled')) expect(kinds.at(-1)).toBe('order.canceled');
}

describe('a cancel with nothing in flight', () => {
  test('ends an order that no worker has seen, and no worker takes it any more', async () => {
    const { log, lines } = recordingLog();
    const world = await createWorld({ log });
    const order = await world.submit();
    expect(await cancel(world, order)).toMatchObject({ outcome: 'canceled', order: { status: 'canceled' } });
    expect((await world.log(order)).at(-1)?.data).toEqual({
      reason: 'Canceled on request. Nothing was in flight.',
    });
    const { orderId } = order.request;
    expect(lines).toMatchObject([{ level: 'info', fields: { orderId, status: 'canceled' } }]);
    await world.start();
    await world.slots(300);
    expect(await world.statuses(order)).toEqual(['pending', 'canceled']);
    expect(world.sends).toEqual([]);
  });

  test('ends an order in its backoff; the later wake-up has no effect', async () => {
    const world = await started();
    const order = await world.submit({ minAmountOut: '1000' });
    await world.slots(1);
    expect((await world.order(order)).status).toBe('routing');
    expect((await cancel(world, order)).outcome).toBe('canceled');
    await world.slots(300);
    expect(await world.statuses(order)).toEqual(['pending', 'routing', 'routing', 'canceled']);
    await expectWhole(world, order);
  });

  test('ends an order while its quotes are collected; the worker then writes and sends nothing', async () => {
    const world = await started();
    world.hooks.venue('raydium').delay('quote', 500);
    const order = await world.submit();
    await world.clock.advance(100);
    expect((await world.order(order)).status).toBe('routing');
    expect((await cancel(world, order)).outcome).toBe('canceled');
    await world.slots(300);
    expect(await world.statuses(order)).toEqual(['pending', 'routing', 'canceled']);
    expect(world.sends).toEqual([]);
    expect(await world.engine.orders.attempts(order.request.orderId)).toEqual([]);
  });

  test('either cancels an order or leaves it to confirm, whatever its moment', async () => {
    const outcomes = new Set<string>();
    for (let turns = 0; turns < 80; turns += 1) {
      const world = await started();
      const order = await world.submit();
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      const { outcome } = await cancel(world, order);
      outcomes.add(outcome);
      await world.settle([order]);
      await expectWhole(world, order);
      const attempts = await world.engine.orders.attempts(order.request.orderId);
      if (outcome === 'canceled') {
        expect({ sent: world.sends.length, attempts, swaps: swaps(world) }).toEqual({
          sent: 0,
          attempts: [],
          swaps: 0,
        });
      } else {
        expect(attempts).toHaveLength(1);
        expect((await world.order(order)).status).toBe('confirmed');
        expect(swaps(world)).toBe(1);
      }
      await world.stop();
    }
    expect(outcomes).toEqual(new Set(['canceled', 'requested']));
  });
});

describe('a cancel in flight', () => {
  test('comes too late for a transaction that lands', async () => {
    const world = await started();
    const order = await world.submit();
    await world.clock.advance(0);
    expect((await cancel(world, order)).outcome).toBe('requested');
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual([...IN_FLIGHT, 'cancel_requested', 'confirmed']);
    expect(await world.order(order)).toMatchObject({ status: 'confirmed', cancelRequested: true });
    expect(swaps(world)).toBe(1);
    await expectWhole(world, order);
  });

  test('is granted when the transaction provably cannot land, without another attempt', async () => {
    const world = await started();
    world.losesSends();
    const order = await world.submit();
    await world.clock.advance(0);
    await cancel(world, order);
    await world.slots(150);
    expect((await world.order(order)).status).toBe('submitted'); // Not dead at finalized yet: the engine does not guess.
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual([...IN_FLIGHT, 'cancel_requested', 'canceled']);
    const attempts = await world.engine.orders.attempts(order.request.orderId);
    expect(attempts.map(({ state }) => state)).toEqual(['expired']);
    world.takesSends();
    await world.slots(300);
    expect(swaps(world)).toBe(0);
    await expectWhole(world, order);
  });

  test('is granted when the transaction reverts, where a second try would have followed', async () => {
    const world = await started();
    const order = await world.submit({ slippageBps: 10 });
    await world.clock.advance(0);
    world.priceFalls('1 %');
    await cancel(world, order);
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual([...IN_FLIGHT, 'cancel_requested', 'canceled']);
    expect(swaps(world)).toBe(0);
  });

  test('waits while no node answers', async () => {
    const world = await started();
    const order = await world.submit();
    await world.clock.advance(0);
    world.cutsOff();
    await cancel(world, order);
    await world.slots(2_000);
    expect((await world.order(order)).status).toBe('submitted');
    world.reconnects();
    await world.settle([order], 10);
  });

  test('still holds after a crash', async () => {
    const world = await started();
    world.losesSends();
    const order = await world.submit();
    await world.clock.advance(0);
    await cancel(world, order);
    await world.crash();
    await world.settle([order]);
    expect((await world.statuses(order)).slice(-2)).toEqual(['cancel_requested', 'canceled']);
    expect(swaps(world)).toBe(0);
  });

  test('still holds when a fork drops the block that decided against the cancel', async () => {
    const world = await started();
    const order = await world.submit();
    await world.clock.advance(0);
    await cancel(world, order);
    await world.settle([order]);
    world.losesSends();
    world.chain.fork((await world.order(order)).slot! - 1n);
    await world.slots(40);
    expect(await world.order(order)).toMatchObject({
      status: 'submitted',
      cancelRequested: true,
      reorged: true,
    });
    expect((await cancel(world, order)).outcome).toBe('requested');
    await world.settle([order]);
    expect((await world.statuses(order)).slice(-3)).toEqual(['confirmed', 'reorged', 'canceled']);
    expect(await world.order(order)).toMatchObject({ status: 'canceled', reorged: false, fill: null });
    expect(swaps(world)).toBe(0);
    await expectWhole(world, order);
  });
});

describe('a repeated cancel', () => {
  test('gets the same answer and writes nothing', async () => {
    const world = await createWorld();
    const order = await world.submit();
    const answers = await Promise.all(Array.from({ length: 20 }, () => cancel(world, order)));
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['canceled']));
    expect(await world.statuses(order)).toEqual(['pending', 'canceled']);
  });

  test('keeps the pending request', async () => {
    const world = await started();
    const order = await world.submit();
    await world.clock.advance(0);
    const answers = await Promise.all(Array.from({ length: 20 }, () => cancel(world, order)));
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['requested']));
    expect(await world.statuses(order)).toEqual([...IN_FLIGHT, 'cancel_requested']);
  });

  test('finds the order canceled when the answer of the first commit was lost', async () => {
    const world = await createWorld();
    world.hooks.orders.loseAnswer('transition', new Error('answer lost'), { times: 1 });
    const order = await world.submit();
    await expect(cancel(world, order)).rejects.toThrow('answer lost');
    expect((await cancel(world, order)).outcome).toBe('canceled');
    expect(await world.statuses(order)).toEqual(['pending', 'canceled']);
  });

  test('learns another end of the order, or that the order is unknown', async () => {
    const world = await started();
    const [landed, failed] = [await world.submit(), await world.submit({ amount: '999999' })];
    await world.settle([landed, failed]);
    expect(await cancel(world, landed)).toMatchObject({ outcome: 'over', order: { status: 'confirmed' } });
    expect(await cancel(world, failed)).toMatchObject({ outcome: 'over', order: { status: 'failed' } });
    expect(await cancelOrder(world.engine, toOrderId('nobody'))).toEqual({ outcome: 'unknown' });
    expect((await world.order(landed)).fill?.amountIn).toBe(units('1', SOL));
  });
});
