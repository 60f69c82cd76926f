import { hopTolerance } from '../../domain/auto-slippage.ts';
import type {
  Quote,
  QuoteAnswer,
  QuoteRefusalCode,
  QuoteRequest,
  Route,
  WholeQuoteRequest,
} from '../../domain/quote.ts';
import { TransactionTooLarge } from '../../ports/chain.ts';
import { MAX_COMPUTE_UNITS } from '../../ports/chain-limits.ts';
import { msSince } from '../../ports/clock.ts';
import type { Venue } from '../../ports/venue.ts';
import { assembleSwap } from '../building/assemble-swap.ts';
import type { Engine } from '../engine.ts';

/** The candidate name of the engine's own routes of several legs. */
export const ROUTER = 'router';

/**
 * What the transaction holds beside the legs, at its largest: payer, programs, the accounts of both ends and of one
 * token between them, memo, compute budget, wrapping. Sizes are those of the encoder with a lookup table.
 */
const FRAME = { bytes: 800, accounts: 20, computeUnits: 150_000 };
const TRANSACTION = { bytes: 1_232, accounts: 64, computeUnits: MAX_COMPUTE_UNITS };
const COMPUTE_UNITS_PER_LEG = 60_000n;
const MICRO_LAMPORTS = 1_000_000n;

/**
 * Routes of two or more legs over the pools of these venues, as answers beside the venues' own. None if one pool alone
 * is the best plan, or if the pools cannot fill the order: the venues' own answers report that.
 */
export async function offerRoutes(
  engine: Engine,
  ask: {
    readonly venues: readonly Venue[];
    readonly request: QuoteRequest;
    readonly signal: AbortSignal;
    readonly timeoutMs?: number;
  },
): Promise<readonly QuoteAnswer[]> {
  const { swapMode } = ask.request;
  // No leg of several may fill only a part: a route offers the whole amount, even for a partial fill.
  const request = { ...ask.request, swapMode: swapMode === 'partialFill' ? 'exactIn' : swapMode } as const;
  const { clock } = engine;
  const finder = engine.market.routes;
  const startedAt = clock.moment();
  const answerMs = () => msSince(clock, startedAt);
  if (engine.limits.maxLegs < 2) return [];
  if (!(await engine.market.refresh(ask)))
    return [refusal('chain_unavailable', "the pools' accounts could not be read", answerMs())];

  for (let { maxLegs } = engine.limits; maxLegs >= 2; maxLegs -= 1) {
    const found = finder.find(request, searchWith(engine, maxLegs));
    if (found.length === 0) return [];
    const fits = await Promise.all(found.map((route) => isSmallEnough(engine, request, route)));
    const routes = found.filter((_, index) => fits[index]);
    const { slot, readAt } = finder.oldest;
    const spotAmount = finder.spotAmount(request) ?? undefined;
    if (routes.length > 0)
      return routes.map((route) => ({
        outcome: 'quoted',
        quote: toQuote(route, request, { slot, readAt, spotAmount }),
        answerMs: answerMs(),
      }));
  }
  return [refusal('too_large', 'no route over several pools fits into one transaction', answerMs())];
}

const refusal = (code: QuoteRefusalCode, reason: string, answerMs: number): QuoteAnswer => ({
  outcome: 'refused',
  venue: ROUTER,
  pool: null,
  code,
  reason,
  answerMs,
});

function searchWith({ limits, market }: Engine, maxLegs: number) {
  return {
    limits: {
      maxLegs,
      maxBytes: TRANSACTION.bytes - FRAME.bytes,
      maxAccounts: TRANSACTION.accounts - FRAME.accounts,
      maxComputeUnits: TRANSACTION.computeUnits - FRAME.computeUnits,
    },
    hopTolerance: (pool: string) => hopTolerance(pool, market.prices),
    lamportsPerLeg: (COMPUTE_UNITS_PER_LEG * limits.computeUnitPriceMicroLamports) / MICRO_LAMPORTS,
  };
}

/** The search's budgets are estimates; the compiled message decides. */
async function isSmallEnough(engine: Engine, request: WholeQuoteRequest, route: Route): Promise<boolean> {
  const limitAmount = request.swapMode === 'exactIn' ? route.amountOut : route.amountIn;
  const { instructions, lookupTables } = await assembleSwap(engine, request, {
    venue: ROUTER,
    route,
    limitAmount,
  });
  try {
    engine.chain.compile({
      payer: engine.signer.address,
      instructions,
      lookupTables,
      blockhash: LONGEST.blockhash,
      computeUnitLimit: TRANSACTION.computeUnits,
      computeUnitPriceMicroLamports: engine.limits.computeUnitPriceMicroLamports,
      memo: LONGEST.memo,
    });
    return true;
  } catch (error) {
    if (error instanceof TransactionTooLarge) return false;
    throw error;
  }
}

/** A blockhash and a memo of maximum length: an order's id and an attempt's number. */
export const LONGEST = {
  blockhash: '11111111111111111111111111111111',
  memo: '00000000-0000-7000-8000-000000000000/99',
};

function toQuote(
  route: Route,
  { swapMode }: WholeQuoteRequest,
  source: Pick<Quote, 'slot' | 'readAt' | 'spotAmount'>,
): Quote {
  const { spotAmount } = source;
  const priceImpactBps = spotAmount === undefined ? 0 : impactBps(route, swapMode, spotAmount);
  return { venue: ROUTER, route, priceImpactBps, ...source };
}

/** Loss against the best path at zero size, rounded up. */
function impactBps(
  { amountIn, amountOut }: Route,
  swapMode: WholeQuoteRequest['swapMode'],
  spotAmount: bigint,
): number {
  const [lost, whole] =
    swapMode === 'exactIn' ? [spotAmount - amountOut, spotAmount] : [amountIn - spotAmount, amountIn];
  return lost <= 0n || whole <= 0n ? 0 : Number((lost * 10_000n + whole - 1n) / whole);
}
