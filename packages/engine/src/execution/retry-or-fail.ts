import { type Failure, type FailureCode, failure } from '../domain/failure.ts';
import type { Order } from '../domain/order.ts';
import type { EventDraft } from '../domain/order-event.ts';
import { ChainUnavailable, TransactionTooLarge } from '../ports/chain.ts';
import type { Claim, Transition } from '../ports/order-store.ts';
import { PolicyRefused } from '../ports/signer.ts';
import { RouteUnavailable } from '../ports/venue.ts';
import { commitClaimed } from './commit.ts';
import type { World } from './world.ts';

/** What cannot be cured by trying again. */
const FINAL_FAILURES: readonly FailureCode[] = ['policy_refused', 'transaction_too_large'];

/** Ends a try of which nothing was signed: the next one after its backoff, or the order's failure. */
export async function retryOrFail(
  world: World,
  claim: Claim,
  cause: Failure,
): Promise<'retrying' | 'failed'> {
  const next = nextStep(world, claim.order, cause);
  await commitClaimed(world, claim, { events: next.events, lease: next.lease });
  return announceNext(world, claim.order, next);
}

export interface NextStep {
  /** The first says what follows. */
  readonly events: readonly [EventDraft, ...EventDraft[]];
  readonly lease: Transition['lease'];
  /** Null when no worker is to take it up again: the order is over, or waits for a person. */
  readonly wakeAfterMs: number | null;
}

/**
 * What ends a try: canceled when that was requested, routing with the next number and its backoff, or failed when no
 * try is left. A receipt that none of the known attempts created tells of a transaction that the store does not know:
 * nothing more is signed, and a person decides.
 */
export function nextStep(world: World, order: Order, cause: Failure): NextStep {
  const { maxTries, backoffMs } = world.limits;
  const { code, reason } = cause;
  if (order.cancelRequested)
    return lastStep({ type: 'order.canceled', data: { reason: `Canceled on request. ${reason}` } });
  if (code === 'receipt_exists')
    return lastStep(
      { type: 'order.routing', data: { try: order.tryNumber, cause } },
      { type: 'order.review_needed', data: { reason } },
    );
  if (order.tryNumber >= maxTries || FINAL_FAILURES.includes(code))
    return lastStep({ type: 'order.failed', data: { code, reason } });
  const base = backoffMs[Math.min(order.tryNumber, backoffMs.length) - 1] ?? 0;
  const wakeAfterMs = Math.round(base * (0.8 + 0.4 * world.random.fraction()));
  return {
    events: [{ type: 'order.routing', data: { try: order.tryNumber + 1, backoffMs: wakeAfterMs, cause } }],
    lease: { kind: 'release', wakeAfterMs },
    wakeAfterMs,
  };
}

const lastStep = (...events: NextStep['events']): NextStep => ({
  events,
  lease: { kind: 'release', wakeAfterMs: 0 },
  wakeAfterMs: null,
});

/** Wakes a worker when the backoff is over, and says in the log what became of the try. */
export function announceNext(world: World, order: Order, next: NextStep): 'retrying' | 'failed' {
  const { orderId } = order.request;
  const last = next.events.at(-1) as EventDraft;
  if (next.wakeAfterMs === null) {
    world.log.warn({ orderId, ...last.data }, last.type.replace('.', ' '));
    return 'failed';
  }
  world.log.info({ orderId, ...last.data }, 'try ended, another follows');
  world.queue.wake(orderId, next.wakeAfterMs);
  return 'retrying';
}

/**
 * Reads an error of building or signing as the try's failure; nothing was signed. An error that nobody expected is a bug,
 * and it ends the try too: an order that meets it every time would begin its try over for ever.
 */
export function failureOf(world: World, { request }: Order, error: unknown): Failure {
  if (error instanceof ChainUnavailable) return failure('chain_unavailable', error.message);
  if (error instanceof RouteUnavailable) return failure('price_moved', error.message);
  if (error instanceof PolicyRefused) return failure('policy_refused', error.message);
  if (error instanceof TransactionTooLarge) return failure('transaction_too_large', error.message);
  world.log.error({ orderId: request.orderId, error }, 'unexpected error before anything was signed');
  return failure('internal_error');
}
