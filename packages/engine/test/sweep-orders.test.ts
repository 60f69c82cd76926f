import { expect, test } from 'vitest';
import { sweepOrders } from '../src/execution/upkeep/sweep-orders.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld } from './support/world.ts';

/** A sweep of a world, with when its store was asked and which orders were woken. */
async function sweeping(leads = () => true) {
  const { log, lines } = recordingLog();
  const world = await createWorld({ log, limits: { sweepMs: 5_000 } });
  const { clock, engine, hooks } = world;
  const startedAtMs = clock.now();
  const askedAtMs: number[] = [];
  hooks.orders.meanwhile('dueOrders', () => askedAtMs.push(clock.now() - startedAtMs));
  const ending = new AbortController();
  const wakes = hooks.queue.calls('wake');
  /** An order whose wake-up was lost. */
  const leave = async () => {
    const { request } = await world.submit();
    wakes.length = 0;
    return request.orderId;
  };
  const start = () => sweepOrders(engine, ending.signal, leads);
  return { clock, engine, hooks, lines, askedAtMs, wakes, leave, ending, start };
}

test('the sweep wakes every order that is due, at the start and then every 5 s', async () => {
  const { clock, askedAtMs, wakes, leave, start } = await sweeping();
  void start();
  await clock.advance(9_000);
  expect(wakes).toEqual([]);
  const [one, other] = [await leave(), await leave()];
  await clock.advance(1_500);
  expect(askedAtMs).toEqual([0, 5_000, 10_000]);
  expect(wakes).toEqual([[one], [other]]);
});

test('the sweep repeats soon after it found an order', async () => {
  const { clock, engine, askedAtMs, leave, start } = await sweeping();
  const orderId = await leave();
  void start();
  await clock.advance(1_500);
  await engine.orders.claim(orderId, 30_000); // A worker has it.
  await clock.advance(6_000);
  expect(askedAtMs).toEqual([0, 1_000, 2_000, 7_000]);
});

test('the sweep continues after an error, which is logged', async () => {
  const error = new Error('the store is away');
  const { clock, hooks, wakes, lines, leave, start } = await sweeping();
  const orderId = await leave();
  hooks.orders.fail('dueOrders', error, { times: 1 });
  void start();
  await clock.advance(4_999);
  expect([hooks.orders.calls('dueOrders').length, wakes]).toEqual([1, []]);
  await clock.advance(1);
  expect([hooks.orders.calls('dueOrders').length, wakes]).toEqual([2, [[orderId]]]);
  expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([{ fields: { error } }]);
});

test('the leader alone sweeps, from a second after it began to lead', async () => {
  let isLeader = false;
  const { clock, askedAtMs, start } = await sweeping(() => isLeader);
  void start();
  await clock.advance(3_500);
  expect(askedAtMs).toEqual([]);
  isLeader = true;
  await clock.advance(1_000);
  expect(askedAtMs).toEqual([4_000]);
});

test('the sweep ends with its signal', async () => {
  const { clock, askedAtMs, ending, start } = await sweeping();
  const ended = start();
  await clock.advance(100);
  ending.abort();
  await ended;
  await clock.advance(60_000);
  expect(askedAtMs).toEqual([0]);
});
