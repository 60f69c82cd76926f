import type { WireOrder } from '@oee/api-schema';
import { formatAmount } from '../../domain/amount.ts';
import type { Order } from '../../domain/order.ts';
import { toTimestamp } from '../../domain/timestamp.ts';
import { exchangesOf } from './progress.ts';

/** What clients of the dialect `amountIn` look for in an answer that they share with all others. */
export function withDialectFields(order: Order, wireOrder: WireOrder): WireOrder {
  if (order.request.dialect !== 'amountIn') return wireOrder;
  return Object.assign(wireOrder, { success: true, order: toDialectOrder(order) });
}

/** `GET /api/orders?offset=N`, the dialect's list; the canonical one pages by cursor. */
export const toOffsetPage = (orders: readonly Order[]): object => ({
  success: true,
  orders: orders.map(toDialectOrder),
  count: orders.length,
});

function toDialectOrder({
  request,
  status,
  fill,
  venue,
  executedPrice,
  signature,
  updatedAtMs,
}: Order): object {
  const { orderId, tokenIn, tokenOut, swapMode, amount, createdAtMs } = request;
  const amountIn = fill?.amountIn ?? (swapMode === 'exactOut' ? null : amount);
  return {
    orderId,
    tokenIn: tokenIn.symbol,
    tokenOut: tokenOut.symbol,
    amountIn: amountIn === null ? null : formatAmount(amountIn, tokenIn.decimals),
    status,
    dexType: venue === null ? null : exchangesOf(venue.split('+')),
    executedPrice,
    txHash: signature,
    createdAt: toTimestamp(createdAtMs),
    updatedAt: toTimestamp(updatedAtMs),
  };
}
