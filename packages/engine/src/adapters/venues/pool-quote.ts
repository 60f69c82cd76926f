import type { SysvarClock } from '@oee/amm';
import { amountAtRate, bestRate, type RatedPool, stepsOf } from '../../domain/best-rate.ts';
import { poolLeg } from '../../domain/pool-leg.ts';
import type { PoolState } from '../../domain/pool-state.ts';
import type { QuoteAnswer, QuoteRefusalCode, QuoteRequest } from '../../domain/quote.ts';
import { quotePool } from '../../domain/quote-pool.ts';
import type { AccountSnapshot } from '../../ports/account-feed.ts';
import type { PoolReading } from './pool-reader.ts';

/** The pool's answer to a request: a quote or a refusal. */
export function answerPool(
  pool: Pick<PoolState, 'venue' | 'address' | 'kind' | 'tokens' | 'vaults'>,
  ask: { request: QuoteRequest; state: PoolReading; snapshot: AccountSnapshot; elapsed: () => number },
): QuoteAnswer {
  const { request, state, snapshot, elapsed } = ask;
  const refuse = (code: QuoteRefusalCode, reason: string) =>
    refusal(pool.venue, { pool: pool.address, code, reason, answerMs: elapsed() });
  if (state.outcome === 'unreadable') return refuse('unavailable', state.reason);

  const inputIndex = pool.tokens[0].mint === request.tokenIn.mint ? 0 : 1;
  const answer = quotePool(state, request, { inputIndex, clock: state.clock });
  if (answer.outcome === 'refused') return refuse('refused_by_pool', answer.message);

  const { amountIn, amountOut, priceImpactBps } = answer.quote;
  const route = { legs: [poolLeg(pool, inputIndex, answer.quote)], amountIn, amountOut };
  return {
    outcome: 'quoted',
    quote: {
      venue: pool.venue,
      route,
      priceImpactBps,
      slot: snapshot.slot,
      readAt: snapshot.readAt,
      spotAmount: spotAmountOf({ ...state, tokens: pool.tokens }, request, amountIn),
    },
    answerMs: elapsed(),
  };
}

function spotAmountOf(
  pool: RatedPool & { readonly clock: SysvarClock },
  { tokenIn, tokenOut, swapMode, amount }: QuoteRequest,
  amountIn: bigint,
): bigint | undefined {
  const ends = { mintIn: tokenIn.mint, mintOut: tokenOut.mint, maxHops: 1 };
  const rate = bestRate(stepsOf(pool, pool.clock), ends);
  const given = swapMode === 'exactOut' ? amount : amountIn;
  return rate ? amountAtRate(rate, swapMode, given) : undefined;
}

export function refusal(
  venue: string,
  why: { pool: string; code: QuoteRefusalCode; reason: string; answerMs: number },
): QuoteAnswer {
  return { outcome: 'refused', venue, ...why };
}
