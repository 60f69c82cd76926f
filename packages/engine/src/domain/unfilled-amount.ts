import type { BaseUnits } from './amount.ts';
import type { QuoteRequest } from './quote.ts';

/**
 * The part of the amount that a partial fill did not spend; null for other modes, which leave nothing. Never negative,
 * even if a review named a larger amount than the order's.
 */
export function unfilledAmountIn(
  { swapMode, amount }: Pick<QuoteRequest, 'swapMode' | 'amount'>,
  spent: BaseUnits,
): BaseUnits | null {
  if (swapMode !== 'partialFill') return null;
  return spent < amount ? amount - spent : 0n;
}
