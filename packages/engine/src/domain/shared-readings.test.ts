import { expect, test } from 'vitest';
import { momentOf } from './moment.ts';
import { SharedReadings } from './shared-readings.ts';

/** Reads a key at a time; each reading gives the number of readings so far. */
function readings(mostMs = 400) {
  let slot = 0n;
  const shared = new SharedReadings<number>(mostMs, () => slot);
  let made = 0;
  const readAt = (ms: number, key = 'key', ask = async () => (made += 1)) =>
    shared.read(key, momentOf(ms), ask);
  const moveOn = (slots: bigint) => {
    slot += slots;
  };
  return { shared, readAt, moveOn, made: () => made };
}

test('a reading is shared with those who ask within its age', async () => {
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

test('who asks after 400 ms gets the last reading, and begins a new one for the next', async () => {
  const { readAt, made } = readings(1_000);
  expect(await readAt(0)).toBe(1);
  expect(await readAt(400)).toBe(1);
  expect(made()).toBe(2);
  expect(await readAt(401)).toBe(2);
  expect(made()).toBe(2);
});

test('the last reading counts while a new one hangs or has failed, and not for longer than its age', async () => {
  const { readAt } = readings(1_000);
  const hang = () => new Promise<never>(() => undefined);
  const fail = () => Promise.reject(new Error('away'));
  expect(await readAt(0)).toBe(1);
  expect(await readAt(400, 'key', hang)).toBe(1);
  expect(await readAt(800, 'key', fail)).toBe(1);
  await expect(readAt(1_000, 'key', fail)).rejects.toThrow('away');
});

test('the keys that were used last are read anew, and those of the last ten minutes alone', async () => {
  const { shared, readAt, made } = readings(1_000);
  for (const key of ['a', 'b', 'c']) await readAt(0, key);
  shared.renew(momentOf(399), 2);
  expect(made()).toBe(3);
  shared.renew(momentOf(400), 2);
  await Promise.resolve();
  expect(await Promise.all([readAt(401, 'b'), readAt(401, 'c'), readAt(401, 'a')])).toEqual([4, 5, 1]);
  expect(made()).toBe(6);
  shared.renew(momentOf(600_401), 2);
  expect(made()).toBe(6);
});

test('a reading is shared for nine slots of a chain that moves on fast', async () => {
  const { readAt, moveOn } = readings(1_000);
  expect(await readAt(0)).toBe(1);
  moveOn(9n);
  expect(await readAt(1)).toBe(1);
  moveOn(1n);
  expect(await Promise.all([readAt(2), readAt(2)])).toEqual([2, 2]);
});
