import { expect, test } from 'vitest';
import { createManualClock } from '../src/adapters/memory/clock.ts';
import type { OrderId } from '../src/domain/order.ts';
import type { Ports } from '../src/execution/ports.ts';
import { sweepOrders } from '../src/execution/upkeep/sweep-orders.ts';
import { recordingLog } from './support/recording-log.ts';

/** A sweep whose store answers one thing after another, then nothing is due; with when it was asked, and who was woken. */
function sweeping(answers: (readonly string[] | Error)[], leads = () => true) {
  const clock = createManualClock(0);
  const { log, lines } = recordingLog();
  const askedAtMs: number[] = [];
  const woken: string[] = [];
  const ending = new AbortController();
  const dueOrders = async (): Promise<readonly string[]> => {
    askedAtMs.push(clock.now());
    const answer = answers.shift() ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const world = {
    clock,
    log,
    limits: { sweepMs: 5_000 },
    orders: { dueOrders },
    queue: { wake: (orderId: OrderId) => void woken.push(orderId) },
  } as unknown as Ports;
  const ended = sweepOrders(world, ending.signal, leads);
  return { clock, lines, askedAtMs, woken, ending, ended };
}

test('the sweep wakes every order that is due, at the start and then every 5 s', async () => {
  const { clock, askedAtMs, woken } = sweeping([[], [], ['one', 'other']]);
  await clock.advance(10_500);
  expect(askedAtMs).toEqual([0, 5_000, 10_000]);
  expect(woken).toEqual(['one', 'other']);
});

test('the sweep repeats soon after it found an order', async () => {
  const { clock, askedAtMs } = sweeping([['one'], ['one']]);
  await clock.advance(7_500);
  expect(askedAtMs).toEqual([0, 1_000, 2_000, 7_000]);
});

test('the sweep continues after an error, which is logged', async () => {
  const error = new Error('the store is away');
  const { clock, askedAtMs, woken, lines } = sweeping([error, ['one']]);
  await clock.advance(5_000);
  expect(askedAtMs).toEqual([0, 5_000]);
  expect(woken).toEqual(['one']);
  expect(lines).toMatchObject([{ level: 'warn', fields: { error } }]);
});

test('the leader alone sweeps, from a second after it began to lead', async () => {
  let isLeader = false;
  const { clock, askedAtMs } = sweeping([], () => isLeader);
  await clock.advance(3_500);
  expect(askedAtMs).toEqual([]);
  isLeader = true;
  await clock.advance(1_000);
  expect(askedAtMs).toEqual([4_000]);
});

test('the sweep ends with its signal', async () => {
  const { clock, askedAtMs, ending, ended } = sweeping([]);
  await clock.advance(100);
  ending.abort();
  await ended;
  await clock.advance(60_000);
  expect(askedAtMs).toEqual([0]);
});
