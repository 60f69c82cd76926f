import type { WireOrder } from '@oee/api-schema';
import { formatAmount } from '../domain/amount.ts';
import type { Order } from '../domain/order.ts';
import { hasStop } from '../domain/order-type.ts';
import { showRent } from '../domain/rent.ts';
import { type EpochMs, toTimestamp } from '../domain/timestamp.ts';
import { SOL_DECIMALS, type Token } from '../domain/token.ts';
import { unfilledAmountIn } from '../domain/unfilled-amount.ts';

// A blockhash lives about a minute and its death is provable some 13 s later; anything longer is not ordinary.
const RECONCILING_AFTER_MS = 90_000;

/** The order as REST shows it. */
export function toWireOrder(order: Order, nowMs: EpochMs): WireOrder {
  const { request, fill } = order;
  const { tokenIn, tokenOut } = request;
  const isExactOut = request.swapMode === 'exactOut';
  const asked = { in: isExactOut ? null : request.amount, out: isExactOut ? request.amount : null };
  const unfilled = fill && unfilledAmountIn(request, fill.amountIn);
  return {
    orderId: request.orderId,
    clientOrderId: request.clientOrderId,
    type: request.type,
    status: order.status,
    tokenIn: tokenIn.symbol,
    tokenOut: tokenOut.symbol,
    mintIn: tokenIn.mint,
    mintOut: tokenOut.mint,
    swapMode: request.swapMode,
    amountIn: amount(fill?.amountIn ?? asked.in, tokenIn),
    amountOut: amount(fill?.amountOut ?? asked.out, tokenOut),
    unfilledAmountIn: amount(unfilled, tokenIn),
    minAmountOut: isExactOut ? null : amount(order.limitAmount ?? request.minAmountOut, tokenOut),
    maxAmountIn: isExactOut ? amount(order.limitAmount ?? request.maxAmountIn, tokenIn) : null,
    slippageBps: request.slippageBps,
    ...wireTerms(order),
    maxPriceImpactBps: request.maxPriceImpactBps,
    executionGuard: request.executionGuard,
    venue: order.venue,
    quotedPrice: order.quotedPrice,
    executedPrice: order.executedPrice,
    signature: order.signature,
    slot: order.slot === null ? null : Number(order.slot),
    fees: fill && {
      network: formatAmount(fill.fees.networkLamports, SOL_DECIMALS),
      ...showRent(fill.fees),
    },
    failure: order.failure,
    cancelRequested: order.cancelRequested,
    needsReview: order.needsReview,
    reconciling:
      order.status === 'submitted' && (order.reorged || nowMs - order.updatedAtMs > RECONCILING_AFTER_MS),
    waiting: order.waitingFor && {
      cause: order.waitingFor,
      since: toTimestamp(order.waitSinceMs ?? order.updatedAtMs),
    },
    finalized: order.finalized,
    expiresAt: request.expiresAtMs === null ? null : toTimestamp(request.expiresAtMs),
    sequence: order.sequence,
    createdAt: toTimestamp(request.createdAtMs),
    updatedAt: toTimestamp(order.updatedAtMs),
  };
}

/** What the order waits for. */
function wireTerms({ request, resting }: Order) {
  const { trigger, timeInForce, startAtMs } = request;
  const looksAtPrice = trigger !== undefined && hasStop(request.type);
  return {
    limitPrice: trigger?.limitPrice ?? null,
    stopPrice: trigger?.stopPrice ?? null,
    takeProfitPrice: trigger?.takeProfitPrice ?? null,
    trailingBps: trigger?.trailingBps ?? null,
    priceIn: trigger ? (trigger.priceIn ?? 'tokenOut') : null,
    priceSource: looksAtPrice ? (trigger.source ?? 'last') : null,
    confirmSlots: looksAtPrice ? (trigger.slots ?? 1) : null,
    timeInForce: timeInForce ?? null,
    startAt: startAtMs === undefined ? null : toTimestamp(startAtMs),
    stopFired: resting?.stopFired ?? false,
    firings: resting?.firings ?? 0,
  };
}

const amount = (units: bigint | null, token: Token): string | null =>
  units === null ? null : formatAmount(units, token.decimals);
