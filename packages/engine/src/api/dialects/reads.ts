import type { DialectOrder, WireOrder } from '@oee/api-schema';
import { formatAmount } from '../../domain/amount.ts';
import type { Order } from '../../domain/order.ts';
import type { OrderStatus } from '../../domain/order-status.ts';
import { toTimestamp } from '../../domain/timestamp.ts';
import { exchangesOf } from './progress.ts';

/** What clients of the dialect `amountIn` look for in an answer that they share with all others. */
export function withDialectFields(order: Order, wireOrder: WireOrder): WireOrder {
  if (order.request.dialect !== 'amountIn') return wireOrder;
  return Object.assign(wireOrder, { success: true, order: toDialectOrder(order) });
}

/** What the same clients look for in a list, which for them has no cursor. */
export const dialectPage = (orders: readonly Order[]) => ({
  success: true as const,
  orders: orders.map(toDialectOrder),
  count: orders.length,
});

/** The dialects' word for an order that rests. */
export const toDialectStatus = (status: OrderStatus): OrderStatus => (status === 'open' ? 'pending' : status);

/** The order as its clients read it. */
export function toDialectOrder({
  request,
  status,
  fill,
  venue,
  executedPrice,
  signature,
  failure,
  updatedAtMs,
}: Order): DialectOrder {
  const { orderId, tokenIn, tokenOut, swapMode, amount, slippageBps, minAmountOut, createdAtMs } = request;
  const amountIn = fill?.amountIn ?? (swapMode === 'exactOut' ? null : amount);
  return {
    orderId,
    tokenIn: tokenIn.symbol,
    tokenOut: tokenOut.symbol,
    amountIn: amountIn === null ? null : formatAmount(amountIn, tokenIn.decimals),
    slippageTolerance: slippageBps === 'auto' ? null : slippageBps / 100,
    minAmountOut: minAmountOut === null ? null : formatAmount(minAmountOut, tokenOut.decimals),
    status: toDialectStatus(status),
    dexType: venue === null ? null : exchangesOf(venue.split('+')),
    executedPrice,
    txHash: signature,
    errorReason: failure?.reason ?? null,
    createdAt: toTimestamp(createdAtMs),
    updatedAt: toTimestamp(updatedAtMs),
  };
}
