import type { BaseUnits } from './amount.ts';
import type { QuoteRequest } from './quote.ts';

/**
 * What a partial fill left of the amount that might have been spent; null for other modes, which leave nothing.
 * Never negative, whatever a person said in a review.
 */
export function unfilledAmountIn(
  { swapMode, amount }: Pick<QuoteRequest, 'swapMode' | 'amount'>,
  spent: BaseUnits,
): BaseUnits | null {
  if (swapMode !== 'partialFill') return null;
  return spent < amount ? amount - spent : 0n;
}
