import { expect, test } from 'vitest';
import { createManualClock } from '../src/adapters/memory/clock.ts';
import { createWakeSignal } from '../src/execution/waiting/wake-signal.ts';

function quiet() {
  const clock = createManualClock();
  const life = new AbortController();
  const wakeSignal = createWakeSignal(clock, life.signal);
  const answers: boolean[] = [];
  /** Collects the answer when it arrives. */
  const wait = (ms?: number): Promise<void> =>
    wakeSignal.wait(ms).then((answer) => void answers.push(answer));
  return { clock, life, wakeSignal, answers, wait };
}

test('answers false after the time without a wake, and not before', async () => {
  const { clock, answers, wait } = quiet();
  void wait(1_000);
  await clock.advance(999);
  expect(answers).toEqual([]);
  await clock.advance(1);
  expect(answers).toEqual([false]);
});

test('a wake ends the wait at once, and only this one', async () => {
  const { clock, wakeSignal, answers, wait } = quiet();
  void wait(1_000);
  await clock.advance(10);
  wakeSignal.wake();
  await clock.advance(0);
  expect(answers).toEqual([true]);
  void wait(1_000);
  await clock.advance(995);
  expect(answers).toEqual([true]);
  await clock.advance(5);
  expect(answers).toEqual([true, false]);
});

test('several wakes before a wait end one wait', async () => {
  const { clock, wakeSignal, answers, wait } = quiet();
  wakeSignal.wake();
  wakeSignal.wake();
  void wait(1_000);
  await clock.advance(0);
  expect(answers).toEqual([true]);
  void wait(1_000);
  await clock.advance(0);
  expect(answers).toEqual([true]);
});

test('an abort ends every wait', async () => {
  const { clock, life, answers, wait } = quiet();
  void wait(1_000);
  await clock.advance(10);
  life.abort();
  await clock.advance(0);
  expect(answers).toEqual([false]);
  void wait(1_000);
  await clock.advance(0);
  expect(answers).toEqual([false, false]);
});

test('a wait without a time ends with a wake', async () => {
  const { clock, wakeSignal, answers, wait } = quiet();
  void wait();
  await clock.advance(86_400_000);
  expect(answers).toEqual([]);
  wakeSignal.wake();
  await clock.advance(0);
  expect(answers).toEqual([true]);
});
