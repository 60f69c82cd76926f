import { expect, test } from 'vitest';
import { ACCOUNT } from '../src/api/account.ts';
import { toAccountId } from '../src/domain/order.ts';
import type { AccountEvent } from '../src/domain/order-event.ts';
import { watchAccount } from '../src/execution/streams/watch-account.ts';
import { submitOrder } from '../src/execution/submit-order.ts';
import { interceptPublish } from './support/intercept-publish.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, submitRequest, type TestWorld, type WorldOptions } from './support/world.ts';

const count = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** A world whose bus publications can be intercepted, and that counts the reads of its log. */
async function createStreamed(options: WorldOptions = {}) {
  const world = await createWorld(options);
  const { bus, orders } = world.engine;
  const { interceptor, publish } = interceptPublish(bus);
  const asked = { pages: 0, ends: 0 };
  const { accountEvents, accountPosition } = orders;
  const counted: Partial<typeof orders> = {
    accountEvents: (...input) => {
      asked.pages += 1;
      return accountEvents(...input);
    },
    accountPosition: (...input) => {
      asked.ends += 1;
      return accountPosition(...input);
    },
  };
  Object.assign(orders, counted);
  const submit = async (times = 1): Promise<void> => {
    for (let index = 0; index < times; index += 1) await world.submit();
  };
  return { ...world, world, interceptor, publish, asked, submit };
}

/** Somebody who takes every event at once. */
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
  expect(asked.pages).toBe(1);
  expect(new Set(events.map(({ event }) => event.orderId)).size).toBe(4);
  expect(events.every(({ event }) => event.type === 'order.pending')).toBe(true);
});

test('a log of several pages is read to its end', async () => {
  const { world, submit, asked, clock } = await createStreamed();
  await submit(200);
  const { positions } = listen(world);
  await clock.advance(0);
  expect(positions).toEqual(count(1, 200));
  expect(asked.pages).toBe(3);
});

test('publications out of order are put in order, and doubles are dropped', async () => {
  const { world, interceptor, publish, submit, asked, clock } = await createStreamed();
  const { positions } = listen(world);
  await clock.advance(0);
  const held: Parameters<typeof publish>[0][] = [];
  interceptor.deliver = (publication) => void held.push(publication);
  await submit(3);
  for (const publication of held.toReversed()) publish(publication);
  for (const publication of held) publish(publication);
  await clock.advance(1_000);
  expect(positions).toEqual([1, 2, 3]);
  interceptor.deliver = publish;
  await submit();
  await clock.advance(0);
  expect(positions).toEqual([1, 2, 3, 4]);
  expect(asked.pages).toBe(1);
});

test('the events of one publication each get their position', async () => {
  const { world, interceptor, publish, submit, clock } = await createStreamed();
  const held: Parameters<typeof publish>[0][] = [];
  interceptor.deliver = (publication) => void held.push(publication);
  const { events } = listen(world);
  await clock.advance(0);
  await submit(2);
  const all = held.flatMap((publication) => publication.events);
  publish({ ...held[0]!, events: all });
  await clock.advance(0);
  expect(events).toEqual(all.map((event, index) => ({ position: index + 1, event })));
});

test('a missing event is read from the log after a delay', async () => {
  const { world, interceptor, publish, submit, asked, clock } = await createStreamed();
  const { positions } = listen(world);
  await clock.advance(0);
  interceptor.deliver = () => {};
  await submit();
  interceptor.deliver = publish;
  await submit();
  await clock.advance(10);
  await submit(); // Later publications do not delay the check.
  await clock.advance(14);
  expect(positions).toEqual([]);
  await clock.advance(1);
  expect(positions).toEqual([1, 2, 3]);
  expect(asked.pages).toBe(2);
});

test('a lost last publication is found by one check of the log for all readers', async () => {
  const { world, interceptor, submit, asked, clock } = await createStreamed();
  interceptor.deliver = () => {};
  const readers = [listen(world), listen(world), listen(world, 1)];
  await clock.advance(0);
  await submit();
  await clock.advance(9_999);
  expect(readers.map(({ positions }) => positions)).toEqual([[], [], []]);
  await clock.advance(1);
  expect(readers.map(({ positions }) => positions)).toEqual([[1], [1], []]);
  expect(asked).toEqual({ pages: 5, ends: 1 });
  await submit();
  await clock.advance(10_000);
  expect(readers.map(({ positions }) => positions)).toEqual([[1, 2], [1, 2], [2]]);
  expect(asked).toEqual({ pages: 8, ends: 2 });
});

test('a log that does not answer is asked again, and the failure is logged', async () => {
  const { log, lines } = recordingLog();
  const { world, interceptor, submit, clock } = await createStreamed({ log });
  interceptor.deliver = () => {};
  const { positions } = listen(world);
  await clock.advance(0);
  const { accountPosition } = world.engine.orders;
  Object.assign(world.engine.orders, {
    accountPosition: () => Promise.reject(new Error('away')),
  });
  await submit();
  await clock.advance(10_000);
  expect(lines).toMatchObject([{ level: 'warn', fields: { error: new Error('away') } }]);
  Object.assign(world.engine.orders, { accountPosition });
  await clock.advance(10_000);
  expect(positions).toEqual([1]);
});

test('a reader that left holds no resources, and the others continue', async () => {
  const { world, interceptor, submit, asked, clock } = await createStreamed();
  const [first, second] = [listen(world), listen(world)];
  await clock.advance(0);
  first.life.abort();
  await first.ended;
  await submit();
  interceptor.deliver = () => {};
  await submit();
  await clock.advance(10_000);
  expect([first.positions, second.positions]).toEqual([[], [1, 2]]);
  second.life.abort();
  await second.ended;
  asked.ends = 0;
  await clock.advance(60_000);
  expect(asked.ends).toBe(0);
  const third = listen(world, 1);
  await clock.advance(10_000);
  expect([third.positions, asked.ends]).toEqual([[2], 1]);
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
  expect(asked.pages).toBe(23);
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
