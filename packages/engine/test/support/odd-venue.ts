import type { MemoryChain } from '../../src/adapters/memory/chain.ts';
import type { Quote, QuoteAnswer } from '../../src/domain/quote.ts';
import type { Venue } from '../../src/ports/venue.ts';

/** A venue that answers some questions in its own way, and every other one as `venue` does. */
export const oddVenue = (venue: Venue, odd: Partial<Venue>): Venue => ({ ...venue, ...odd });

/** A venue whose offers are changed on their way. */
export const misquoting = (venue: Venue, change: (quote: Quote) => Quote): Venue =>
  oddVenue(venue, {
    quote: async (request, signal) =>
      (await venue.quote(request, signal)).map((answer) =>
        answer.outcome === 'quoted' ? { ...answer, quote: change(answer.quote) } : answer,
      ),
  });

/** A venue that does not show its pools to the router. */
export function withoutMarket({ market: _, ...venue }: Venue): Venue {
  return venue;
}

/** A venue that reads its pools from the chain, as those of the real chain do, and has no offer while that is away. */
export function ofChain(venue: Venue, { faults }: MemoryChain): Venue {
  const away = (): QuoteAnswer[] => [
    {
      ...{ outcome: 'refused', venue: venue.name, pool: null, code: 'chain_unavailable' },
      ...{ reason: 'the accounts could not be read', answerMs: 0 },
    },
  ];
  return oddVenue(venue, {
    quote: async (request, signal) => (faults.down ? away() : venue.quote(request, signal)),
    market: async (signal) => (faults.down ? null : ((await venue.market?.(signal)) ?? null)),
  });
}

/** A venue that offers pools of these kinds only. */
export const offeringOnly = (venue: Venue, kinds: () => readonly string[]): Venue =>
  oddVenue(venue, {
    quote: async (request, signal) =>
      (await venue.quote(request, signal)).filter(
        (answer) =>
          answer.outcome === 'quoted' &&
          answer.quote.route.legs.every(({ poolKind }) => kinds().includes(poolKind)),
      ),
  });
