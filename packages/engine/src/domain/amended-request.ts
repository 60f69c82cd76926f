import { type BaseUnits, readAmount } from './amount.ts';
import type { OrderRequest } from './order.ts';
import { fromTimestamp } from './timestamp.ts';
import type { Token } from './token.ts';
import { type Amendment, isAtOnce } from './trigger-terms.ts';

/** The request with what was amended in place of what was asked for. */
export function amendedRequest(request: OrderRequest, amended: Amendment): OrderRequest {
  const { amountIn, amountOut, minAmountOut, maxAmountIn, timeInForce, expiresAt, ...prices } = amended;
  const { tokenIn, tokenOut } = request;
  const amount =
    amountOut === undefined
      ? read(amountIn, tokenIn, request.amount)
      : read(amountOut, tokenOut, request.amount);
  return {
    ...request,
    amount,
    minAmountOut: read(minAmountOut, tokenOut, request.minAmountOut),
    maxAmountIn: read(maxAmountIn, tokenIn, request.maxAmountIn),
    ...(timeInForce && {
      ...(request.timeInForce && { timeInForce }), // A market order has none, though it may rest until a time.
      expiresAtMs: timeInForce === 'gtd' && expiresAt !== undefined ? fromTimestamp(expiresAt) : null,
    }),
    ...(request.trigger && { trigger: { ...request.trigger, ...prices } }),
    // Another end does not make an order rest that may not.
    ...(request.timeInForce && isAtOnce(request.timeInForce) && { timeInForce: request.timeInForce }),
  };
}

const read = <A extends BaseUnits | null>(
  text: string | undefined,
  token: Token,
  absent: A,
): BaseUnits | A => (text === undefined ? absent : readAmount(text, token.decimals));
