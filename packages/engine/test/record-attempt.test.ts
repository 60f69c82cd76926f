import { expect, test } from 'vitest';
import type { Order } from '../src/domain/order.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, type TestWorld } from './support/world.ts';

/** An order whose transaction reaches no node. */
async function inFlight(options: Parameters<typeof createWorld>[0] = {}): Promise<[TestWorld, Order]> {
  const world = await createWorld(options);
  world.losesSends();
  await world.start();
  const order = await world.submit();
  await world.slots(1);
  return [world, await world.order(order)];
}

test('the attempt is recorded open, with the data that decides its outcome', async () => {
  const [world, order] = await inFlight();
  const [attempt, ...others] = await world.engine.orders.attempts(order.request.orderId);
  expect(others).toEqual([]);
  expect(attempt).toMatchObject({
    attemptNumber: 1,
    signature: order.signature,
    state: 'open',
    slot: null,
    finalized: false,
  });
  expect(attempt!.recordedAtMs).toBeLessThanOrEqual(world.clock.now());
});

test('no other worker gets an order in flight while its worker lives', async () => {
  const [world, order] = await inFlight({ limits: { leaseMs: 6_000 } });
  for (let second = 0; second < 20; second += 1) {
    await world.clock.advance(1_000);
    expect(await world.engine.orders.dueOrders(10)).toEqual([]);
  }
  await world.die();
  await world.clock.advance(6_000);
  expect(await world.engine.orders.dueOrders(10)).toEqual([order.request.orderId]);
});

test('a send that no node acknowledged is logged, and changes nothing', async () => {
  const { log, lines } = recordingLog();
  const world = await createWorld({ log });
  world.losesTheAnswerOfSend();
  await world.start();
  const order = await world.submit();
  await world.settle([order]);
  const { signature } = await world.order(order);
  const { orderId } = order.request;
  expect(lines.filter(({ level }) => level !== 'info')).toMatchObject([
    { level: 'debug', fields: { orderId, signature, node: 'memory', error: expect.any(Error) } },
  ]);
});

test('a step that could not be stored is logged, with its order and sequence', async () => {
  const { log, lines } = recordingLog();
  const world = await createWorld({ log });
  const order = await world.submit();
  const error = new Error('the disk is full');
  world.hooks.orders.fail('transition', error);
  await world.start();
  await world.clock.advance(100);
  world.hooks.orders.heal();
  const { orderId } = order.request;
  expect(lines.filter(({ message }) => message === 'order step not stored')).toMatchObject([
    { level: 'warn', fields: { orderId, sequence: 2, error } },
    { level: 'warn', fields: { orderId, sequence: 3, error } },
  ]);
});
