import { type QuoteOutcome, quote, type SysvarClock } from '@oee/amm';
import type { PoolState } from './pool-state.ts';
import type { QuoteRequest } from './quote.ts';

/** What a pool answers to one side of a swap, in whichever mode it is asked. */
export function quotePool(
  { pool, transferFees }: Pick<PoolState, 'pool' | 'transferFees'>,
  { swapMode, amount }: Pick<QuoteRequest, 'swapMode' | 'amount'>,
  at: { readonly inputIndex: 0 | 1; readonly clock: SysvarClock },
): QuoteOutcome {
  return swapMode === 'exactOut'
    ? quote(pool, { ...at, transferFees, swapMode, amountOut: amount })
    : quote(pool, { ...at, transferFees, swapMode, amountIn: amount });
}
