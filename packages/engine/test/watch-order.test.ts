import { describe, expect, test } from 'vitest';
import { type Order, type OrderId, toOrderId } from '../src/domain/order.ts';
import type { OrderEvent } from '../src/domain/order-event.ts';
import { watchOrder } from '../src/execution/streams/watch-order.ts';
import { interceptPublish } from './support/intercept-publish.ts';
import { createWorld, type TestWorld, type WorldOptions } from './support/world.ts';

/** A world whose bus publications can be intercepted, and that counts the reads of its log. */
async function createStreamed(options: WorldOptions = {}) {
  const world = await createWorld(options);
  const { bus, orders } = world.engine;
  const { interceptor, publish } = interceptPublish(bus);
  const reads = { count: 0 };
  const { events } = orders;
  Object.assign(orders, {
    events: (...input: Parameters<typeof events>) => {
      reads.count += 1;
      return events(...input);
    },
  });
  return { ...world, world, interceptor, publish, reads };
}

/** Somebody who takes every event at once. */
function listen(world: TestWorld, orderId: OrderId, after = 0) {
  const life = new AbortController();
  const events: OrderEvent[] = [];
  const state = { ended: false };
  const ended = (async () => {
    for await (const event of watchOrder(world.engine, orderId, after, life.signal)) events.push(event);
    state.ended = true;
  })();
  return { life, events, ended, state, types: () => events.map(({ type }) => type.slice('order.'.length)) };
}

const JOURNEY = ['pending', 'routing', 'building', 'submitted', 'confirmed'];

/** An order at its end, with a watcher that has received none of its publications. */
async function holdBack() {
  const streamed = await createStreamed();
  const { world, interceptor } = streamed;
  const order = await world.submit();
  const watcher = listen(world, order.request.orderId);
  await world.clock.advance(0);
  const held: Parameters<typeof interceptor.deliver>[0][] = [];
  interceptor.deliver = (publication) => void held.push(publication);
  await world.start();
  await world.settle([order]);
  return { ...streamed, watcher, held };
}

describe('the stream of an order', () => {
  test('has every event once, in order, without asking the log again, and ends with the last', async () => {
    const { world, reads } = await createStreamed();
    await world.start();
    const order = await world.submit();
    reads.count = 0;
    const watcher = listen(world, order.request.orderId);
    await world.settle([order]);
    await watcher.ended;
    expect(watcher.types()).toEqual(JOURNEY);
    expect(watcher.events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(reads.count).toBe(1);
    await world.stop();
  });

  test.each([
    [0, JOURNEY],
    [3, ['submitted', 'confirmed']],
    [4, ['confirmed']],
    [5, []],
    [9, []],
  ])('after event %d of an order that is over has the rest and ends at once', async (after, types) => {
    const { world } = await createStreamed();
    await world.start();
    const order = await world.submit();
    await world.settle([order]);
    const watcher = listen(world, order.request.orderId, after);
    await world.clock.advance(0);
    expect([watcher.types(), watcher.state.ended]).toEqual([types, true]);
    await world.slots(60);
    const late = listen(world, order.request.orderId, after);
    await world.clock.advance(0);
    expect([late.types(), late.state.ended]).toEqual([types, true]);
    await world.stop();
  });

  test('of an unknown order ends at once', async () => {
    const { world } = await createStreamed();
    const watcher = listen(world, toOrderId('unknown'));
    await world.clock.advance(0);
    expect([watcher.types(), watcher.state.ended]).toEqual([[], true]);
  });

  test('ends when its signal aborts, and gets no event afterwards', async () => {
    const { world } = await createStreamed();
    const order = await world.submit();
    const watcher = listen(world, order.request.orderId);
    await world.clock.advance(0);
    watcher.life.abort();
    await watcher.ended;
    await world.start();
    await world.settle([order]);
    expect(watcher.types()).toEqual(['pending']);
    await world.stop();
  });

  test('puts publications in order and drops doubles', async () => {
    const { world, publish, watcher, held } = await holdBack();
    for (const publication of [...held.toReversed(), ...held]) publish(publication);
    await watcher.ended;
    expect(watcher.types()).toEqual(JOURNEY);
    await world.stop();
  });

  test.each([
    ['takes publications that arrive together without reading the log', () => true, 0],
    ['asks the log where one between them is missing', (index: number) => index !== 1, 1],
  ])('%s', async (_, arrives, asks) => {
    const { world, publish, reads, watcher, held } = await holdBack();
    reads.count = 0;
    for (const publication of held.filter((__, index) => arrives(index))) publish(publication);
    await watcher.ended;
    expect(watcher.types()).toEqual(JOURNEY);
    expect(reads.count).toBe(asks);
    await world.stop();
  });

  test('finds events that the bus lost in the log, ten seconds after the last publication', async () => {
    const { world, interceptor } = await createStreamed();
    interceptor.deliver = () => {};
    const order = await world.submit();
    const watcher = listen(world, order.request.orderId);
    await world.start();
    await world.clock.advance(0);
    expect(watcher.types()).toEqual(['pending']);
    await world.slots(24);
    expect(watcher.types()).toEqual(['pending']);
    await world.slots(1);
    await watcher.ended;
    expect(watcher.types()).toEqual(JOURNEY);
    await world.stop();
  });

  test('reads the log at once where a publication shows that one is missing', async () => {
    const { world, interceptor, publish, reads } = await createStreamed();
    const order = await world.submit();
    const watcher = listen(world, order.request.orderId);
    await world.clock.advance(0);
    let lost = 1;
    interceptor.deliver = (publication) => {
      if (lost > 0) lost -= 1;
      else publish(publication);
    };
    reads.count = 0;
    await world.start();
    await world.clock.advance(100);
    expect(watcher.types()).toEqual(['pending', 'routing', 'building', 'submitted']);
    expect(reads.count).toBe(1);
    watcher.life.abort();
    await world.stop();
  });
});

describe('a fork that reopens a confirmed order', () => {
  const eventOf = (order: Order, sequence: number, type: string, status: string) =>
    ({ orderId: order.request.orderId, sequence, type, status, timestamp: 't', data: {} }) as OrderEvent;

  test('does not end a stream that has not read of it yet', async () => {
    const { world } = await createStreamed();
    const order = await world.submit();
    const log = [
      eventOf(order, 1, 'order.confirmed', 'confirmed'),
      eventOf(order, 2, 'order.reorged', 'submitted'),
      eventOf(order, 3, 'order.confirmed', 'confirmed'),
      eventOf(order, 4, 'order.finalized', 'confirmed'),
    ];
    Object.assign(world.engine.orders, { events: async (_: string, after: number) => log.slice(after) });
    const watcher = listen(world, order.request.orderId);
    await world.clock.advance(0);
    expect([watcher.types(), watcher.state.ended]).toEqual([['confirmed', 'reorged', 'confirmed'], true]);
  });
});

test('a long log is read page by page', async () => {
  const { world } = await createStreamed();
  const order = await world.submit();
  const log = Array.from({ length: 1_200 }, (_, index) => ({
    ...({ orderId: order.request.orderId, type: 'order.routing', status: 'routing' } as OrderEvent),
    sequence: index + 1,
  })) as OrderEvent[];
  let reads = 0;
  Object.assign(world.engine.orders, {
    events: async (_: string, after: number, limit: number) => {
      reads += 1;
      return log.slice(after, after + limit);
    },
  });
  const watcher = listen(world, order.request.orderId);
  await world.clock.advance(0);
  expect([watcher.events.length, reads]).toEqual([1_200, 3]);
  watcher.life.abort();
});
