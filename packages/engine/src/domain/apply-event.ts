import { amendedRequest } from './amended-request.ts';
import { type BaseUnits, readAmount } from './amount.ts';
import { failure } from './failure.ts';
import type { Fill, Order, OrderRequest, Resting } from './order.ts';
import type { EventDraft, FillRecord, LimitRecord, OrderEvent, OrderEventData } from './order-event.ts';
import { rentOf } from './rent.ts';
import { toSignature } from './signature.ts';
import { type EpochMs, fromTimestamp, laterOf, toTimestamp } from './timestamp.ts';
import { SOL_DECIMALS } from './token.ts';
import { mayHappen, TRANSITIONS } from './transitions.ts';
import { rests } from './trigger-terms.ts';

/** An event that the order's state does not allow: a bug, never an outcome. */
export class IllegalTransition extends Error {
  override name = 'IllegalTransition';
}

/** The order after its first event, or its first two: one that rests is open from the start. */
export function newOrder(
  request: OrderRequest,
  simulate?: OrderEventData['order.pending']['simulate'],
): { order: Order; events: OrderEvent[] } {
  const event: OrderEvent = {
    orderId: request.orderId,
    sequence: 1,
    type: 'order.pending',
    status: 'pending',
    timestamp: toTimestamp(request.createdAtMs),
    data: {
      ...(request.expiresAtMs !== null && { expiresAt: toTimestamp(request.expiresAtMs) }),
      ...(request.heldUntilMs !== null && { heldUntil: toTimestamp(request.heldUntilMs) }),
      ...(request.dialect !== null && { dialect: request.dialect }),
      ...(simulate && { simulate }),
    },
  };
  const order = foldOrder(request, [event]);
  if (!rests(request)) return { order, events: [event] };
  const opened = appendEvents(order, [{ type: 'order.opened', data: {} }], request.createdAtMs);
  return { order: opened.order, events: [event, ...opened.events] };
}

/** Appends drafts after the order's last event and folds them in. */
export function appendEvents(
  order: Order,
  drafts: readonly EventDraft[],
  nowMs: EpochMs,
): { order: Order; events: OrderEvent[] } {
  const events: OrderEvent[] = [];
  // The log is read in sequence order, so time must not run backwards in it when a clock is set back.
  const timestamp = toTimestamp(laterOf(nowMs, order.updatedAtMs));
  let next = order;
  for (const draft of drafts) {
    const event = {
      orderId: order.request.orderId,
      sequence: next.sequence + 1,
      type: draft.type,
      status: TRANSITIONS[draft.type].to ?? next.status,
      timestamp,
      data: draft.data,
    } as OrderEvent;
    events.push(event);
    next = applyEvent(next, event);
  }
  return { order: next, events };
}

/** Rebuilds an order from its request and its whole log. */
export const foldOrder = (request: OrderRequest, events: readonly OrderEvent[]): Order =>
  events.reduce(applyEvent, blankOrder(request));

/** The order before its first event. */
export const blankOrder = (request: OrderRequest): Order => ({
  request,
  status: 'pending',
  sequence: 0,
  tryNumber: 0,
  attemptNumber: 0,
  limitAmount: null,
  venue: null,
  quotedPrice: null,
  signature: null,
  slot: null,
  fill: null,
  executedPrice: null,
  failure: null,
  cancelRequested: false,
  needsReview: false,
  reorged: false,
  finalized: false,
  waitingFor: null,
  waitSinceMs: null,
  leftOut: [],
  resting: rests(request) ? { firings: 0, stopFired: false, pausedUntilMs: null, amended: {} } : null,
  updatedAtMs: request.createdAtMs,
});

/**
 * The order after one more event. The only place where an order changes.
 *
 * @throws {IllegalTransition} If the sequence has a gap, or `TRANSITIONS` has no such event there.
 */
export function applyEvent(order: Order, event: OrderEvent): Order {
  assertFollows(order, event);
  const next: Order = {
    ...order,
    status: event.status,
    sequence: event.sequence,
    updatedAtMs: fromTimestamp(event.timestamp),
  };
  const { request, resting } = order;
  switch (event.type) {
    case 'order.opened':
      return openedAgain(next, event.data);
    case 'order.triggered':
      return { ...next, resting: resting && triggered(resting, event.data) };
    case 'order.amended':
      return {
        ...next,
        request: amendedRequest(request, event.data),
        resting: resting && { ...resting, amended: { ...resting.amended, ...event.data } },
      };
    case 'order.routing':
      return routed(order, next, event.data);
    case 'order.waiting':
      return { ...next, waitingFor: event.data.cause, waitSinceMs: fromTimestamp(event.data.since) };
    case 'order.building': {
      const venues = [...new Set(event.data.route.legs.map((leg) => leg.venue))];
      return {
        ...next,
        waitingFor: null,
        limitAmount: limitOf(request, event.data),
        venue: venues.join('+'),
        quotedPrice: event.data.quotedPrice,
      };
    }
    case 'order.submitted':
      return {
        ...next,
        waitingFor: null,
        attemptNumber: event.data.attemptNumber,
        signature: toSignature(event.data.signature),
      };
    case 'order.confirmed':
      return { ...next, ...NOT_WAITING, ...filled(request, event.data), needsReview: false, reorged: false };
    case 'order.finalized':
      return { ...next, ...filled(request, event.data), finalized: true };
    case 'order.reorged':
      return { ...next, reorged: true, slot: null, fill: null, executedPrice: null };
    case 'order.failed':
      return {
        ...next,
        ...NOT_WAITING,
        failure: failure(event.data.code, event.data.reason),
        needsReview: false,
        reorged: false,
      };
    case 'order.cancel_requested':
      return { ...next, cancelRequested: true };
    case 'order.review_needed':
      return { ...next, needsReview: true };
    case 'order.canceled':
    case 'order.expired':
      return { ...next, ...NOT_WAITING, needsReview: false, reorged: false };
    default:
      return next;
  }
}

/** It rests from the beginning, or again after a firing: nothing of that try counts for the next. */
function openedAgain(next: Order, { pausedUntil }: OrderEventData['order.opened']): Order {
  const pausedUntilMs = pausedUntil === undefined ? null : fromTimestamp(pausedUntil);
  return {
    ...next,
    ...NOT_WAITING,
    tryNumber: 0,
    limitAmount: null,
    leftOut: [],
    resting: next.resting && { ...next.resting, pausedUntilMs },
  };
}

function routed(order: Order, next: Order, data: OrderEventData['order.routing']): Order {
  return {
    ...next,
    tryNumber: data.try,
    needsReview: false,
    waitingFor: null,
    // An attempt in flight reached the market, so earlier waits no longer count.
    waitSinceMs: order.status === 'submitted' && data.try > order.tryNumber ? null : order.waitSinceMs,
    leftOut: data.leftOut ?? order.leftOut,
    limitAmount: data.limit ? limitOf(order.request, data.limit) : order.limitAmount,
  };
}

function triggered(resting: Resting, { firing }: OrderEventData['order.triggered']): Resting {
  return firing === undefined ? { ...resting, stopFired: true } : { ...resting, firings: firing };
}

const NOT_WAITING = { waitingFor: null, waitSinceMs: null } as const;

function assertFollows(order: Order, event: OrderEvent): void {
  const { orderId } = order.request;
  if (event.sequence !== order.sequence + 1)
    throw new IllegalTransition(`order ${orderId}: event ${event.sequence} cannot follow ${order.sequence}`);
  if (!mayHappen(order, event))
    throw new IllegalTransition(`order ${orderId}: ${event.type} cannot follow status ${order.status}`);
}

function limitOf(
  { swapMode, tokenIn, tokenOut }: OrderRequest,
  { minAmountOut, maxAmountIn, wholeMinAmountOut }: LimitRecord,
): BaseUnits {
  switch (swapMode) {
    case 'exactIn':
      return readAmount(minAmountOut ?? '', tokenOut.decimals);
    case 'exactOut':
      return readAmount(maxAmountIn ?? '', tokenIn.decimals);
    case 'partialFill':
      return readAmount(wholeMinAmountOut ?? '', tokenOut.decimals);
  }
}

function filled(
  request: OrderRequest,
  record: FillRecord,
): Pick<Order, 'slot' | 'fill' | 'executedPrice' | 'signature'> {
  const { rent, rentRefunded } = rentOf(record);
  const fill: Fill = {
    amountIn: readAmount(record.amountIn, request.tokenIn.decimals),
    amountOut: readAmount(record.amountOut, request.tokenOut.decimals),
    fees: {
      networkLamports: readAmount(record.fees.network, SOL_DECIMALS),
      rentLamports: readAmount(rent, SOL_DECIMALS),
      rentRefundedLamports: readAmount(rentRefunded, SOL_DECIMALS),
    },
  };
  return {
    slot: BigInt(record.slot),
    fill,
    executedPrice: record.executedPrice,
    signature: toSignature(record.signature),
  };
}
