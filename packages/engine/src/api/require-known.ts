import type { Order, OrderId } from '../domain/order.ts';
import type { Token } from '../domain/token.ts';
import type { Engine } from '../execution/engine.ts';
import { findToken } from '../execution/market/find-token.ts';
import { unknownToken } from '../execution/submit-order.ts';
import { ProblemError } from './problems.ts';
import { refusedAs } from './refused-as.ts';

export const orderNotFound = (orderId: OrderId): ProblemError =>
  new ProblemError('order_not_found', { detail: `No order ${orderId}.` });

/** @throws {ProblemError} `order_not_found` */
export async function requireOrder({ orders }: Pick<Engine, 'orders'>, orderId: OrderId): Promise<Order> {
  const order = await orders.get(orderId);
  if (order) return order;
  throw orderNotFound(orderId);
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
