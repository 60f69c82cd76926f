import { NEVER } from '../../domain/moment.ts';
import { msSince } from '../../ports/clock.ts';
import type { WithMarket } from '../market/market-watch.ts';
import type { ReadinessCheck } from './readiness.ts';

/** A failure says nothing of now any more after this long. */
const REMEMBERED_MS = 10_000;

/** The last round of quotes did not end without an offer for want of fresh accounts. */
export const quotesAreGiven = ({ market, clock }: WithMarket): ReadinessCheck => ({
  name: 'quotes',
  async look() {
    const { offeredAt, failedAt } = market.quotes;
    const ageMs = offeredAt === null ? {} : { ageMs: msSince(clock, offeredAt) };
    const failsNow =
      failedAt !== null && failedAt > (offeredAt ?? NEVER) && msSince(clock, failedAt) < REMEMBERED_MS;
    if (!failsNow) return { ok: true, ...ageMs };
    return { ok: false, ...ageMs, reason: 'no venue could quote from fresh accounts' };
  },
});
