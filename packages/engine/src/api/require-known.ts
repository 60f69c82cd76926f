import type { Order, OrderId } from '../domain/order.ts';
import type { Token } from '../domain/token.ts';
import type { Engine } from '../execution/engine.ts';
import { findToken } from '../execution/market/find-token.ts';
import { unknownToken } from '../execution/refusals.ts';
import { ProblemError } from './problems.ts';
import { refusedAs } from './refused-as.ts';

/** Of an order that the store does not have: whether it may have left, or never was. */
export const orderNotFound = async (
  { orders }: Pick<Engine, 'orders'>,
  orderId: OrderId,
): Promise<ProblemError> =>
  (await orders.hasDeparted(orderId))
    ? new ProblemError('order_departed', { detail: `No order ${orderId}: orders of its time have left.` })
    : new ProblemError('order_not_found', { detail: `No order ${orderId}.` });

/** @throws {ProblemError} `order_not_found`, `order_departed` */
export async function requireOrder(engine: Pick<Engine, 'orders'>, orderId: OrderId): Promise<Order> {
  const order = await engine.orders.get(orderId);
  if (order) return order;
  throw await orderNotFound(engine, orderId);
}

/**
 * @param field What the client named the token in.
 * @throws {ProblemError} `unknown_token`
 */
export async function requireToken(engine: Engine, field: string, symbolOrMint: string): Promise<Token> {
  const token = await findToken(engine, symbolOrMint);
  if (token) return token;
  throw refusedAs(unknownToken(field, symbolOrMint));
}
