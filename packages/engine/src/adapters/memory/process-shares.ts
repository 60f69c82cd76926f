import type { Clock } from '../../ports/clock.ts';
import type { ProcessShares } from '../../ports/process-shares.ts';

/** Shares between parts of one process: for tests and the simulation. */
export function createMemoryProcessShares({ now }: Pick<Clock, 'now'>): ProcessShares {
  const untilMs = new Map<string, number>();
  return {
    async renew(holder, leaseMs) {
      untilMs.set(holder, now() + leaseMs);
      // Further ahead than any lease: a clock that was ahead wrote that end.
      const isHeld = (until: number) => until > now() && until <= now() + 2 * leaseMs;
      return [...untilMs].flatMap(([one, until]) => (isHeld(until) ? [one] : [])).sort();
    },
    async release(holder) {
      untilMs.delete(holder);
    },
  };
}
