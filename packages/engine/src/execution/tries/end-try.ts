import { type FailureCode, failure } from '../../domain/failure.ts';
import type { Order } from '../../domain/order.ts';
import type { EventDraft } from '../../domain/order-event.ts';
import { WAIT_CAUSES } from '../../domain/waiting.ts';
import { ChainUnavailable, TransactionTooLarge } from '../../ports/chain.ts';
import type { Claim } from '../../ports/order-store.ts';
import { PolicyRefused, SigningStopped } from '../../ports/signer.ts';
import { OfferNotBuilt, RouteUnavailable, VenueUnavailable } from '../../ports/venue.ts';
import { commitClaimed } from '../commit.ts';
import type { Engine } from '../engine.ts';
import type { Ports } from '../ports.ts';
import { withoutVenues } from '../quoting/choose-route.ts';
import { describeLimit } from '../quoting/describe-choice.ts';
import { failed, type TryEnd, waitsFor } from '../try-end.ts';
import { chooseOf, type MarketAnswer } from './ask-market.ts';
import { keepWaiting } from './keep-waiting.ts';
import { type RestOfOffers, retryOrFail } from './next-step.ts';

/** The offer that the try was built on. */
export interface TriedOffer extends MarketAnswer {
  /** The order before the choice. */
  readonly order: Order;
  /** Events of the try that are not in the log yet. */
  readonly untold: readonly EventDraft[];
}

/** The order waits, or the try is over: the next one follows, or the order has failed. */
export async function endTry(engine: Engine, claim: Claim, end: TryEnd, offer?: TriedOffer): Promise<void> {
  if (end.outcome === 'waits') return keepWaiting(engine, claim, end.awaited);
  if (end.outcome === 'unanswered') return passOver(engine, claim, end.reason, offer);
  const { failure } = end;
  const rest = offer && IS_OF_THE_OFFER[failure.code] ? leaveOut(engine, offer, failure.reason) : undefined;
  return retryOrFail(engine, claim, failure, { untold: offer?.untold ?? [], ...(rest && { rest }) });
}

/**
 * Restarts the same try at once, without the offer that its venue could not build. Each restart leaves out one more venue,
 * so the restarts end: if no other venue offers, the order waits.
 */
async function passOver(
  engine: Engine,
  claim: Claim,
  reason: string,
  offer: TriedOffer | undefined,
): Promise<void> {
  const rest = offer && leaveOut(engine, offer, reason);
  if (!offer || !rest) {
    const awaits = 'venues_unavailable';
    return keepWaiting(engine, claim, { awaits, reason: `${WAIT_CAUSES[awaits]} ${reason}` });
  }
  const { orderId } = claim.order.request;
  const cause = failure('offer_not_built', reason);
  const data = { try: claim.order.tryNumber, interrupted: true as const, cause, ...rest };
  await commitClaimed(engine, claim, {
    events: [...offer.untold, { type: 'order.routing', data }],
    lease: { kind: 'release', wakeAfterMs: 0 },
  });
  engine.log.info({ orderId, ...data }, 'offer not built, the try continues with other offers');
  engine.queue.wake(orderId);
}

/** Failures that the offer may have caused, not the wallet or the order. */
const IS_OF_THE_OFFER: Partial<Record<FailureCode, true>> = {
  offer_not_built: true,
  price_moved: true,
  slippage_exceeded: true,
  simulation_failed: true,
  policy_refused: true,
  transaction_too_large: true,
  internal_error: true,
};

/**
 * Counts the failed offer against its venue and leaves the venue's offers out of later tries. If the offer fixed the order's
 * limit, the best of the other offers of the same round fixes it instead. Undefined if no other venue offers.
 */
function leaveOut(
  engine: Engine,
  { order, choice, candidates }: TriedOffer,
  reason: string,
): RestOfOffers | undefined {
  const { venue } = choice.quote;
  engine.market.health.noteOffer(venue, reason, engine.clock.moment());
  const leftOut = [...order.leftOut.filter((one) => one !== venue), venue];
  const others = chooseOf(engine, order, withoutVenues(leftOut, candidates));
  if (others.outcome === 'noRoute') return undefined;
  return { leftOut, ...(order.limitAmount === null && describeLimit(order, others)) };
}

/**
 * Turns an error of building or signing into the end of the try; nothing was signed. An unexpected error is a bug and
 * also ends the try: otherwise an order that meets it every time would restart its try for ever.
 *
 * @throws {SigningStopped} Unchanged: it does not end the try.
 */
export function readError(ports: Ports, { request }: Order, error: unknown): TryEnd {
  if (error instanceof SigningStopped) throw error;
  if (error instanceof ChainUnavailable)
    return waitsFor({
      awaits: 'chain_unavailable',
      reason: `${WAIT_CAUSES.chain_unavailable} ${error.message}.`,
    });
  if (error instanceof VenueUnavailable) return { outcome: 'unanswered', reason: error.message };
  if (error instanceof RouteUnavailable) return failed(failure('price_moved', error.message));
  if (error instanceof OfferNotBuilt) return failed(failure('offer_not_built', error.message));
  if (error instanceof PolicyRefused) return failed(failure('policy_refused', error.message));
  if (error instanceof TransactionTooLarge) return failed(failure('transaction_too_large', error.message));
  ports.log.error({ orderId: request.orderId, error }, 'unexpected error before anything was signed');
  return failed(failure('internal_error'));
}
