import type { Order } from '../../domain/order.ts';
import type { OrderEventData } from '../../domain/order-event.ts';
import { commit } from '../commit.ts';
import type { Ports } from '../ports.ts';
import { expiryReason } from '../waiting/expire-order.ts';

/** Why an order fires: the event without its number. */
export type Cause = Omit<OrderEventData['order.triggered'], 'firing'>;

/** Whether nothing but its condition keeps the order from firing. */
export const mayFire = ({ status, cancelRequested, needsReview }: Order): boolean =>
  status === 'open' && !cancelRequested && !needsReview;

/**
 * Starts the swap of an order whose condition holds: one conditional commit on the order as it was read. Exactly one of several
 * processes, or of a fire, a cancel, an amendment and an expiry, is written.
 *
 * @returns Whether it was this one.
 */
export async function fireOrder(ports: Ports, order: Order, cause: Cause): Promise<boolean> {
  const { orderId } = order.request;
  const firing = (order.resting?.firings ?? 0) + 1;
  const fired = await commit(ports, order, null, {
    events: [
      { type: 'order.triggered', data: { ...cause, firing } },
      { type: 'order.routing', data: { try: 1 } },
    ],
    lease: { kind: 'release', wakeAfterMs: 0 },
  });
  if (!fired) return false;
  ports.queue.wake(orderId);
  ports.log.info({ orderId, ...cause, firing }, 'order fired');
  return true;
}

/** The stop of a stopLimit fired: the order rests on, for its limit. Undefined if another writer had changed the order. */
export async function fireStop(ports: Ports, order: Order, cause: Cause): Promise<Order | undefined> {
  const waiting = await commit(ports, order, null, { events: [{ type: 'order.triggered', data: cause }] });
  if (waiting)
    ports.log.info({ orderId: order.request.orderId, ...cause }, 'stop fired, waiting for the limit');
  return waiting;
}

/** Expires an order whose time passed while it rested. */
export async function expireResting(ports: Ports, order: Order): Promise<void> {
  const reason = expiryReason(order);
  if (await commit(ports, order, null, { events: [{ type: 'order.expired', data: { reason } }] }))
    ports.log.info({ orderId: order.request.orderId, reason }, 'order expired');
}
