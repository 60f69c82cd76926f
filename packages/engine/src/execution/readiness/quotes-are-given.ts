import { NEVER } from '../../domain/moment.ts';
import { msSince } from '../../ports/clock.ts';
import type { WithMarket } from '../market/market-watch.ts';
import type { ReadinessCheck } from './readiness.ts';

/** Maximum age of a failure that counts. */
const REMEMBERED_MS = 10_000;

/** Fails if the last round of quotes ended without an offer for lack of fresh accounts. */
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
