import type { Attempt, AttemptState } from '../../domain/attempt.ts';
import { failure } from '../../domain/failure.ts';
import type { Order } from '../../domain/order.ts';
import type { AttemptChange } from '../../domain/order-change.ts';
import type { EventDraft } from '../../domain/order-event.ts';
import { STATUS_WHILE } from '../../domain/transitions.ts';
import { type Change, commit } from '../commit.ts';
import type { Ports } from '../ports.ts';
import type { ShownRevert } from '../proofs/prove-reverted.ts';
import { announceNext, type NextStep, nextStep, stepAfterUntaken } from '../tries/next-step.ts';
import { describeRevert } from './describe-revert.ts';

/**
 * Writes what the chain decided about an attempt. No fence is needed: these are facts, and the compare-and-set on
 * the order's sequence lets exactly one writer record each of them. Every function may be repeated.
 * Returns the written order, or that the fact was known already.
 */
export type Decision = Order | 'alreadyKnown';

/** The attempt executed with an error (`proveReverted`): nothing was swapped; another try, or the order's failure. */
export async function settleReverted(ports: Ports, attempt: Attempt, revert: ShownRevert): Promise<Decision> {
  const cause = await describeRevert(ports, attempt, revert);
  const follows = (order: Order) => nextStep(ports, order, cause);
  return closeAttempt(ports, attempt, { state: 'reverted', slot: revert.slot, follows });
}

/** The attempt can never land (`proveExpired`): another try, or the order's failure. */
export async function settleExpired(ports: Ports, attempt: Attempt): Promise<Decision> {
  const follows = (order: Order) => nextStep(ports, order, failure('attempt_expired'));
  return closeAttempt(ports, attempt, { state: 'expired', slot: null, follows });
}

/**
 * The attempt can never land, and no node is known to have accepted it while it could. Such an attempt does not count as a try.
 *
 * @param followedMs How long this process has sent it.
 */
export async function settleUntaken(ports: Ports, attempt: Attempt, followedMs: number): Promise<Decision> {
  const follows = (order: Order) => stepAfterUntaken(ports, order, followedMs);
  return closeAttempt(ports, attempt, { state: 'expired', slot: null, follows });
}

/** The attempt can never land (`proveBlocked`): its order is canceled, since only a cancel blocks it. */
export async function settleBlocked(ports: Ports, attempt: Attempt): Promise<Decision> {
  const reason =
    'Its receipt was created without the swap, and is final: no transaction of it can land any more.';
  const follows = (order: Order) => nextStep(ports, order, failure('receipt_exists', reason));
  return closeAttempt(ports, attempt, { state: 'blocked', slot: null, follows });
}

async function closeAttempt(
  ports: Ports,
  attempt: Attempt,
  end: {
    readonly state: 'reverted' | 'expired' | 'blocked';
    readonly slot: bigint | null;
    readonly follows: (order: Order) => NextStep;
  },
): Promise<Decision> {
  let next: NextStep | undefined;
  let closed: Order | undefined;
  const decision = await writeDecision(ports, attempt, 'open', undefined, (order) => {
    closed = order;
    next = end.follows(order);
    return {
      events: next.events,
      attempt: setAttempt(attempt, 'open', end.state, end.slot),
      lease: next.lease,
    };
  });
  if (decision !== 'alreadyKnown' && next && closed) announceNext(ports, closed, next);
  return decision;
}

/**
 * Neither landing nor expiry can be proved any more (`proveExpired`): a person must decide, unless a node with more
 * history comes. Asked once; the attempt stays open, and whatever the chain shows later still settles it.
 */
export async function askForReview(ports: Ports, attempt: Attempt): Promise<Decision> {
  const { orderId, signature } = attempt;
  for (;;) {
    const order = await ports.orders.get(orderId);
    if (order?.status !== STATUS_WHILE.open || order.attemptNumber !== attempt.attemptNumber)
      return 'alreadyKnown';
    if (order.needsReview) return order;
    const reason = `No node's history reaches back to slot ${attempt.signingSlot}, where ${signature} was signed.`;
    const asked = await commit(ports, order, null, {
      events: [{ type: 'order.review_needed', data: { reason } }],
    });
    if (!asked) continue; // Another process changed the order: read it again.
    ports.log.error({ orderId, signature }, 'history purged, the order needs review');
    return asked;
  }
}

/** A fork dropped the block: the attempt is open again and its same bytes are sent again. */
export async function settleReorged(ports: Ports, attempt: Attempt): Promise<Decision> {
  ports.log.warn(
    { orderId: attempt.orderId, signature: attempt.signature },
    'confirmed block dropped by a fork',
  );
  return writeDecision(ports, attempt, 'landed', undefined, () => ({
    events: [reorged(attempt)],
    attempt: setAttempt(attempt, 'landed', 'open', null),
    lease: { kind: 'release', wakeAfterMs: ports.limits.leaseMs },
  }));
}

const reorged = (attempt: Attempt): EventDraft => ({
  type: 'order.reorged',
  data: { signature: attempt.signature, slot: String(attempt.slot) },
});

/** The attempt's new state, against the one that it must have. */
export const setAttempt = (
  attempt: Attempt,
  from: 'open' | 'landed',
  to: AttemptState,
  slot: bigint | null,
): Extract<AttemptChange, { kind: 'set' }> => ({
  kind: 'set',
  attemptNumber: attempt.attemptNumber,
  from,
  to,
  slot,
  finalized: false,
});

/** Commits against the current order. Repeats while other processes change the order; stops when the outcome is recorded. */
export async function writeDecision(
  ports: Ports,
  attempt: Attempt,
  from: 'open' | 'landed',
  hint: Order | undefined,
  change: (order: Order) => Change,
): Promise<Decision> {
  const status = STATUS_WHILE[from];
  let order = hint ?? (await ports.orders.get(attempt.orderId));
  while (order?.status === status && order.attemptNumber === attempt.attemptNumber && !order.finalized) {
    const written = await commit(ports, order, null, change(order));
    if (written) return written;
    order = await ports.orders.get(attempt.orderId);
  }
  return 'alreadyKnown';
}
