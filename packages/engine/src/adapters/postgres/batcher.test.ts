import { describe, expect, test } from 'vitest';
import { type BatcherOptions, createBatcher, HELD_UP } from './batcher.ts';

/** A batcher of numbers that records its groups; a group holding an odd number over 100 fails as a whole. */
function recording(options: Partial<BatcherOptions<number, number>> = {}) {
  const groups: (readonly number[])[] = [];
  const batcher = createBatcher<number, number>({
    run: async (items) => {
      groups.push(items);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (items.some((item) => item > 100))
        throw new Error(items.some((item) => item > 200) ? 'lost' : 'fault');
      return items.map((item) => item * 2);
    },
    isItemFault: (error) => (error as Error).message === 'fault',
    lingerMs: 0,
    maxItems: 500,
    ...options,
  });
  return { groups, batcher };
}

describe('a batcher', () => {
  test('runs items that arrive together in one group, and items that arrive meanwhile in the next', async () => {
    const { groups, batcher } = recording();
    const first = [batcher.add(1), batcher.add(2)];
    await new Promise((resolve) => setTimeout(resolve, 2));
    const second = [batcher.add(3), batcher.add(4)];
    expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8]);
    expect(groups).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('keeps items of one key apart and in order', async () => {
    const { groups, batcher } = recording({ keyOf: (item) => String(item % 10) });
    expect(await Promise.all([1, 2, 11, 3, 21].map((item) => batcher.add(item)))).toEqual([2, 4, 22, 6, 42]);
    expect(groups).toEqual([[1, 2, 3], [11], [21]]);
  });

  test('merges items that may be merged, and gives each caller the result', async () => {
    const { groups, batcher } = recording({
      keyOf: (item) => String(item % 10),
      merge: (earlier, later) => (later > 50 ? undefined : earlier + later),
    });
    expect(await Promise.all([1, 2, 11, 3, 21, 61, 31].map((item) => batcher.add(item)))).toEqual([
      66, 4, 66, 6, 66, 184, 184,
    ]);
    expect(groups).toEqual([[33, 2, 3], [92]]);
  });

  describe('with an item that may wait', () => {
    /** Items below 10 may wait 20 ms; two of one last digit are merged unless the later is above 50. */
    const patient = () =>
      recording({
        keyOf: (item) => String(item % 10),
        patienceMs: (item) => (item < 10 ? 20 : 0),
        merge: (earlier, later) => (later > 50 ? undefined : earlier + later),
      });

    test('runs it with the next item of its key', async () => {
      const { groups, batcher } = patient();
      expect(await Promise.all([1, 2, 11].map((item) => batcher.add(item)))).toEqual([24, 4, 24]);
      expect(groups).toEqual([[12], [2]]);
    });

    test('runs it alone when its time is over', async () => {
      const { groups, batcher } = patient();
      const startedAt = performance.now();
      const items = [batcher.add(1), batcher.add(2)];
      await new Promise((resolve) => setTimeout(resolve, 2));
      items.push(batcher.add(13));
      expect(await Promise.all(items)).toEqual([2, 4, 26]);
      expect(groups).toEqual([[13], [1, 2]]);
      expect(performance.now() - startedAt).toBeGreaterThan(19);
    });

    test('runs it at once when an item of its key cannot be merged with it', async () => {
      const { groups, batcher } = patient();
      expect(await Promise.all([1, 2, 61].map((item) => batcher.add(item)))).toEqual([2, 4, 122]);
      expect(groups).toEqual([[1], [61], [2]]);
    });

    test('merges it into an item that does not wait', async () => {
      const { groups, batcher } = patient();
      const first = batcher.add(12);
      await new Promise((resolve) => setTimeout(resolve, 2));
      expect(await Promise.all([first, ...[11, 1].map((item) => batcher.add(item))])).toEqual([24, 24, 24]);
      expect(groups).toEqual([[12], [12]]);
    });
  });

  test('limits the size of a group', async () => {
    const { groups, batcher } = recording({ maxItems: 2, keyOf: String });
    await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
    expect(groups.map((group) => group.length)).toEqual([2, 2, 1]);
  });

  describe('with a blocked item', () => {
    /** An item above 50 is held up until it is let go. */
    function holding() {
      const held = new Set([51]);
      const { groups, batcher } = recording({
        run: async (items) => {
          groups.push(items);
          await new Promise((resolve) => setTimeout(resolve, 2));
          return items.map((item) => (held.has(item) ? HELD_UP : item * 2));
        },
        keyOf: (item) => String(item % 10),
      });
      return { groups, batcher, letGo: () => held.clear() };
    }

    test('runs the other items of its group, and later ones', async () => {
      const { batcher, letGo } = holding();
      const stuck = batcher.add(51);
      expect(await Promise.all([batcher.add(2), batcher.add(3)])).toEqual([4, 6]);
      expect(await batcher.add(4)).toBe(8);
      letGo();
      expect(await stuck).toBe(102);
    });

    test('runs later items of the same key after it, in their order', async () => {
      const { groups, batcher, letGo } = holding();
      const results: number[] = [];
      const all = [51, 1, 11, 2].map((item) => batcher.add(item).then((result) => results.push(result)));
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(results).toEqual([4]);
      expect(groups.length).toBeLessThan(15); // It is not run again and again without a pause.
      letGo();
      await Promise.all(all);
      expect(results).toEqual([4, 102, 2, 22]);
    });
  });

  test('waits the linger time for further items', async () => {
    const { groups, batcher } = recording({ lingerMs: 20 });
    const first = batcher.add(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    await Promise.all([first, batcher.add(2)]);
    expect(groups).toEqual([[1, 2]]);
  });

  test('fails only the item that caused the error', async () => {
    const { groups, batcher } = recording();
    const results = await Promise.allSettled([1, 101, 3].map((item) => batcher.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(groups).toEqual([[1, 101, 3], [1], [101], [3]]);
  });

  test('fails every item of the group, and repeats none, when the outcome is unknown', async () => {
    const { groups, batcher } = recording();
    const results = await Promise.allSettled([1, 201, 3].map((item) => batcher.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(groups).toHaveLength(1);
    expect(await batcher.add(4)).toBe(8);
  });
});
