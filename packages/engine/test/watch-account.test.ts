import { expect, test } from 'vitest';
import type { AccountEvent } from '../src/domain/order-event.ts';
import { watchAccount } from '../src/execution/streams/watch-account.ts';
import { submitOrder } from '../src/execution/submit-order.ts';
import { hireCourier } from './support/courier.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, submitRequest, type TestWorld, type WorldOptions } from './support/world.ts';

const count = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** A world whose bus can be told what to do with each letter, and that counts what is asked of its log. */
async function createStreamed(options: WorldOptions = {}) {
  const world = await createWorld(options);
  const { bus, orders } = world.engine;
  const { courier, publish } = hireCourier(bus);
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
  return { ...world, world, courier, publish, asked, submit };
}

/** Somebody who takes every event at once. */
function listen(world: TestWorld, after = 0) {
  const life = new AbortController();
  const positions: number[] = [];
  const events: AccountEvent[] = [];
  const ended = (async () => {
    for await (const page of watchAccount(world.engine, 'default', after, life.signal)) {
      positions.push(...page.map(({ position }) => position));
      events.push(...page);
    }
  })();
  return { life, positions, events, ended };
}

test('the log first, then each event as it is committed, without another question', async () => {
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

test('letters that overtake each other are put in order, and doubles are dropped', async () => {
  const { world, courier, publish, submit, asked, clock } = await createStreamed();
  const { positions } = listen(world);
  await clock.advance(0);
  const held: Parameters<typeof publish>[0][] = [];
  courier.deliver = (letter) => void held.push(letter);
  await submit(3);
  for (const letter of held.toReversed()) publish(letter);
  for (const letter of held) publish(letter);
  await clock.advance(1_000);
  expect(positions).toEqual([1, 2, 3]);
  courier.deliver = publish;
  await submit();
  await clock.advance(0);
  expect(positions).toEqual([1, 2, 3, 4]);
  expect(asked.pages).toBe(1);
});

test('a letter of several events carries each to its place', async () => {
  const { world, courier, publish, submit, clock } = await createStreamed();
  const held: Parameters<typeof publish>[0][] = [];
  courier.deliver = (letter) => void held.push(letter);
  const { events } = listen(world);
  await clock.advance(0);
  await submit(2);
  const all = held.flatMap((letter) => letter.events);
  publish({ ...held[0]!, events: all });
  await clock.advance(0);
  expect(events).toEqual(all.map((event, index) => ({ position: index + 1, event })));
});

test('what is missing is read after a moment', async () => {
  const { world, courier, publish, submit, asked, clock } = await createStreamed();
  const { positions } = listen(world);
  await clock.advance(0);
  courier.deliver = () => {};
  await submit();
  courier.deliver = publish;
  await submit();
  await clock.advance(10);
  await submit(); // Later letters do not put the look off.
  await clock.advance(14);
  expect(positions).toEqual([]);
  await clock.advance(1);
  expect(positions).toEqual([1, 2, 3]);
  expect(asked.pages).toBe(2);
});

test('a lost last letter is found by asking for the end of the log, one question for all who wait', async () => {
  const { world, courier, submit, asked, clock } = await createStreamed();
  courier.deliver = () => {};
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

test('a log that cannot be asked is asked again, and it is said', async () => {
  const { log, lines } = recordingLog();
  const { world, courier, submit, clock } = await createStreamed({ log });
  courier.deliver = () => {};
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

test('a reader that left leaves nothing behind, and the others go on', async () => {
  const { world, courier, submit, asked, clock } = await createStreamed();
  const [first, second] = [listen(world), listen(world)];
  await clock.advance(0);
  first.life.abort();
  await first.ended;
  await submit();
  courier.deliver = () => {};
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
  const stream = watchAccount(world.engine, 'default', 0, life.signal);
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

test('an account hears nothing of another', async () => {
  const { world, engine, clock } = await createStreamed();
  const { positions } = listen(world);
  await clock.advance(0);
  await submitOrder(engine, submitRequest({ accountId: 'other' }));
  await clock.advance(30_000);
  expect(positions).toEqual([]);
});
