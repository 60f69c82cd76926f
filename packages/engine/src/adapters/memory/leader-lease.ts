import type { Clock } from '../../ports/clock.ts';
import type { LeaderLease } from '../../ports/leader-lease.ts';

/** A lease between parts of one process: for tests. */
export function createMemoryLeaderLease({ now }: Pick<Clock, 'now'>): LeaderLease {
  let held: { holder: string; untilMs: number } | undefined;
  return {
    async acquire(holder, leaseMs) {
      const leftMs = held ? held.untilMs - now() : 0; // Longer than any lease: a clock that was ahead wrote that end.
      if (held?.holder !== holder && leftMs > 0 && leftMs <= 2 * leaseMs) return false;
      held = { holder, untilMs: now() + leaseMs };
      return true;
    },
    async release(holder) {
      if (held?.holder === holder) held = undefined;
    },
  };
}
