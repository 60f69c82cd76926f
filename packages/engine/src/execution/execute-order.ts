import type { OrderId } from '../domain/order.ts';
import type { EventDraft } from '../domain/order-event.ts';
import { type Claim, StoreUnavailable } from '../ports/order-store.ts';
import { SigningStopped } from '../ports/signer.ts';
import { recordAttempt } from './attempts/record-attempt.ts';
import { buildSwap } from './building/build-swap.ts';
import { ClaimLost, commitAhead } from './commit.ts';
import type { Engine } from './engine.ts';
import { restForReview } from './review-order.ts';
import { askMarket, type MarketAnswer } from './tries/ask-market.ts';
import { endTry, readError } from './tries/end-try.ts';
import { isHeld, keepHeld } from './tries/held-order.ts';
import { expireOrder, hasExpired } from './waiting/expire-order.ts';

// Pause before a process that may not sign gets the order again.
const PUT_BACK_MS = 1_000;

/**
 * Executes one order from its claim to a recorded and broadcast attempt, to its next try, or to its failure. If something other
 * than the market stops the order, it stays in its status.
 * Safe to run twice and to die anywhere: the claim says what is already done, steps take effect one after another or
 * not at all, and nothing is sent before its record is durable (docs/execution.md).
 */
export async function executeOrder(engine: Engine, orderId: OrderId): Promise<void> {
  if (engine.signer.whyNot?.()) return; // A process that may sign continues the order.
  const claimed = await claimOrder(engine, orderId);
  if (!claimed) return;
  if (claimed.openAttempt) return engine.observer.follow(claimed.openAttempt, claimed); // Only the chain can end it now.

  try {
    return await work(engine, claimed);
  } catch (error) {
    if (error instanceof SigningStopped) return putBack(engine, claimed, error);
    if (!(error instanceof ClaimLost) && !(error instanceof StoreUnavailable)) throw error;
    engine.waitingRoom.giveBack(orderId, claimed); // The outcome in the store is unknown; the next worker that claims the order reads it.
    if (error instanceof StoreUnavailable) throw error;
    engine.log.warn(
      { orderId, fence: claimed.fence },
      'claim lost: another worker or a cancel changed the order',
    );
  }
}

async function claimOrder(engine: Engine, orderId: OrderId): Promise<Claim | null> {
  try {
    const claimed = await engine.orders.claim(orderId, engine.limits.leaseMs);
    return claimed.outcome === 'claimed' ? claimed.claim : null;
  } catch (error) {
    if (error instanceof StoreUnavailable) engine.waitingRoom.giveBack(orderId, null);
    throw error;
  }
}

async function work(engine: Engine, claim: Claim): Promise<void> {
  if (claim.order.needsReview) return await restForReview(engine, claim);
  if (isHeld(claim.order)) return await keepHeld(engine, claim);
  if (hasExpired(engine, claim.order)) return await expireOrder(engine, claim);
  return await runTry(engine, beginTry(engine, claim));
}

/** Quote, choose, build, simulate, sign, record, send. Waits only for the record: before it, nothing leaves the process. */
async function runTry(engine: Engine, claim: Claim): Promise<void> {
  const asked = await askMarket(engine, claim.order);
  if (asked.outcome !== 'chosen') return endTry(engine, claim, asked);

  const decided: EventDraft = { type: 'order.building', data: asked.decision };
  const told = tellChoice(engine, claim, decided);
  const end = engine.rehearsals.begin({ ...told.claim.order, limitAmount: asked.choice.limitAmount });
  try {
    return await buildAndSend(engine, claim, asked, told);
  } finally {
    end();
  }
}

async function buildAndSend(
  engine: Engine,
  claim: Claim,
  asked: MarketAnswer,
  told: ReturnType<typeof tellChoice>,
): Promise<void> {
  const swap = await buildSwap(engine, told.claim.order, asked.choice).catch((error: unknown) =>
    readError(engine, claim.order, error),
  );
  if (swap.outcome !== 'signed')
    return endTry(engine, told.claim, swap, { ...asked, order: claim.order, untold: told.untold });
  engine.market.health.noteOffer(asked.choice.quote.venue, null, engine.clock.moment());

  if (hasExpired(engine, told.claim.order)) return expireOrder(engine, told.claim);
  const recorded = await recordAttempt(engine, told.claim, swap, told.untold); // Only this commit allows the broadcast.
  return engine.observer.follow(recorded.attempt, recorded.claim); // The answer to a send proves nothing.
}

/** This process may not sign now: releases the order unchanged for another process or a later time. Uses up no try. */
async function putBack(engine: Engine, claim: Claim, { message }: SigningStopped): Promise<void> {
  const { orderId } = claim.order.request;
  await engine.orders.release(orderId, claim.fence, PUT_BACK_MS); // The sweep finds it again.
  engine.log.warn({ orderId, reason: message }, 'order put back unsigned');
}

/** Opens try 1, continues a try after its backoff, or restarts a try that a crash interrupted. */
function beginTry(engine: Engine, claim: Claim): Claim {
  const { status, tryNumber, waitingFor } = claim.order;
  if (status === 'routing' || waitingFor !== null) return claim;
  const data =
    status === 'building' ? { try: tryNumber, interrupted: true as const } : { try: tryNumber + 1 };
  return commitAhead(engine, claim, { events: [{ type: 'order.routing', data }] });
}

/**
 * Writes the choice at once. For a waiting order it writes the choice only together with the next step: if the cause of the wait
 * is still there in that step, nothing has changed.
 */
function tellChoice(
  engine: Engine,
  claim: Claim,
  decided: EventDraft,
): { readonly claim: Claim; readonly untold: readonly EventDraft[] } {
  const { status, tryNumber, waitingFor } = claim.order;
  if (waitingFor === null) return { claim: commitAhead(engine, claim, { events: [decided] }), untold: [] };
  if (status === 'routing') return { claim, untold: [decided] };
  const data = { try: tryNumber, interrupted: true as const };
  return { claim, untold: [{ type: 'order.routing', data }, decided] };
}
