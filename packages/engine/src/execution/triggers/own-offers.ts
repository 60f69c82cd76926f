import type { Quote, QuoteRequest } from '../../domain/quote.ts';
import type { Engine } from '../engine.ts';
import { offerRoutes } from '../quoting/offer-routes.ts';
import { startDeadline } from '../waiting/deadline.ts';

/**
 * The offers of the engine's own pools for exactly this swap; none if they were not read in time. Venues outside are not
 * asked: they would be asked at every price.
 */
export async function ownOffers(engine: Engine, request: QuoteRequest): Promise<readonly Quote[]> {
  const { clock, limits, venues } = engine;
  const round = new AbortController();
  const deadline = startDeadline(clock, limits.quoteTimeoutMs);
  const own = venues.filter(({ market }) => market);
  const asked = Promise.all([
    ...own.map((venue) => venue.quote(request, round.signal)),
    offerRoutes(engine, { venues: own, request, signal: round.signal }),
  ]);
  try {
    const answers = await Promise.race([asked, deadline.passed]);
    return (answers ?? []).flat().flatMap((answer) => (answer.outcome === 'quoted' ? [answer.quote] : []));
  } finally {
    deadline.callOff();
    round.abort('quoted');
    asked.catch(() => {}); // Too late to matter.
  }
}
