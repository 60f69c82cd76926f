import { appendEvents } from '../domain/apply-event.ts';
import type { Order } from '../domain/order.ts';
import type { EventDraft } from '../domain/order-event.ts';
import type { AttemptChange, Claim, Transition } from '../ports/order-store.ts';
import type { World } from './world.ts';

/** Another worker holds the order now, or a fact from the chain moved it on. Nothing was written. */
export class ClaimLost extends Error {
  override name = 'ClaimLost';
}

export interface Change {
  readonly events: readonly EventDraft[];
  readonly attempt?: AttemptChange;
  readonly lease?: Transition['lease'];
}

/**
 * The one way in which an order changes: commit first, tell listeners second.
 *
 * @param fence The writer's fence; null for a fact read from the chain.
 * @returns The order after the change, or undefined if the order had moved on.
 */
export async function commit(
  world: World,
  order: Order,
  fence: number | null,
  change: Change,
): Promise<Order | undefined> {
  const next = appendEvents(order, change.events, world.clock.now());
  const { outcome } = await world.orders.transition({
    expectedSequence: order.sequence,
    fence,
    order: next.order,
    events: next.events,
    ...(change.attempt && { attempt: change.attempt }),
    lease: change.lease ?? { kind: 'keep' },
  });
  if (outcome === 'stale') return undefined;
  world.bus.publish(next.events);
  return next.order;
}

/**
 * Commits under a claim and returns the claim with the order as it is now.
 * @throws {ClaimLost} If the claim is worth nothing any more.
 */
export async function commitClaimed(world: World, claim: Claim, change: Change): Promise<Claim> {
  const order = await commit(world, claim.order, claim.fence, change);
  if (!order) throw new ClaimLost(`order ${claim.order.request.orderId} moved on under fence ${claim.fence}`);
  return { ...claim, order };
}
