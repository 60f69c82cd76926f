import type { Order } from '../../domain/order.ts';
import { toTimestamp } from '../../domain/timestamp.ts';
import type { Claim } from '../../ports/order-store.ts';
import { commit, commitClaimed } from '../commit.ts';
import type { Ports } from '../ports.ts';

/**
 * Some clients expect that their order starts when they connect its stream. The engine accepts and stores such an order like
 * any other, and holds it as `pending`. The client's stream starts it; otherwise it expires. Start and expiry are both commits
 * on the order's sequence, so exactly one of them happens even if processes crash. Streams that only watch start nothing.
 */
export const isHeld = ({ status, request }: Order): boolean =>
  status === 'pending' && request.heldUntilMs !== null;

/** Starts a held order when its client's stream connects. Does nothing if the order has started or expired already. */
export async function startHeldOrder(ports: Ports, order: Order): Promise<void> {
  if (order.needsReview || remainingMs(ports, order) <= 0) return;
  const started = await commit(ports, order, null, {
    events: [{ type: 'order.routing', data: { try: 1 } }],
    lease: { kind: 'release', wakeAfterMs: 0 },
  });
  if (started) ports.queue.wake(order.request.orderId);
}

/** A worker's step for a held order: releases it until its time has passed, then expires it. */
export async function keepHeld(ports: Ports, claim: Claim): Promise<void> {
  const { orderId, createdAtMs, heldUntilMs } = claim.order.request;
  const restMs = remainingMs(ports, claim.order);
  if (restMs > 0) {
    await ports.orders.release(orderId, claim.fence, restMs); // The sweep finds it again.
    return;
  }
  const untilMs = heldUntilMs ?? createdAtMs;
  const waited = `${(untilMs - createdAtMs) / 1_000} s, until ${toTimestamp(untilMs)}`;
  await commitClaimed(ports, claim, {
    events: [
      { type: 'order.expired', data: { reason: `No stream that starts it was connected within ${waited}.` } },
    ],
    lease: { kind: 'release', wakeAfterMs: 0 },
  });
  ports.log.info({ orderId }, 'held order expired, no stream connected');
}

const remainingMs = (ports: Ports, { request }: Order): number =>
  (request.heldUntilMs ?? 0) - ports.clock.now();
