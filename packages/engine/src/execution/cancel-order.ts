import type { Order, OrderId } from '../domain/order.ts';
import { isTerminal } from '../domain/order-status.ts';
import { commit } from './commit.ts';
import type { Ports } from './ports.ts';

/**
 * canceled   over: nothing was in flight, and nothing can be any more; also what a repeated cancel is answered
 * requested  a transaction may land: no other one is signed, and the chain decides between confirmed and canceled
 * over       the order had ended in another way
 */
export type CancelResult =
  | { readonly outcome: 'canceled' | 'requested' | 'over'; readonly order: Order }
  | { readonly outcome: 'unknown' };

/**
 * Cancels an order, or asks for it. May be repeated.
 *
 * No lease is needed: the commit raises the order's sequence, so that a worker in the middle of building can record
 * nothing any more, and bytes that are not recorded are never sent. If the worker was faster, the order is submitted.
 */
export async function cancelOrder(ports: Ports, orderId: OrderId): Promise<CancelResult> {
  for (;;) {
    const order = await ports.orders.get(orderId);
    if (!order) return { outcome: 'unknown' };
    if (order.status === 'canceled') return { outcome: 'canceled', order };
    if (isTerminal(order.status)) return { outcome: 'over', order };
    if (order.cancelRequested) return { outcome: 'requested', order };

    const mayBeInFlight = order.status === 'submitted' || order.needsReview;
    const next = await commit(ports, order, null, {
      events: [
        mayBeInFlight
          ? { type: 'order.cancel_requested', data: {} }
          : { type: 'order.canceled', data: { reason: 'Canceled on request. Nothing was in flight.' } },
      ],
    });
    if (!next) continue; // Another process changed the order: read it again.
    ports.log.info({ orderId, status: next.status }, mayBeInFlight ? 'cancel requested' : 'order canceled');
    return { outcome: mayBeInFlight ? 'requested' : 'canceled', order: next };
  }
}
