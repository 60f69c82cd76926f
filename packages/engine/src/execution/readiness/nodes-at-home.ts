import type { Ports } from '../ports.ts';
import type { ReadinessCheck } from './readiness.ts';

/** Fails while a node answers for another chain than the engine's. The engine then signs nothing. */
export const nodesAtHome = ({ chain }: Pick<Ports, 'chain'>): ReadinessCheck => ({
  name: 'chainIdentity',
  look: async () => {
    const [stranger] = chain.identity.strangers;
    if (!stranger) return { ok: true };
    const [node, { genesisHash }] = stranger;
    return { ok: false, reason: `${node} answers for another chain, with genesis ${genesisHash}` };
  },
});
