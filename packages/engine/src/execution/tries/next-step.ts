import { type Failure, type FailureCode, failure } from '../../domain/failure.ts';
import type { Order } from '../../domain/order.ts';
import type { EventDraft, OrderEventData } from '../../domain/order-event.ts';
import { timeAfter, toTimestamp } from '../../domain/timestamp.ts';
import { isAtOnce } from '../../domain/trigger-terms.ts';
import type { Claim, Transition } from '../../ports/order-store.ts';
import { commitClaimed } from '../commit.ts';
import type { Ports } from '../ports.ts';
import { expiryReason, hasExpired, isOverdue, timeOf, waitsUntil } from '../waiting/expire-order.ts';
import type { WithWaits } from '../waiting/wait-times.ts';

/** Failures that another try with the same offer cannot fix. */
const FINAL_FAILURES: readonly FailureCode[] = ['policy_refused', 'transaction_too_large'];

/** Failures of the market's making. After them an order that rests waits for its condition again. */
const OF_THE_MARKET: Partial<Record<FailureCode, true>> = {
  no_route: true,
  price_moved: true,
  min_amount_out_not_met: true,
  max_amount_in_exceeded: true,
  price_impact_too_high: true,
  slippage_exceeded: true,
  simulation_failed: true,
  transaction_reverted: true,
  attempt_expired: true,
  offer_not_built: true,
};

/** Of those, the failures that say that the price of a limit is not there: another try now would find the same. */
const LIMIT_NOT_THERE: readonly FailureCode[] = [
  'price_moved',
  'min_amount_out_not_met',
  'max_amount_in_exceeded',
];

/** Pause before an order that fired in vain is judged again. It doubles with each firing, so that neither fees nor its log mount up. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** What the next try takes from the one that ended: offers that are left out, and the limit of those that are not. */
export type RestOfOffers = Partial<Pick<OrderEventData['order.routing'], 'leftOut' | 'limit'>>;

/**
 * Ends a try that signed nothing: schedules the next one after its backoff, or fails the order.
 *
 * @param untold Events of the try that are not in the log yet.
 * @param rest   Given if the try's offer is at fault and other offers are left.
 */
export async function retryOrFail(
  ports: WithWaits,
  claim: Claim,
  cause: Failure,
  { untold, rest }: { readonly untold: readonly EventDraft[]; readonly rest?: RestOfOffers },
): Promise<void> {
  const isOver = hasExpired(ports, claim.order);
  const next = nextStep(ports, claim.order, cause, { isOver, ...(rest && { rest }) });
  await commitClaimed(ports, claim, { events: [...untold, ...next.events], lease: next.lease });
  announceNext(ports, claim.order, next);
}

export interface NextStep {
  /** The first event names the next step. */
  readonly events: readonly [EventDraft, ...EventDraft[]];
  readonly lease: Transition['lease'];
  /** Null if no worker continues the order: it has ended, or needs a review. */
  readonly wakeAfterMs: number | null;
}

/**
 * What ends a try: canceled when that was requested, expired when the order's time is over, routing with the next number
 * and its backoff, or failed when no try is left. An order that rests is open again instead, where the market ended the try. A
 * receipt that none of the known attempts created tells of a transaction that the store does not know: nothing more is
 * signed, and a person decides.
 */
export function nextStep(
  ports: Ports,
  order: Order,
  cause: Failure,
  { isOver = isOverdue(ports, order), rest }: { isOver?: boolean; rest?: RestOfOffers } = {},
): NextStep {
  const { maxTries, backoffMs } = ports.limits;
  const { code, reason, priceMove } = cause;
  const told = { code, reason, ...(priceMove && { priceMove }) };
  if (order.cancelRequested)
    return lastStep({ type: 'order.canceled', data: { reason: `Canceled on request. ${reason}` } });
  if (code === 'receipt_exists')
    return lastStep(
      { type: 'order.routing', data: { try: order.tryNumber, cause } },
      { type: 'order.review_needed', data: { reason } },
    );
  if (isOver)
    return lastStep({ type: 'order.expired', data: { reason: `${expiryReason(order)} ${reason}` } });
  const { trigger, timeInForce } = order.request;
  const isVain = trigger?.limitPrice !== undefined && LIMIT_NOT_THERE.includes(code);
  if (OF_THE_MARKET[code] && (order.tryNumber >= maxTries || isVain)) {
    if (isAtOnce(timeInForce))
      return lastStep({ type: 'order.expired', data: { reason: notAtOnce(order, reason) } });
    if (order.resting) return lastStep(openedAgain(ports, order, told, order.resting.firings));
  }
  if (order.tryNumber >= maxTries || (!rest && FINAL_FAILURES.includes(code)))
    return lastStep({ type: 'order.failed', data: told });
  const base = backoffMs[Math.min(order.tryNumber, backoffMs.length) - 1] ?? 0;
  const wakeAfterMs = Math.round(base * (0.8 + 0.4 * ports.random.fraction()));
  const data = { try: order.tryNumber + 1, backoffMs: wakeAfterMs, cause, ...rest };
  return {
    events: [{ type: 'order.routing', data }],
    lease: { kind: 'release', wakeAfterMs },
    wakeAfterMs,
  };
}

/**
 * What follows an attempt that no node took before it was dead: the market heard nothing of it, so its try goes on, as after
 * any time without the chain. The order has waited since its process began to send it, or for longer.
 */
export function stepAfterUntaken(ports: Ports, order: Order, followedMs: number): NextStep {
  const cause = failure('attempt_expired', 'No node took the transaction before its blockhash expired.');
  if (order.cancelRequested || isOverdue(ports, order)) return nextStep(ports, order, cause);
  const sinceMs = order.waitSinceMs ?? timeAfter(timeOf(ports, order), -followedMs);
  const untilMs = waitsUntil(ports, order, sinceMs);
  const data = { cause: 'chain_unavailable', reason: cause.reason } as const;
  return {
    events: [
      { type: 'order.routing', data: { try: order.tryNumber, interrupted: true, cause } },
      { type: 'order.waiting', data: { ...data, since: toTimestamp(sinceMs), until: toTimestamp(untilMs) } },
    ],
    lease: { kind: 'release', wakeAfterMs: 0 },
    wakeAfterMs: 0,
  };
}

/** The order rests again, after a pause. One whose limit is not there any more has lost nothing, so its pause stays short. */
function openedAgain(ports: Ports, order: Order, cause: Failure, firings: number): EventDraft {
  const doubled = LIMIT_NOT_THERE.includes(cause.code) ? 1 : 2 ** (firings - 1);
  const pauseMs = Math.min(FIRST_PAUSE_MS * doubled, LONGEST_PAUSE_MS);
  const pausedUntil = toTimestamp(timeAfter(timeOf(ports, order), pauseMs));
  return { type: 'order.opened', data: { cause, pausedUntil } };
}

const notAtOnce = ({ request }: Order, reason: string): string =>
  `The market did not give it at once, as "${request.timeInForce}" asks. ${reason}`;

const lastStep = (...events: NextStep['events']): NextStep => ({
  events,
  lease: { kind: 'release', wakeAfterMs: 0 },
  wakeAfterMs: null,
});

/** Wakes a worker after the backoff, and logs the outcome of the try. */
export function announceNext(ports: Ports, order: Order, next: NextStep): void {
  const { orderId } = order.request;
  const last = next.events.at(-1) as EventDraft;
  if (next.wakeAfterMs === null) {
    ports.log.warn({ orderId, ...last.data }, last.type.replace('.', ' '));
    return;
  }
  if (last.type === 'order.waiting') ports.log.warn({ orderId, ...last.data }, 'order waits');
  else ports.log.info({ orderId, ...last.data }, 'try ended, another follows');
  ports.queue.wake(orderId, next.wakeAfterMs);
}
