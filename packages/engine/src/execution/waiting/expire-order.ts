import type { Order } from '../../domain/order.ts';
import { toTimestamp } from '../../domain/timestamp.ts';
import type { Claim } from '../../ports/order-store.ts';
import { commitClaimed } from '../commit.ts';
import type { World } from '../world.ts';
import type { WithWaits } from './wait-times.ts';

/** Whether nothing may be signed for the order any more: its own time is over, or that which it may wait. */
export function hasExpired(world: WithWaits, order: Order): boolean {
  if (order.request.expiresAtMs !== null) return isOverdue(world, order);
  return order.waitSinceMs !== null && world.waits.waitedMs(order) >= world.limits.maxWaitMs;
}

/** Whether the time is over that the order itself names: a time of day. */
export const isOverdue = (world: World, order: Order): boolean =>
  order.request.expiresAtMs !== null && order.request.expiresAtMs <= timeOf(world, order);

/** When an order ends that has waited since then, for people: `hasExpired` decides. */
export const waitsUntil = ({ limits }: World, { request }: Order, sinceMs: number): number =>
  request.expiresAtMs ?? sinceMs + limits.maxWaitMs;

/** Why an order ends that has expired. */
export function expiryReason({ request, waitSinceMs }: Order): string {
  const waited = waitSinceMs === null ? '' : ` It had waited since ${toTimestamp(waitSinceMs)}.`;
  if (request.expiresAtMs !== null)
    return `Not executed by ${toTimestamp(request.expiresAtMs)}, as the order asks.${waited} Nothing is in flight.`;
  return `Waited as long as an order may.${waited} Nothing is in flight.`;
}

/** Ends an order of which nothing is in flight. */
export async function expireOrder(world: World, claim: Claim): Promise<'expired'> {
  const reason = expiryReason(claim.order);
  await commitClaimed(world, claim, {
    events: [{ type: 'order.expired', data: { reason } }],
    lease: { kind: 'release', wakeAfterMs: 0 },
  });
  world.log.info({ orderId: claim.order.request.orderId, reason }, 'order expired');
  return 'expired';
}

/** Now, but not before the order's last event: in its log time does not run backwards, whichever process writes. */
export const timeOf = ({ clock }: World, { updatedAtMs }: Order): number =>
  Math.max(clock.now(), updatedAtMs);
