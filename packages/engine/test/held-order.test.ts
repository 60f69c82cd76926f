import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { foldOrder } from '../src/domain/apply-event.ts';
import type { OrderId } from '../src/domain/order.ts';
import { watchOrder } from '../src/execution/streams/watch-order.ts';
import { createWorld, type TestWorld } from './support/world.ts';

const HOLD_MS = 300_000;
const HAPPY = ['pending', 'routing', 'building', 'submitted', 'confirmed'];

describe('an order that is held for its stream', () => {
  let world: TestWorld;
  beforeEach(async () => {
    world = await createWorld();
    await world.start();
  });
  afterEach(() => world.stop());

  /** Watches in the background; time is moved by hand meanwhile. */
  function watch(orderId: OrderId, after = 0, held: 'start' | 'leave' = 'start'): Promise<string[]> {
    const types: string[] = [];
    const { signal } = new AbortController();
    return (async () => {
      for await (const event of watchOrder(world.engine, orderId, after, signal, held))
        types.push(event.type.slice('order.'.length));
      return types;
    })();
  }

  test('is durable and names its deadline, and does not start by itself', async () => {
    const order = await world.submit({ holdMs: HOLD_MS });
    const [pending] = await world.log(order);
    const heldUntil = new Date(order.request.createdAtMs + HOLD_MS).toISOString();
    expect(pending?.data).toEqual({ heldUntil });
    await world.slots(100);
    expect(await world.statuses(order)).toEqual(['pending']);
  });

  test('starts when its stream connects, and the stream has every event', async () => {
    const order = await world.submit({ holdMs: HOLD_MS });
    await world.slots(10);
    const seen = watch(order.request.orderId);
    await world.settle([order]);
    expect(await seen).toEqual(HAPPY);
    expect(foldOrder(order.request, await world.log(order))).toEqual(await world.order(order));
  });

  test('is not started by streams that only watch, and they continue once it starts', async () => {
    const order = await world.submit({ holdMs: HOLD_MS });
    const lookers = [0, 1].map((after) => watch(order.request.orderId, after, 'leave'));
    await world.slots(100);
    expect(await world.statuses(order)).toEqual(['pending']);
    void watch(order.request.orderId);
    await world.settle([order]);
    expect(await Promise.all(lookers)).toEqual([HAPPY, HAPPY.slice(1)]);
  });

  test('starts for a stream that resumes behind its first event', async () => {
    const order = await world.submit({ holdMs: HOLD_MS });
    const seen = watch(order.request.orderId, 1);
    await world.settle([order]);
    expect(await seen).toEqual(HAPPY.slice(1));
  });

  test('starts once for many streams at once', async () => {
    const order = await world.submit({ holdMs: HOLD_MS });
    const streams = Array.from({ length: 10 }, () => watch(order.request.orderId));
    await world.settle([order]);
    for (const seen of await Promise.all(streams)) expect(seen).toEqual(HAPPY);
  });

  test('stays held over a restart, and starts afterwards', async () => {
    const order = await world.submit({ holdMs: HOLD_MS });
    await world.slots(10);
    await world.crash();
    await world.slots(10);
    expect(await world.statuses(order)).toEqual(['pending']);
    const seen = watch(order.request.orderId);
    await world.settle([order]);
    expect(await seen).toEqual(HAPPY);
  });

  test('is executed after a crash right behind the commit that started it', async () => {
    const order = await world.submit({ holdMs: HOLD_MS });
    await world.slots(10);
    world.hooks.queue.drop('wake'); // The process dies before its worker gets the wake-up.
    void watch(order.request.orderId);
    await world.clock.advance(0);
    expect(await world.statuses(order)).toEqual(['pending', 'routing']);
    world.hooks.queue.heal('wake');
    await world.crash();
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual(HAPPY);
  });

  test('expires with its reason when no stream connects in time, and a late stream starts nothing', async () => {
    const order = await world.submit({ holdMs: HOLD_MS });
    await world.slots(HOLD_MS / 400 - 20);
    expect(await world.statuses(order)).toEqual(['pending']);
    await world.slots(40);
    const [, expired] = await world.log(order);
    expect(expired).toMatchObject({
      type: 'order.expired',
      status: 'expired',
      data: { reason: expect.stringContaining('No stream that starts it was connected within 300 s') },
    });
    expect(await watch(order.request.orderId)).toEqual(['pending', 'expired']);
    await world.slots(20);
    expect(await world.statuses(order)).toEqual(['pending', 'expired']);
  });

  test('expires at the next start when its deadline passed while no process ran', async () => {
    const order = await world.submit({ holdMs: HOLD_MS });
    await world.stop();
    await world.clock.advance(HOLD_MS + 1);
    void watch(order.request.orderId); // Too late, even before a worker has ended it.
    await world.clock.advance(0);
    await world.crash();
    await world.slots(2);
    expect(await world.statuses(order)).toEqual(['pending', 'expired']);
  });
});
