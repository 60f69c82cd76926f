import { quote, type SwapQuote } from '@oee/amm';
import type { Leg, QuoteAnswer, QuoteRefusalCode, QuoteRequest } from '../../domain/quote.ts';
import type { Token } from '../../domain/token.ts';
import type { PoolReading } from './pool-reader.ts';

export interface QuotedPool {
  readonly venue: string;
  readonly pool: string;
  readonly poolKind: string;
  readonly tokens: readonly [Token, Token];
  readonly vaults: readonly [string, string];
}

/** What the pool answers to the request. A refusal is an answer. */
export function answerPool(
  pool: QuotedPool,
  ask: { request: QuoteRequest; state: PoolReading; slot: bigint; elapsed: () => number },
): QuoteAnswer {
  const { request, state, slot, elapsed } = ask;
  const refuse = (code: QuoteRefusalCode, reason: string) =>
    refusal(pool.venue, { pool: pool.pool, code, reason, answerMs: elapsed() });
  if (state.outcome === 'unreadable') return refuse('unavailable', state.reason);

  const inputIndex = pool.tokens[0].mint === request.tokenIn.mint ? 0 : 1;
  const common = { inputIndex, clock: state.clock, transferFees: state.transferFees } as const;
  const answer =
    request.swapMode === 'exactIn'
      ? quote(state.pool, { ...common, swapMode: 'exactIn', amountIn: request.amount })
      : quote(state.pool, { ...common, swapMode: 'exactOut', amountOut: request.amount });
  if (answer.outcome === 'refused') return refuse('refused_by_pool', answer.message);

  const { amountIn, amountOut, priceImpactBps } = answer.quote;
  const leg: Leg = {
    venue: pool.venue,
    pool: pool.pool,
    poolKind: pool.poolKind,
    tokenIn: pool.tokens[inputIndex],
    tokenOut: pool.tokens[inputIndex === 0 ? 1 : 0],
    amountIn,
    amountOut,
    ...feeOf(answer.quote, request),
    vaultIn: pool.vaults[inputIndex],
    vaultOut: pool.vaults[inputIndex === 0 ? 1 : 0],
  };
  const route = { legs: [leg], amountIn, amountOut };
  return {
    outcome: 'quoted',
    quote: { venue: pool.venue, route, priceImpactBps, slot },
    answerMs: elapsed(),
  };
}

export function refusal(
  venue: string,
  why: { pool: string; code: QuoteRefusalCode; reason: string; answerMs: number },
): QuoteAnswer {
  return { outcome: 'refused', venue, ...why };
}

/** A fee on both sides is told in the input token, its output part at the rate of this very swap. */
function feeOf(
  { feeIn, feeOut, amountIn, amountOut }: SwapQuote,
  { tokenIn, tokenOut }: QuoteRequest,
): { fee: bigint; feeToken: Token } {
  if (feeIn === 0n && feeOut > 0n) return { fee: feeOut, feeToken: tokenOut };
  return { fee: feeIn + (feeOut * amountIn) / amountOut, feeToken: tokenIn };
}
