import type { Attempt } from '../../domain/attempt.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';

/** One order's entry in the store. Its values are frozen; a change replaces them. */
export interface OrderEntry {
  order: Order;
  readonly fingerprint: string;
  readonly events: OrderEvent[];
  attempts: readonly Attempt[];
  fence: number;
  /** Null without a lease. */
  leaseUntilMs: number | null;
  /** Null when terminal. */
  dueAtMs: number | null;
}

export type OrderEntries = ReadonlyMap<OrderId, OrderEntry>;

export const byOrderId = (a: OrderEntry, b: OrderEntry): number =>
  a.order.request.orderId < b.order.request.orderId ? -1 : 1;
