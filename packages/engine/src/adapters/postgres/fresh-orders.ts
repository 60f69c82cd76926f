import type { Order, OrderId } from '../../domain/order.ts';

/** Orders that this process has just submitted, until it claims them: most are claimed here, a moment later. */
export interface FreshOrders {
  add(order: Order): void;
  /** The order as it was submitted, once. */
  take(orderId: OrderId): Order | undefined;
}

/** What is not claimed here is forgotten, the oldest first. */
const MAX_FRESH = 2_000;

export function createFreshOrders(): FreshOrders {
  const orders = new Map<OrderId, Order>();
  return {
    add(order) {
      orders.set(order.request.orderId, order);
      if (orders.size <= MAX_FRESH) return;
      const [oldest] = orders.keys();
      if (oldest !== undefined) orders.delete(oldest);
    },
    take(orderId) {
      const order = orders.get(orderId);
      orders.delete(orderId);
      return order;
    },
  };
}
