import type { Order } from '../../domain/order.ts';
import { type EpochMs, laterOf, timeAfter, toTimestamp } from '../../domain/timestamp.ts';
import type { Claim } from '../../ports/order-store.ts';
import { commitClaimed } from '../commit.ts';
import type { Ports } from '../ports.ts';
import type { WithWaits } from './wait-times.ts';

/** Whether the engine may sign nothing more for the order: its `expiresAt` or its maximum wait has passed. */
export function hasExpired(ports: WithWaits, order: Order): boolean {
  if (order.request.expiresAtMs !== null) return isOverdue(ports, order);
  return order.waitSinceMs !== null && ports.waits.waitedMs(order) >= ports.limits.maxWaitMs;
}

/** Whether the order's own `expiresAt`, a time of day, has passed. */
export const isOverdue = (ports: Ports, order: Order): boolean =>
  order.request.expiresAtMs !== null && order.request.expiresAtMs <= timeOf(ports, order);

/** When an order that waits since `sinceMs` expires. For display only: `hasExpired` decides. */
export const waitsUntil = ({ limits }: Ports, { request }: Order, sinceMs: EpochMs): EpochMs =>
  request.expiresAtMs ?? timeAfter(sinceMs, limits.maxWaitMs);

/** The reason in the event of an expired order. */
export function expiryReason({ request, waitSinceMs }: Order): string {
  const waited = waitSinceMs === null ? '' : ` It had waited since ${toTimestamp(waitSinceMs)}.`;
  if (request.expiresAtMs !== null)
    return `Not executed by ${toTimestamp(request.expiresAtMs)}, as the order asks.${waited} Nothing is in flight.`;
  return `Waited as long as an order may.${waited} Nothing is in flight.`;
}

/** Expires an order that has no transaction in flight. */
export async function expireOrder(ports: Ports, claim: Claim): Promise<void> {
  const reason = expiryReason(claim.order);
  await commitClaimed(ports, claim, {
    events: [{ type: 'order.expired', data: { reason } }],
    lease: { kind: 'release', wakeAfterMs: 0 },
  });
  ports.log.info({ orderId: claim.order.request.orderId, reason }, 'order expired');
}

/** The current time, but not before the order's last event, so that time never runs backwards in its log. */
export const timeOf = ({ clock }: Ports, { updatedAtMs }: Order): EpochMs =>
  laterOf(clock.now(), updatedAtMs);
