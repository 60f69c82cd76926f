import { describe, expect, test } from 'vitest';
import { createChance } from './chance.ts';
import { runSeed, type SeedResult } from './run-seed.ts';
import { createScheduler } from './scheduler.ts';

// A share for every test run; `npm run sim` runs as many as one likes.
const SEEDS_THAT_MEET_EVERYTHING = 400;

async function runSeeds(from: number, count: number): Promise<SeedResult[]> {
  const results: SeedResult[] = [];
  for (let seed = from; seed < from + count; seed += 1) results.push(await runSeed(seed));
  return results;
}

describe('the simulation', () => {
  test('breaks no invariant, and meets every outcome and every fault', async () => {
    const results = await runSeeds(0, SEEDS_THAT_MEET_EVERYTHING);
    const broken = results.filter(({ violation }) => violation !== null);
    expect(broken.map(({ seed, violation }) => `${seed}: ${violation?.message}`)).toEqual([]);
    const met = new Set(results.flatMap(({ counts }) => [...counts.keys()]));
    expect([...met].sort()).toEqual(
      expect.arrayContaining([
        'ahead of time',
        'amend: amended',
        'amend: notOpen',
        'amended',
        'another chain',
        'another transaction shown',
        'blocker recorded',
        'cancel: canceled',
        'cancel: over',
        'cancel: requested',
        'canceled',
        'chain that forgot',
        'clock set',
        'store ahead',
        'confirmed',
        'crash',
        'expired',
        'failed',
        'filled in part',
        'fired: limitPrice',
        'fired: startAt',
        'fired: stopPrice',
        'fired: takeProfitPrice',
        'fired: trailingBps',
        'fork that dropped a transaction',
        'landed',
        'not awaited',
        'not rehearsed',
        'opened',
        'opened again',
        'outage',
        'pause',
        'process that differs',
        'receipt forgotten',
        'restart',
        'reverted',
        'wrong fee shown',
      ]),
    );
  }, 300_000);

  test('tells the same story of a seed twice, byte for byte', async () => {
    for (const seed of [1, 2 ** 40 + 3, 2 ** 53 - 1]) {
      const [once, twice] = [
        await runSeed(seed, { keepTimeline: true }),
        await runSeed(seed, { keepTimeline: true }),
      ];
      expect(once.timeline.length).toBeGreaterThan(10);
      expect(twice.timeline.join('\n')).toBe(once.timeline.join('\n'));
    }
  });

  test('has another story for another seed, also where only the high bits differ', async () => {
    const stories = await Promise.all(
      [7, 8, 7 + 2 ** 32].map(async (seed) =>
        (await runSeed(seed, { keepTimeline: true })).timeline.join('\n'),
      ),
    );
    expect(new Set(stories).size).toBe(3);
  });
});

describe('its chance', () => {
  test('spreads evenly and keeps to its bounds', () => {
    const chance = createChance(2 ** 53 - 1);
    const drawn = Array.from({ length: 60_000 }, () => chance.between(1, 6));
    for (let face = 1; face <= 6; face += 1) {
      const share = drawn.filter((value) => value === face).length / drawn.length;
      expect(share).toBeGreaterThan(0.155);
      expect(share).toBeLessThan(0.178);
    }
    expect(Array.from({ length: 100 }, () => chance.happens(0))).not.toContain(true);
    expect(Array.from({ length: 100 }, () => chance.happens(1))).not.toContain(false);
  });
});

describe('its scheduler', () => {
  test('runs timers in the order of time, then of creation, and promises settle between them', async () => {
    const scheduler = createScheduler(() => undefined);
    const seen: string[] = [];
    for (const [ms, name] of [
      [20, 'late'],
      [10, 'first'],
      [10, 'second'],
      [0, 'now'],
    ] as const)
      scheduler.after(ms, () => {
        seen.push(`${name} at ${scheduler.nowMs()}`);
        void Promise.resolve()
          .then(() => {})
          .then(() => seen.push(`${name} settled`));
      });
    await scheduler.runUntil(() => false);
    expect(seen).toEqual(
      ['now at 0', 'first at 10', 'second at 10', 'late at 20'].flatMap((entry) => [
        entry,
        `${entry.split(' ')[0]} settled`,
      ]),
    );
  });

  test('ends with the error of its task', async () => {
    const scheduler = createScheduler(() => undefined);
    scheduler.after(1, () => {
      throw new Error('a bug');
    });
    await expect(scheduler.runUntil(() => false)).rejects.toThrow('a bug');
  });
});
