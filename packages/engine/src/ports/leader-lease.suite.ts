import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LeaderLease } from './leader-lease.ts';

export interface LeasesUnderTest {
  open(name: string): LeaderLease;
  close(): Promise<void>;
}

/** What every leader lease must do. */
export function leaderLeaseSuite(name: string, open: () => Promise<LeasesUnderTest>): void {
  describe(`${name} keeps the promises of a leader lease`, () => {
    let under: LeasesUnderTest;
    let lease: LeaderLease;
    let opened = 0;
    beforeAll(async () => {
      under = await open();
    });
    beforeEach(() => {
      opened += 1;
      lease = under.open(`work-${opened}`);
    });
    afterAll(() => under.close());

    test('has one holder', async () => {
      expect(await lease.acquire('a', 60_000)).toBe(true);
      expect(await lease.acquire('b', 60_000)).toBe(false);
      expect(await lease.acquire('a', 60_000)).toBe(true);
    });

    test('has one holder when many processes ask at once', async () => {
      const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((one) => lease.acquire(one, 60_000)));
      expect(answers.filter(Boolean)).toHaveLength(1);
    });

    test('goes to another process when it has expired', async () => {
      expect(await lease.acquire('a', 20)).toBe(true);
      await sleep(40);
      expect(await lease.acquire('b', 60_000)).toBe(true);
      expect(await lease.acquire('a', 60_000)).toBe(false);
    });

    test('goes to another process when its end is beyond any lease, since a clock that was ahead wrote it', async () => {
      expect(await lease.acquire('a', 3_600_000)).toBe(true);
      expect(await lease.acquire('b', 60_000)).toBe(true);
      expect(await lease.acquire('a', 60_000)).toBe(false);
    });

    test('goes to another process at once after its holder, and only its holder, has released it', async () => {
      await lease.acquire('a', 60_000);
      await lease.release('b');
      expect(await lease.acquire('b', 60_000)).toBe(false);
      await lease.release('a');
      expect(await lease.acquire('b', 60_000)).toBe(true);
    });

    test("of one task is independent of another task's", async () => {
      await lease.acquire('a', 60_000);
      expect(await under.open(`other-${opened}`).acquire('b', 60_000)).toBe(true);
    });
  });
}
