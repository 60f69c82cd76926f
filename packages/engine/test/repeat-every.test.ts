import { expect, test } from 'vitest';
import { createManualClock } from '../src/adapters/memory/clock.ts';
import { onEverySlot, repeatEvery } from '../src/execution/waiting/repeat-every.ts';
import { WatchList } from '../src/execution/waiting/watch-list.ts';
import type { Chain } from '../src/ports/chain.ts';

/** A loop, its list, and the moments of its steps. */
function looping(kind: 'repeatEvery' | 'onEverySlot') {
  const clock = createManualClock();
  const startMs = clock.now();
  const life = new AbortController();
  const list = new WatchList<string, number>();
  const steps: number[] = [];
  const hints = new Set<(slot: bigint) => void>();
  const chain: Pick<Chain, 'onSlot'> = {
    onSlot(listener) {
      hints.add(listener);
      return () => hints.delete(listener);
    },
  };
  const step = async () => void steps.push(clock.now() - startMs);
  const loop = { repeatEvery, onEverySlot }[kind]({ clock, chain }, life.signal, 1_000, step, list);
  const slot = () => {
    for (const hint of hints) hint(1n);
  };
  return { clock, life, list, steps, hints, loop, slot };
}

test('the step repeats after a pause while the list has an entry', async () => {
  const { clock, list, steps } = looping('repeatEvery');
  await clock.advance(10_000);
  expect(steps).toEqual([]);
  list.set('one', 1);
  list.set('two', 2);
  await clock.advance(2_500);
  list.delete('one');
  await clock.advance(1_000);
  list.delete('two');
  await clock.advance(10_000);
  expect(steps).toEqual([11_000, 12_000, 13_000]);
});

test('a new entry of an emptied list is handled as soon as the first one was', async () => {
  const { clock, list, steps } = looping('repeatEvery');
  list.set('one', 1);
  await clock.advance(1_000);
  list.clear();
  await clock.advance(4_200);
  list.set('two', 2);
  await clock.advance(1_000);
  expect(steps).toEqual([1_000, 6_200]);
});

test('a new slot starts the step early, but not while the list is empty', async () => {
  const { clock, list, steps, slot } = looping('onEverySlot');
  slot();
  await clock.advance(100);
  expect(steps).toEqual([]);
  list.set('one', 1);
  await clock.advance(50);
  slot();
  slot();
  await clock.advance(0);
  expect(steps).toEqual([150]);
  await clock.advance(1_000);
  expect(steps).toEqual([150, 1_150]);
});

test('the loop ends with its signal, at rest or in its pause, and leaves no listener', async () => {
  for (const fill of [false, true]) {
    const { clock, life, list, hints, loop } = looping('onEverySlot');
    if (fill) list.set('one', 1);
    await clock.advance(10);
    life.abort();
    await loop;
    expect(hints.size).toBe(0);
  }
});

test('a list announces its first entry, and no other until it is empty again', () => {
  const list = new WatchList<string, number>();
  const filledWith: number[] = [];
  list.onFilled(() => filledWith.push(...list.values()));
  list.set('one', 1).set('two', 2).set('one', 3);
  list.delete('one');
  list.set('four', 4);
  list.clear();
  list.set('five', 5);
  expect(filledWith).toEqual([1, 5]);
});
