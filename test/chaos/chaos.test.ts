import { test } from 'vitest';
import { describeWith } from '../support/requires.ts';
import { runChaos } from './run-chaos.ts';

describeWith({ needs: 'redis-server' })('chaos', () => {
  describeWith({ needs: 'postgres' })('on real processes', () => {
    // Side by side: most of a run is waiting for leases to end.
    test.concurrent('loses no order, doubles no swap, and leaves no gap in a log', async ({ expect }) => {
      const report = await runChaos({ orders: 60, seconds: 10, seed: 1 });
      expect(report.violations).toEqual([]);
      expect(report).toMatchObject({
        accepted: 60,
        terminal: 60,
        lost: 0,
        doubled: 0,
        gaps: 0,
        balancesEqual: true,
      });
      expect(report.disturbances.kills! + report.disturbances.stops!).toBeGreaterThan(1);
    }, 240_000);

    test.concurrent('finds the double swaps of a worker that signs anew after an unacknowledged send', async ({
      expect,
    }) => {
      const report = await runChaos({ orders: 40, seconds: 6, seed: 1, naive: true });
      expect(report.doubled).toBeGreaterThan(0);
      expect(report.balancesEqual).toBe(false);
    }, 240_000);
  });
});
