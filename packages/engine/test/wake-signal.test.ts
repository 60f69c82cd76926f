import { expect, test } from 'vitest';
import { createManualClock } from '../src/adapters/memory/clock.ts';
import { createBell } from '../src/execution/waiting/wake-signal.ts';

function silent() {
  const clock = createManualClock();
  const life = new AbortController();
  const bell = createBell(clock, life.signal);
  const answers: boolean[] = [];
  /** Notes the answer when it comes. */
  const wait = (ms?: number): Promise<void> => bell.wait(ms).then((answer) => void answers.push(answer));
  return { clock, life, bell, answers, wait };
}

test('answers false after so much silence, and not before', async () => {
  const { clock, answers, wait } = silent();
  void wait(1_000);
  await clock.advance(999);
  expect(answers).toEqual([]);
  await clock.advance(1);
  expect(answers).toEqual([false]);
});

test('a ring ends the wait at once, and only this one', async () => {
  const { clock, bell, answers, wait } = silent();
  void wait(1_000);
  await clock.advance(10);
  bell.ring();
  await clock.advance(0);
  expect(answers).toEqual([true]);
  void wait(1_000);
  await clock.advance(995);
  expect(answers).toEqual([true]);
  await clock.advance(5);
  expect(answers).toEqual([true, false]);
});

test('rings while nobody waits are remembered as one', async () => {
  const { clock, bell, answers, wait } = silent();
  bell.ring();
  bell.ring();
  void wait(1_000);
  await clock.advance(0);
  expect(answers).toEqual([true]);
  void wait(1_000);
  await clock.advance(0);
  expect(answers).toEqual([true]);
});

test('nobody waits once its signal aborted', async () => {
  const { clock, life, answers, wait } = silent();
  void wait(1_000);
  await clock.advance(10);
  life.abort();
  await clock.advance(0);
  expect(answers).toEqual([false]);
  void wait(1_000);
  await clock.advance(0);
  expect(answers).toEqual([false, false]);
});

test('without a time it waits for as long as nobody rings', async () => {
  const { clock, bell, answers, wait } = silent();
  void wait();
  await clock.advance(86_400_000);
  expect(answers).toEqual([]);
  bell.ring();
  await clock.advance(0);
  expect(answers).toEqual([true]);
});
