import { type BaseUnits, formatAmount } from '../../domain/amount.ts';
import type { FillRecord } from '../../domain/order-event.ts';
import type { QuoteRequest } from '../../domain/quote.ts';
import { unfilledAmountIn } from '../../domain/unfilled-amount.ts';
import { priceOf } from '../quoting/choose-route.ts';

/** The moved amounts, in wire form. */
export function fillAmounts(
  request: QuoteRequest,
  moved: { readonly amountIn: BaseUnits; readonly amountOut: BaseUnits },
): Pick<FillRecord, 'amountIn' | 'amountOut' | 'executedPrice' | 'unfilledAmountIn'> {
  const { tokenIn, tokenOut } = request;
  const unfilled = unfilledAmountIn(request, moved.amountIn);
  return {
    amountIn: formatAmount(moved.amountIn, tokenIn.decimals),
    amountOut: formatAmount(moved.amountOut, tokenOut.decimals),
    executedPrice: priceOf(moved, tokenIn, tokenOut),
    ...(unfilled !== null && { unfilledAmountIn: formatAmount(unfilled, tokenIn.decimals) }),
  };
}
