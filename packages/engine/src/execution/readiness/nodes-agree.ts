import { NEAR } from '../../domain/chain-counter.ts';
import type { WithMarket } from '../market/market-watch.ts';
import type { ReadinessCheck } from './readiness.ts';

/**
 * Ok if all nodes answer and agree about the slot. Readiness does not need it: orders continue with the nodes that answer, a node
 * with an impossible slot is outvoted, and the market's age shows the effect. But while one of two nodes is unavailable, no attempt
 * that never landed can be proven dead.
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
