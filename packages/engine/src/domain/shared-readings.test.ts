import { expect, test } from 'vitest';
import { momentOf } from './moment.ts';
import { SharedReadings } from './shared-readings.ts';

/** Reads a key at a time; each reading gives the number of readings so far. */
function readings() {
  const shared = new SharedReadings<number>();
  let made = 0;
  const readAt = (ms: number, key = 'key', ask = async () => (made += 1)) =>
    shared.read(key, momentOf(ms), ask);
  return { readAt, made: () => made };
}

test('a reading is shared with those who ask within 400 ms of its beginning', async () => {
  const { readAt } = readings();
  expect(await Promise.all([readAt(0), readAt(0), readAt(399)])).toEqual([1, 1, 1]);
  expect(await readAt(400)).toBe(2);
  expect(await readAt(799)).toBe(2);
});

test('a reading that hangs keeps later callers no longer than that', async () => {
  const { readAt } = readings();
  void readAt(0, 'key', () => new Promise<never>(() => undefined));
  expect(await readAt(400)).toBe(1);
});

test('each key has its own reading', async () => {
  const { readAt } = readings();
  expect(await Promise.all([readAt(0, 'a'), readAt(0, 'b'), readAt(1, 'a')])).toEqual([1, 2, 1]);
});

test('a failure reaches those who share it, and none after them', async () => {
  const { readAt } = readings();
  const fail = () => Promise.reject(new Error('away'));
  const [first, second] = await Promise.allSettled([readAt(0, 'key', fail), readAt(0)]);
  expect([first.status, second.status]).toEqual(['rejected', 'rejected']);
  expect(await readAt(1)).toBe(1);
});
