import { msSince } from '../../ports/clock.ts';
import type { WithMarket } from '../market/market-watch.ts';
import type { ReadinessCheck } from './readiness.ts';

const LEAST_MS = 15_000;
/** The chain stands still when it was silent for so many slots of the length that it had. */
const SLOTS = 20;

/** The chain's slot advances, and a node says so. */
export const slotsAdvance = ({ market, clock }: WithMarket): ReadinessCheck => ({
  name: 'slots',
  async look() {
    const { advancedAt, eachMs } = market.time.slots;
    if (advancedAt === null) return { ok: false, reason: 'no node has told its slot yet' };
    const ageMs = msSince(clock, advancedAt);
    if (ageMs <= Math.max(LEAST_MS, SLOTS * (eachMs ?? 0))) return { ok: true, ageMs };
    return { ok: false, ageMs, reason: 'the slot does not advance' };
  },
});
