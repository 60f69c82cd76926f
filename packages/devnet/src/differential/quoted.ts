import { type Pool, type QuoteRequest, quote } from '@oee/amm';
import type { Draws } from './draws.ts';
import type { Moved } from './pool-kind.ts';

/**
 * What a swap's quote promises when the wallet holds `held` of the input and the instruction allows `limit`: least out for
 * an exact input or partial fill, most in for an exact output. Base units.
 *
 * @returns Null where the quote refuses an output of zero that the program lets through (`paysZero`).
 */
export function quotedOutcome(
  pool: Pool,
  request: QuoteRequest,
  { held, limit, paysZero = false }: { held: bigint; limit: bigint; paysZero?: boolean },
): Moved | 'refused' | null {
  const result = quote(pool, request);
  if (result.outcome === 'refused') return paysZero && result.reason === 'zero-amount-out' ? null : 'refused';
  const { amountIn, amountOut } = result.quote;
  const isWithin = request.swapMode === 'exactOut' ? amountIn <= limit : amountOut >= limit;
  return isWithin && amountIn <= held ? { amountIn, amountOut } : 'refused';
}

/** No limit, or exactly what is quoted, or one base unit better than that, which the program must refuse. */
export function drawLimit(
  draws: Draws,
  side: 'least' | 'most',
  ask: (limit: bigint) => Moved | 'refused' | null,
): bigint {
  const open = side === 'least' ? 0n : 2n ** 64n - 1n;
  const choice = draws.below(4);
  const quoted = ask(open);
  if (choice < 2 || quoted === 'refused' || quoted === null) return open;
  const better = choice === 3 ? 1n : 0n;
  return side === 'least' ? quoted.amountOut + better : quoted.amountIn - better;
}
