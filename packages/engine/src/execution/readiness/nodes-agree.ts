import { NEAR } from '../../domain/chain-counter.ts';
import type { WatchedWorld } from '../market-watch.ts';
import type { ReadinessCheck } from './readiness.ts';

/**
 * The nodes that answer tell of the same slot. Shown, and not needed: the one that time does not allow is outvoted, and
 * what that costs shows in the market's age.
 */
export const nodesAgree = ({ market }: WatchedWorld): ReadinessCheck => ({
  name: 'nodes',
  isNeeded: false,
  async look() {
    const { spread } = market.time.slots;
    return spread <= NEAR ? { ok: true } : { ok: false, reason: `the nodes are ${spread} slots apart` };
  },
});
