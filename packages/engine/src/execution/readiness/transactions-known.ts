import type { Engine } from '../engine.ts';
import type { ReadinessCheck } from './readiness.ts';

/** Nothing is signed from a database that is older than what the chain shows of its orders. */
export const transactionsKnown = ({ unknown }: Pick<Engine, 'unknown'>): ReadinessCheck => ({
  name: 'knownTransactions',
  look: async () => {
    const reason = unknown.problem();
    return reason === null ? { ok: true } : { ok: false, reason };
  },
});
