import type { Engine } from '../engine.ts';
import type { ReadinessCheck } from './readiness.ts';

/** Nothing is signed on a chain that has forgotten orders which were final on it. */
export const ordersRemembered = ({ remembered }: Pick<Engine, 'remembered'>): ReadinessCheck => ({
  name: 'finalizedOrders',
  look: async () => {
    const reason = remembered.problem();
    return reason === null ? { ok: true } : { ok: false, reason };
  },
});
