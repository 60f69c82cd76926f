import { msSince } from '../../ports/clock.ts';
import type { WithMarket } from '../market/market-watch.ts';
import type { ReadinessCheck } from './readiness.ts';

/** Maximum age of the last reading; the engine samples the market every 2 s. */
const MOST_MS = 15_000;

/** Ready if the pools were read recently and are not too many slots behind for a quote. */
export const marketIsFresh = ({ market, clock, limits }: WithMarket): ReadinessCheck => ({
  name: 'market',
  async look() {
    const readAt = market.readAt();
    if (readAt === null) return { ok: false, reason: 'the pools have not been read yet' };
    const ageMs = msSince(clock, readAt);
    if (ageMs > MOST_MS) return { ok: false, ageMs, reason: 'the pools cannot be read' };
    const slotsBehind = market.time.slots.newest - market.routes.oldest.slot;
    if (slotsBehind <= BigInt(limits.maxQuoteAgeSlots)) return { ok: true, ageMs };
    return { ok: false, ageMs, reason: `the pools are read as of ${slotsBehind} slots ago` };
  },
});
