import type { MarketState } from '../../domain/pool-state.ts';
import type { PoolVenue } from './pool-venue.ts';

/** Joins the programs of one exchange into one venue, which is asked and sidelined as a whole. */
export function joinVenues(name: string, venues: readonly PoolVenue[]): PoolVenue {
  return {
    name,
    async discover() {
      return (await Promise.all(venues.map((venue) => venue.discover()))).flat();
    },
    pools: () => venues.flatMap((venue) => venue.pools()),
    async quote(request, signal) {
      return (await Promise.all(venues.map((venue) => venue.quote(request, signal)))).flat();
    },
    async market(signal) {
      const markets = await Promise.all(venues.map((venue) => venue.market(signal)));
      return markets.reduce(joinMarkets);
    },
    swapInstructions(swap) {
      const owner = venues.find((venue) => venue.has(swap.leg.pool));
      if (!owner) throw new Error(`${name} does not have the pool ${swap.leg.pool}`);
      return owner.swapInstructions(swap);
    },
    has: (pool) => venues.some((venue) => venue.has(pool)),
  };
}

/**
 * Joins two markets, which are usually of one slot. If a slot passed between the two reads, the result has the older
 * slot.
 */
function joinMarkets(one: MarketState | null, other: MarketState | null): MarketState | null {
  if (!one || !other) return null;
  const older = other.slot < one.slot ? other : one;
  return { ...older, pools: [...one.pools, ...other.pools] };
}
