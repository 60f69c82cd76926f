import type { Quote, QuoteRequest } from '../../domain/quote.ts';
import type { Engine } from '../engine.ts';

/** A venue with nothing to gain still gets this long: an answer that is as fast costs nothing. */
const LEAST_MS = 5;
/** Until the pace of the chain is measured. */
const SLOT_MS = 400;
/** A slot's delay costs at least this, even if the price stands still: a try may need that slot. */
const LEAST_COST_BPS = 0.5;

/**
 * How long an order with an own offer waits for a venue outside, from the request on. The wait costs the recent movement of the
 * own offer's pools for each slot, and may cost as much as the venue's offers gained lately. While too little is known of the
 * venue, the order waits for it as for any other.
 *
 * @param mostMs The ceiling: the timeout of the round.
 */
export function outsideBudgetMs(
  { market }: Pick<Engine, 'market'>,
  { venue, request, own, mostMs }: { venue: string; request: QuoteRequest; own: Quote; mostMs: number },
): number {
  const gainBps = market.gains.expectedBps(venue, request);
  if (gainBps === null) return mostMs;
  const moves = own.route.legs.map(({ pool }) => market.prices.movePerSlotBps(pool) ?? 0);
  const costBps = Math.max(LEAST_COST_BPS, ...moves);
  const worthMs = Math.round((gainBps / costBps) * (market.time.slots.eachMs ?? SLOT_MS));
  return Math.min(Math.max(worthMs, LEAST_MS), mostMs);
}
