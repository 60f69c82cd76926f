import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

function busyFor(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

test('no timer rings before the clock shows its time', async () => {
  const early: number[] = [];
  const rung: Promise<void>[] = [];
  for (let timer = 0; timer < 400; timer += 1) {
    busyFor(0.13); // Each is set at another fraction of a millisecond.
    const dueMs = systemClock.now() + 7;
    rung.push(
      new Promise((resolve) => {
        systemClock.after(7, () => {
          if (systemClock.now() < dueMs) early.push(dueMs - systemClock.now());
          resolve();
        });
      }),
    );
    if (timer % 8 === 0) await new Promise(setImmediate);
  }
  await Promise.all(rung);
  expect(early).toEqual([]);
});

test('a canceled timer does not ring, even if it was about to', async () => {
  const rung: string[] = [];
  const callOff = systemClock.after(5, () => rung.push('called off'));
  busyFor(10);
  callOff();
  await new Promise<void>((resolve) => systemClock.after(20, resolve));
  expect(rung).toEqual([]);
});

test('a sleep ends with its signal', async () => {
  const life = new AbortController();
  const startedAtMs = performance.now();
  const sleep = systemClock.sleep(60_000, life.signal);
  life.abort();
  await sleep;
  expect(performance.now() - startedAtMs).toBeLessThan(30_000);
});
