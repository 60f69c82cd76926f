import { NEAR } from '../../domain/chain-counter.ts';
import type { WithMarket } from '../market/market-watch.ts';
import type { ReadinessCheck } from './readiness.ts';

/**
 * All nodes answer, and tell of the same slot. Shown, and not needed: orders go on with those that answer, the one that time
 * does not allow is outvoted, and what that costs shows in the market's age. But while one of two is silent, no attempt that never
 * landed can be proved dead.
 */
export const nodesAgree = ({ market }: WithMarket): ReadinessCheck => ({
  name: 'nodes',
  isNeeded: false,
  async look() {
    const { silent, slots } = market.time;
    if (silent.length > 0) return { ok: false, reason: `no answer from ${silent.join(', ')}` };
    const { spread } = slots;
    return spread <= NEAR ? { ok: true } : { ok: false, reason: `the nodes are ${spread} slots apart` };
  },
});
