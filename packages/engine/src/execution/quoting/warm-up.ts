import type { QuoteRequest } from '../../domain/quote.ts';
import { MAX_COMPUTE_UNITS } from '../../ports/chain-limits.ts';
import type { Venue } from '../../ports/venue.ts';
import { assembleSwap } from '../building/assemble-swap.ts';
import type { Engine } from '../engine.ts';
import { bestQuote } from './choose-route.ts';
import { LONGEST, offerRoutes } from './offer-routes.ts';

/** After so many rounds the runtime has compiled most of the code that a quote runs. */
const ROUNDS = 300;
const PAUSE_MS = 10;
/** A swap of a ten-thousandth of the reserve goes through most pools. */
const PART_OF_RESERVE = 10_000n;

/**
 * Quotes swaps through the engine's own pools and builds their messages, so that the runtime has compiled this code before the first
 * order needs it. Asks no venue outside, signs nothing and stores nothing. Ends after some seconds, or when the signal aborts, since an
 * order has no time to lose to practice.
 */
export async function warmUp(engine: Engine, signal: AbortSignal): Promise<void> {
  const { clock, log } = engine;
  for (let round = 0; round < ROUNDS && !signal.aborted; round += 1) {
    await clock.sleep(PAUSE_MS, signal);
    try {
      await quoteOnce(engine, round, signal);
    } catch (error) {
      log.debug({ error }, 'warm-up ended early');
      return;
    }
  }
}

async function quoteOnce(engine: Engine, round: number, signal: AbortSignal): Promise<void> {
  const venues = engine.venues.filter(({ market }) => market);
  const requests = requestsOf(venues);
  const request = requests[round % requests.length];
  if (!request) return; // The pools have not been read yet.
  const offers = await Promise.all([
    ...venues.map((venue) => venue.quote(request, signal)),
    offerRoutes(engine, { venues, request, signal }),
  ]);
  const best = bestQuote(offers.flat(), request.swapMode);
  if (!best) return;
  const { venue, route } = best;
  const { instructions, lookupTables } = await assembleSwap(engine, request, {
    venue,
    route,
    limitAmount: route.amountOut,
  });
  engine.chain.compile({
    payer: engine.signer.address,
    instructions,
    lookupTables,
    computeUnitLimit: MAX_COMPUTE_UNITS,
    computeUnitPriceMicroLamports: engine.limits.computeUnitPriceMicroLamports,
    ...LONGEST,
  });
}

/** Swaps of both directions through each pool. */
function requestsOf(venues: readonly Venue[]): readonly QuoteRequest[] {
  const pools = venues.flatMap((venue) => venue.pools());
  return pools.flatMap(({ tokenA, tokenB, reserveA, reserveB }) =>
    (
      [
        [tokenA, tokenB, reserveA],
        [tokenB, tokenA, reserveB],
      ] as const
    ).flatMap(([tokenIn, tokenOut, reserve]) => {
      const amount = (reserve ?? 0n) / PART_OF_RESERVE;
      return amount > 0n ? [{ tokenIn, tokenOut, swapMode: 'exactIn' as const, amount }] : [];
    }),
  );
}
