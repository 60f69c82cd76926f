import { expect, test } from 'vitest';
import { ACCOUNT } from '../src/api/account.ts';
import { toAccountId } from '../src/domain/order.ts';
import type { AccountEvent } from '../src/domain/order-event.ts';
import { watchAccount } from '../src/execution/streams/watch-account.ts';
import { submitOrder } from '../src/execution/submit-order.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, submitRequest, type TestWorld, type WorldOptions } from './support/world.ts';

const count = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** A world, with what its log is asked: pages of events, and where it ends. */
async function createStreamed(options: WorldOptions = {}) {
  const world = await createWorld(options);
  const asked = {
    pages: world.hooks.orders.calls('accountEvents'),
    ends: world.hooks.orders.calls('accountPosition'),
  };
  const published = world.hooks.bus.calls('publish');
  const submit = async (times = 1): Promise<void> => {
    for (let index = 0; index < times; index += 1) await world.submit();
  };
  const { publish } = world.engine.bus;
  return { ...world, world, publish, published, asked, submit };
}

/** A reader that takes every event at once. */
function listen(world: TestWorld, after = 0) {
  const life = new AbortController();
  const positions: number[] = [];
  const events: AccountEvent[] = [];
  const ended = (async () => {
    for await (const page of watchAccount(world.engine, ACCOUNT, after, life.signal)) {
      positions.push(...page.map(({ position }) => position));
      events.push(...page);
    }
  })();
  return { life, positions, events, ended };
}

test('a reader gets the log first, then each event as it is committed, without another read of the log', async () => {
  const { world, submit, asked, clock } = await createStreamed();
  await submit(3);
  const { positions, events } = listen(world, 1);
  await clock.advance(0);
  expect(positions).toEqual([2, 3]);
  await submit(2);
  await clock.advance(0);
  expect(positions).toEqual([2, 3, 4, 5]);
  expect(asked.pages).toHaveLength(1);
  expect(new Set(events.map(({ event }) => event.orderId)).size).toBe(4);
  expect(events.every(({ event }) => event.type === 'order.pending')).toBe(true);
});

test('a log of several pages is read to its end', async () => {
  const { world, submit, asked, clock } = await createStreamed();
  await submit(200);
  const { positions } = listen(world);
  await clock.advance(0);
  expect(positions).toEqual(count(1, 200));
  expect(asked.pages).toHaveLength(3);
});

test('publications out of order are put in order, and doubles are dropped', async () => {
  const { world, publish, published, submit, asked, clock } = await createStreamed();
  const { positions } = listen(world);
  await clock.advance(0);
  world.busDrops();
  await submit(3);
  world.busDelivers();
  const held = published.map(([publication]) => publication);
  for (const publication of held.toReversed()) publish(publication);
  for (const publication of held) publish(publication);
  await clock.advance(1_000);
  expect(positions).toEqual([1, 2, 3]);
  await submit();
  await clock.advance(0);
  expect(positions).toEqual([1, 2, 3, 4]);
  expect(asked.pages).toHaveLength(1);
});

test('the events of one publication each get their position', async () => {
  const { world, publish, published, submit, clock } = await createStreamed();
  world.busDrops();
  const { events } = listen(world);
  await clock.advance(0);
  await submit(2);
  world.busDelivers();
  const held = published.map(([publication]) => publication);
  const all = held.flatMap((publication) => publication.events);
  publish({ ...held[0]!, events: all });
  await clock.advance(0);
  expect(events).toEqual(all.map((event, index) => ({ position: index + 1, event })));
});

test('a missing event is read from the log after a delay', async () => {
  const { world, submit, asked, clock } = await createStreamed();
  const { positions } = listen(world);
  await clock.advance(0);
  world.busDrops(1);
  await submit();
  await submit();
  await clock.advance(10);
  await submit(); // Later publications do not delay the check.
  await clock.advance(14);
  expect(positions).toEqual([]);
  await clock.advance(1);
  expect(positions).toEqual([1, 2, 3]);
  expect(asked.pages).toHaveLength(2);
});

test('a lost last publication is found by one check of the log for all readers', async () => {
  const { world, submit, asked, clock } = await createStreamed();
  world.busDrops();
  const readers = [listen(world), listen(world), listen(world, 1)];
  await clock.advance(0);
  await submit();
  await clock.advance(9_999);
  expect(readers.map(({ positions }) => positions)).toEqual([[], [], []]);
  await clock.advance(1);
  expect(readers.map(({ positions }) => positions)).toEqual([[1], [1], []]);
  expect([asked.pages.length, asked.ends.length]).toEqual([5, 1]);
  await submit();
  await clock.advance(10_000);
  expect(readers.map(({ positions }) => positions)).toEqual([[1, 2], [1, 2], [2]]);
  expect([asked.pages.length, asked.ends.length]).toEqual([8, 2]);
});

test('a log that does not answer is asked again, and the failure is logged', async () => {
  const { log, lines } = recordingLog();
  const { world, submit, clock } = await createStreamed({ log });
  world.busDrops();
  const { positions } = listen(world);
  await clock.advance(0);
  world.hooks.orders.fail('accountPosition', new Error('away'));
  await submit();
  await clock.advance(10_000);
  expect(lines).toMatchObject([{ level: 'warn', fields: { error: new Error('away') } }]);
  world.hooks.orders.heal();
  await clock.advance(10_000);
  expect(positions).toEqual([1]);
});

test('a reader that left holds no resources, and the others continue', async () => {
  const { world, submit, asked, clock } = await createStreamed();
  const [first, second] = [listen(world), listen(world)];
  await clock.advance(0);
  first.life.abort();
  await first.ended;
  await submit();
  world.busDrops();
  await submit();
  await clock.advance(10_000);
  expect([first.positions, second.positions]).toEqual([[], [1, 2]]);
  second.life.abort();
  await second.ended;
  asked.ends.length = 0;
  await clock.advance(60_000);
  expect(asked.ends).toHaveLength(0);
  const third = listen(world, 1);
  await clock.advance(10_000);
  expect([third.positions, asked.ends.length]).toEqual([[2], 1]);
});

test('a reader that falls far behind gets the rest from the log', async () => {
  const { world, submit, asked, clock } = await createStreamed();
  const life = new AbortController();
  const stream = watchAccount(world.engine, ACCOUNT, 0, life.signal);
  await submit();
  expect((await stream.next()).value).toMatchObject([{ position: 1 }]);
  await submit(2_100);
  const positions: number[] = [];
  void (async () => {
    for await (const page of stream) positions.push(...page.map(({ position }) => position));
  })();
  await clock.advance(24);
  expect(positions).toEqual([]);
  await clock.advance(1);
  expect(positions).toEqual(count(2, 2_101));
  expect(asked.pages).toHaveLength(23);
  life.abort();
});

test("an account's stream has no event of another account", async () => {
  const { world, engine, clock } = await createStreamed();
  const { positions } = listen(world);
  await clock.advance(0);
  await submitOrder(engine, submitRequest({ accountId: toAccountId('other') }));
  await clock.advance(30_000);
  expect(positions).toEqual([]);
});
