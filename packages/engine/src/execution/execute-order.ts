import { autoSlippage } from '../domain/auto-slippage.ts';
import type { OrderId } from '../domain/order.ts';
import { quoteRequestOf } from '../domain/quote.ts';
import { msSince } from '../ports/clock.ts';
import type { Claim } from '../ports/order-store.ts';
import { buildSwap } from './build-swap.ts';
import { chooseRoute, withinFloor, withinImpact } from './choose-route.ts';
import { collectQuotes } from './collect-quotes.ts';
import { ClaimLost, commitAhead } from './commit.ts';
import { describeChoice } from './describe-choice.ts';
import type { Engine } from './engine.ts';
import { isHeld, keepHeld } from './held-order.ts';
import { failureOf, retryOrFail } from './retry-or-fail.ts';
import { restForReview } from './review-order.ts';
import { recordAttempt } from './run-attempt.ts';

export type ExecuteOutcome =
  | 'notAvailable'
  | 'claimLost'
  | 'retrying'
  | 'failed'
  | 'submitted'
  | 'held'
  | 'needsReview'
  | 'expired';

/**
 * Carries one order from its claim to a recorded and broadcast attempt, or to its next try, or to its failure.
 * Safe to run twice and to die anywhere: the claim says what is already done, steps take effect one after another or
 * not at all, and nothing is sent before its record is durable (docs/execution.md).
 */
export async function executeOrder(engine: Engine, orderId: OrderId): Promise<ExecuteOutcome> {
  const claimed = await engine.orders.claim(orderId, engine.limits.leaseMs);
  if (claimed.outcome !== 'claimed') return 'notAvailable';
  const { claim } = claimed;
  if (claim.openAttempt) return engine.observer.follow(claim.openAttempt, claim); // Only the chain can end it now.

  try {
    if (claim.order.needsReview) return await restForReview(engine, claim);
    if (isHeld(claim.order)) return await keepHeld(engine, claim);
    return await runTry(engine, beginTry(engine, claim));
  } catch (error) {
    if (!(error instanceof ClaimLost)) throw error;
    engine.log.warn(
      { orderId, fence: claim.fence },
      'claim lost: another worker or a cancel moved the order on',
    );
    return 'claimLost';
  }
}

/** Quote, choose, build, simulate, sign, record, send. Only the record is waited for: before it, nothing leaves. */
async function runTry(engine: Engine, claim: Claim): Promise<ExecuteOutcome> {
  const { order } = claim;
  const startedAt = engine.clock.moment();
  const answers = await collectQuotes(engine, quoteRequestOf(order.request));
  const ceilingBps = order.request.maxPriceImpactBps ?? engine.limits.maxPriceImpactBps;
  const candidates = withinFloor(order, withinImpact(answers, ceilingBps));
  const choice = chooseRoute(order, candidates, (quote) => autoSlippage(quote, engine.market.prices));
  const quotesMs = msSince(engine.clock, startedAt);
  if (choice.outcome === 'noRoute') return retryOrFail(engine, claim, choice.failure);

  const decision = describeChoice(order, candidates, { ...choice, quotesMs });
  engine.log.info({ orderId: order.request.orderId, ...decision }, 'route chosen');
  const building = commitAhead(engine, claim, { events: [{ type: 'order.building', data: decision }] });

  const swap = await buildSwap(engine, building.order, choice).catch((error: unknown) =>
    failureOf(engine, order, error),
  );
  if ('code' in swap) return retryOrFail(engine, building, swap);

  const recorded = await recordAttempt(engine, building, swap); // The commit is the license to broadcast.
  return engine.observer.follow(recorded.attempt, recorded.claim); // Whatever sending answers proves nothing.
}

/** Opens try 1, goes on with a try whose backoff is over, or starts a try over that a crash interrupted. */
function beginTry(engine: Engine, claim: Claim): Claim {
  const { status, tryNumber } = claim.order;
  if (status === 'routing') return claim;
  const data =
    status === 'building' ? { try: tryNumber, interrupted: true as const } : { try: tryNumber + 1 };
  return commitAhead(engine, claim, { events: [{ type: 'order.routing', data }] });
}
