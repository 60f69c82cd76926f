import type { Engine } from '../engine.ts';
import type { ReadinessCheck } from './readiness.ts';

/** Fails while the chain lacks orders that were final on it. The engine then signs nothing. */
export const ordersRemembered = ({ remembered }: Pick<Engine, 'remembered'>): ReadinessCheck => ({
  name: 'finalizedOrders',
  look: async () => {
    const reason = remembered.problem();
    return reason === null ? { ok: true } : { ok: false, reason };
  },
});
