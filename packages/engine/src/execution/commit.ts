import { appendEvents } from '../domain/apply-event.ts';
import type { Order } from '../domain/order.ts';
import type { AttemptChange } from '../domain/order-change.ts';
import type { EventDraft } from '../domain/order-event.ts';
import type { Claim, Transition } from '../ports/order-store.ts';
import type { Ports } from './ports.ts';

/** Another worker holds the order now, or an outcome from the chain changed it. Nothing was written. */
export class ClaimLost extends Error {
  override name = 'ClaimLost';
}

export interface Change {
  readonly events: readonly EventDraft[];
  readonly attempt?: AttemptChange;
  readonly lease?: Transition['lease'];
}

/**
 * Changes an order and waits until the change is durable.
 *
 * @param fence The writer's fence; null for an outcome read from the chain.
 * @returns The order after the change, or undefined if another writer had changed the order.
 */
export async function commit(
  ports: Ports,
  order: Order,
  fence: number | null,
  change: Change,
): Promise<Order | undefined> {
  const transition = transitionOf(ports, order, fence, change);
  return (await store(ports, transition)) ? transition.order : undefined;
}

/**
 * Commits under a claim and returns the claim with the order as it is now.
 * @throws {ClaimLost} If another worker or a cancel changed the order.
 */
export async function commitClaimed(ports: Ports, claim: Claim, change: Change): Promise<Claim> {
  const order = await commit(ports, claim.order, claim.fence, change);
  if (!order) throw new ClaimLost(`order ${claim.order.request.orderId} moved on under fence ${claim.fence}`);
  return { ...claim, order };
}

/**
 * Sends a change to the store and continues without its outcome: for steps after which nothing leaves the process. The
 * store writes an order's changes in the order of the calls. If this change is refused or fails, a later change is stale, so
 * the caller that waits for the later one notices.
 *
 * @returns The claim with the order as it will be.
 */
export function commitAhead(ports: Ports, claim: Claim, change: Change): Claim {
  const transition = { ...transitionOf(ports, claim.order, claim.fence, change), mayWait: true } as const;
  const { orderId } = claim.order.request;
  store(ports, transition).catch((error: unknown) =>
    ports.log.warn({ error, orderId, sequence: transition.order.sequence }, 'order step not stored'),
  );
  return { ...claim, order: transition.order };
}

function transitionOf(ports: Ports, order: Order, fence: number | null, change: Change): Transition {
  const next = appendEvents(order, change.events, ports.clock.now());
  return {
    expectedSequence: order.sequence,
    fence,
    order: next.order,
    events: next.events,
    ...(change.attempt && { attempt: change.attempt }),
    lease: change.lease ?? { kind: 'keep' },
  };
}

/** Commits first, publishes second. */
async function store(ports: Ports, transition: Transition): Promise<boolean> {
  const result = await ports.orders.transition(transition);
  if (result.outcome === 'stale') return false;
  const { order, events } = transition;
  ports.bus.publish({ accountId: order.request.accountId, position: result.position, events });
  return true;
}
