import { describe, expect, test } from 'vitest';
import { type OrderId, toOrderId } from '../src/domain/order.ts';
import type { OrderEvent } from '../src/domain/order-event.ts';
import { commit } from '../src/execution/commit.ts';
import { watchOrder } from '../src/execution/streams/watch-order.ts';
import { createWorld, type TestWorld } from './support/world.ts';

/** A world, with the reads of its log. */
async function createStreamed() {
  const world = await createWorld();
  return { world, reads: world.hooks.orders.calls('events') };
}

/** A reader that takes every event at once. */
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
  const { world } = streamed;
  const order = await world.submit();
  const watcher = listen(world, order.request.orderId);
  await world.clock.advance(0);
  world.busDrops();
  const lost = world.hooks.bus.calls('publish');
  lost.length = 0;
  await world.start();
  await world.settle([order]);
  world.busDelivers();
  const { publish } = world.engine.bus;
  return { ...streamed, watcher, publish, held: lost.map(([publication]) => publication) };
}

describe('the stream of an order', () => {
  test('has every event once, in order, without asking the log again, and ends with the last', async () => {
    const { world, reads } = await createStreamed();
    await world.start();
    const order = await world.submit();
    reads.length = 0;
    const watcher = listen(world, order.request.orderId);
    await world.settle([order]);
    await watcher.ended;
    expect(watcher.types()).toEqual(JOURNEY);
    expect(watcher.events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(reads.length).toBe(1);
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
    reads.length = 0;
    for (const publication of held.filter((__, index) => arrives(index))) publish(publication);
    await watcher.ended;
    expect(watcher.types()).toEqual(JOURNEY);
    expect(reads.length).toBe(asks);
    await world.stop();
  });

  test('finds events that the bus lost in the log, ten seconds after the last publication', async () => {
    const { world } = await createStreamed();
    world.busDrops();
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
    const { world, reads } = await createStreamed();
    const order = await world.submit();
    const watcher = listen(world, order.request.orderId);
    await world.clock.advance(0);
    world.busDrops(1);
    reads.length = 0;
    await world.start();
    await world.clock.advance(100);
    expect(watcher.types()).toEqual(['pending', 'routing', 'building', 'submitted']);
    expect(reads.length).toBe(1);
    watcher.life.abort();
    await world.stop();
  });
});

describe('a fork that reopens a confirmed order', () => {
  test('does not end a stream that has not read of it yet', async () => {
    const { world } = await createStreamed();
    await world.start();
    const order = await world.submit();
    await world.settle([order]);
    world.chain.fork((await world.order(order)).slot! - 1n);
    while (!(await world.statuses(order)).includes('reorged')) await world.slots(1);
    await world.settle([order]);
    await world.slots(40);
    expect((await world.statuses(order)).at(-1)).toBe('finalized');
    const watcher = listen(world, order.request.orderId);
    await world.clock.advance(0);
    expect([watcher.types(), watcher.state.ended]).toEqual([[...JOURNEY, 'reorged', 'confirmed'], true]);
  });
});

test('a long log is read page by page', async () => {
  const { world, reads } = await createStreamed();
  const order = await world.submit();
  const tries = Array.from({ length: 1_199 }, () => ({ type: 'order.routing', data: { try: 1 } }) as const);
  await commit(world.engine, order, null, { events: tries });
  const watcher = listen(world, order.request.orderId);
  await world.clock.advance(0);
  expect([watcher.events.length, reads.length]).toEqual([1_200, 3]);
  watcher.life.abort();
});
