import { describe, expect, test } from 'vitest';
import { appendEvents, applyEvent, foldOrder, IllegalTransition, newOrder } from './apply-event.ts';
import { type Order, type OrderRequest, toAccountId, toOrderId } from './order.ts';
import type { EventDraft, FillRecord, OrderEvent, OrderEventType } from './order-event.ts';
import { timeAfter, toEpochMs } from './timestamp.ts';
import { SOL_MINT, toMint } from './token.ts';

const REQUEST: OrderRequest = {
  orderId: toOrderId('o'),
  accountId: toAccountId('a'),
  clientOrderId: null,
  type: 'market',
  tokenIn: { mint: SOL_MINT, symbol: 'SOL', decimals: 9, tokenProgram: 't' },
  tokenOut: { mint: toMint('usdc'), symbol: 'USDC', decimals: 6, tokenProgram: 't' },
  swapMode: 'exactIn',
  amount: 1_000_000_000n,
  slippageBps: 100,
  maxPriceImpactBps: null,
  minAmountOut: null,
  maxAmountIn: null,
  executionGuard: 'protocol',
  dialect: null,
  heldUntilMs: null,
  expiresAtMs: null,
  seenAmount: null,
  createdAtMs: toEpochMs(1_750_000_000_000),
};

const leg = {
  pool: 'p',
  poolKind: 'memory',
  tokenIn: 'SOL',
  tokenOut: 'USDC',
  amountIn: '1',
  amountOut: '150',
  fee: null,
  feeToken: 'SOL',
};
const route = {
  amountIn: '1',
  amountOut: '150',
  legs: ['raydium', 'meteora', 'raydium'].map((venue) => ({ venue, ...leg })),
};

const FILL: FillRecord = {
  signature: 's',
  slot: '7',
  amountIn: '1',
  amountOut: '150.5',
  executedPrice: '150.5',
  fees: { network: '0.000005', rent: '0.001' },
};

const reason = 'why';
/** One of each kind; the try of `routing` and the number of `submitted` are not compared with those before. */
const DRAFTS: { readonly [T in OrderEventType]: Extract<EventDraft, { type: T }> } = {
  'order.pending': { type: 'order.pending', data: {} },
  'order.opened': { type: 'order.opened', data: {} },
  'order.triggered': { type: 'order.triggered', data: { by: 'startAt', firing: 1 } },
  'order.amended': { type: 'order.amended', data: { amountIn: '2' } },
  'order.routing': { type: 'order.routing', data: { try: 1 } },
  'order.waiting': {
    type: 'order.waiting',
    data: {
      ...{ cause: 'chain_unavailable', reason },
      ...{ since: '2025-06-15T15:06:41.000Z', until: '2025-06-15T15:16:41.000Z' },
    },
  },
  'order.building': {
    type: 'order.building',
    data: { quotes: [], route, minAmountOut: '148.5', quotedPrice: '150', quotesMs: 1 },
  },
  'order.submitted': {
    type: 'order.submitted',
    data: { attemptNumber: 1, signature: 's', lastValidBlockHeight: '9' },
  },
  'order.confirmed': { type: 'order.confirmed', data: FILL },
  'order.finalized': { type: 'order.finalized', data: { ...FILL, amountOut: '150.4' } },
  'order.reorged': { type: 'order.reorged', data: { signature: 's', slot: '7' } },
  'order.failed': { type: 'order.failed', data: { code: 'no_route', reason } },
  'order.canceled': { type: 'order.canceled', data: { reason } },
  'order.expired': { type: 'order.expired', data: { reason } },
  'order.cancel_requested': { type: 'order.cancel_requested', data: {} },
  'order.review_needed': { type: 'order.review_needed', data: { reason } },
  'order.reviewed': {
    type: 'order.reviewed',
    data: { decision: 'notLanded', operator: 'me', evidence: 'seen' },
  },
};

type Kind<T extends string = OrderEventType> = T extends `order.${infer K}` ? K : never;

/** The order after `pending` and these events. */
function after(...kinds: Kind[]): Order {
  const drafts = kinds.map((kind) => DRAFTS[`order.${kind}`]);
  return appendEvents(newOrder(REQUEST).order, drafts, REQUEST.createdAtMs).order;
}

const IN_FLIGHT = ['routing', 'building', 'submitted'] as const;

/** What may come next, for each way to be at a place in an order's life. */
const NEXT: readonly (readonly [at: readonly Kind[], next: readonly Kind[]])[] = [
  [[], ['routing', 'submitted', 'failed', 'canceled', 'expired', 'cancel_requested', 'review_needed']],
  [
    ['routing'],
    [
      'routing',
      'waiting',
      'building',
      'submitted',
      'failed',
      'canceled',
      'expired',
      'cancel_requested',
      'review_needed',
    ],
  ],
  [
    ['routing', 'building'],
    ['routing', 'waiting', 'submitted', 'failed', 'canceled', 'expired', 'cancel_requested', 'review_needed'],
  ],
  [
    ['routing', 'waiting'],
    [
      'routing',
      'building',
      'submitted',
      'failed',
      'canceled',
      'expired',
      'cancel_requested',
      'review_needed',
    ],
  ],
  [IN_FLIGHT, ['routing', 'confirmed', 'failed', 'canceled', 'expired', 'cancel_requested', 'review_needed']],
  [
    [...IN_FLIGHT, 'cancel_requested'],
    ['routing', 'confirmed', 'failed', 'canceled', 'expired', 'review_needed'],
  ],
  [
    [...IN_FLIGHT, 'review_needed'],
    ['routing', 'confirmed', 'failed', 'canceled', 'expired', 'cancel_requested', 'reviewed'],
  ],
  [
    [...IN_FLIGHT, 'confirmed'],
    ['finalized', 'reorged'],
  ],
  [[...IN_FLIGHT, 'confirmed', 'finalized'], []],
  [
    [...IN_FLIGHT, 'confirmed', 'reorged'],
    ['routing', 'confirmed', 'failed', 'canceled', 'expired', 'cancel_requested', 'review_needed'],
  ],
  [['failed'], []],
  [['canceled'], []],
  [['expired'], []],
];

const RESTING: OrderRequest = {
  ...REQUEST,
  type: 'limit',
  timeInForce: 'gtc',
  trigger: { limitPrice: '160' },
};

/** The same for an order that rests, after `pending` and `opened`. */
const NEXT_OF_RESTING: readonly (readonly [at: readonly Kind[], next: readonly Kind[]])[] = [
  [
    [],
    [
      ...['triggered', 'amended', 'routing', 'submitted', 'canceled', 'expired'],
      ...['cancel_requested', 'review_needed'],
    ] as Kind[],
  ],
  [
    ['triggered', 'routing'],
    [
      ...['opened', 'routing', 'waiting', 'building', 'submitted', 'failed', 'canceled', 'expired'],
      ...['cancel_requested', 'review_needed'],
    ] as Kind[],
  ],
  [
    ['triggered', ...IN_FLIGHT],
    [
      ...['opened', 'routing', 'confirmed', 'failed', 'canceled', 'expired'],
      ...['cancel_requested', 'review_needed'],
    ] as Kind[],
  ],
];

/** The kinds of events that the order's state allows. */
function mayFollow(order: Order): string[] {
  const allowed = Object.values(DRAFTS).filter((draft) => {
    try {
      appendEvents(order, [draft], toEpochMs(0));
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(IllegalTransition);
      return false;
    }
  });
  return allowed.map(({ type }) => type.slice('order.'.length)).sort();
}

describe('an event', () => {
  test.each(NEXT)('after pending %j: only %j may follow', (at, next) => {
    expect(mayFollow(after(...at))).toEqual([...next].sort());
  });

  test.each(NEXT_OF_RESTING)(
    'of an order that rests, after pending, opened %j: only %j may follow',
    (at, next) => {
      const drafts = at.map((kind) => DRAFTS[`order.${kind}`]);
      const { order } = appendEvents(newOrder(RESTING).order, drafts, REQUEST.createdAtMs);
      expect(mayFollow(order)).toEqual([...next].sort());
    },
  );

  test('with a wrong sequence is refused, and so is a log that does not begin with pending', () => {
    const { order, events } = newOrder(REQUEST);
    const [routing] = appendEvents(order, [DRAFTS['order.routing']], toEpochMs(0)).events;
    for (const sequence of [1, 3])
      expect(() => applyEvent(order, { ...routing!, sequence })).toThrow(IllegalTransition);
    expect(() => foldOrder(REQUEST, [{ ...routing!, sequence: 1 }])).toThrow(IllegalTransition);
    expect(foldOrder(REQUEST, [...events, routing!])).toMatchObject({ status: 'routing', sequence: 2 });
  });

  test.each(['routing', 'waiting'] as const)(
    '%s that leads to another status than it may is refused',
    (kind) => {
      const order = after('routing');
      const [event] = appendEvents(order, [DRAFTS[`order.${kind}`]], toEpochMs(0)).events;
      expect(() => applyEvent(order, { ...event!, status: 'failed' })).toThrow(IllegalTransition);
    },
  );

  test('gets the sequence after the last one, and a time that is not earlier', () => {
    const later = timeAfter(REQUEST.createdAtMs, 500);
    const first = appendEvents(newOrder(REQUEST).order, [DRAFTS['order.routing']], later);
    const second = appendEvents(first.order, [DRAFTS['order.building']], timeAfter(later, -400));
    expect(
      [...first.events, ...second.events].map(({ sequence, timestamp }) => [sequence, timestamp]),
    ).toEqual([
      [2, '2025-06-15T15:06:40.500Z'],
      [3, '2025-06-15T15:06:40.500Z'],
    ]);
    expect(second.order.updatedAtMs).toBe(later);
  });
});

describe('a new order', () => {
  const dataOf = (request: Partial<OrderRequest>, simulate?: { scenario: string; seed: string }) =>
    newOrder({ ...REQUEST, ...request }, simulate).events[0]!.data;

  test('has only its special terms in its event', () => {
    expect(dataOf({})).toEqual({});
    expect(dataOf({ heldUntilMs: timeAfter(REQUEST.createdAtMs, 1_000) })).toEqual({
      heldUntil: '2025-06-15T15:06:41.000Z',
    });
    expect(dataOf({ dialect: 'sniper' })).toEqual({ dialect: 'sniper' });
    const simulate = { scenario: 'drop', seed: '1' };
    expect(dataOf({}, simulate)).toEqual({ simulate });
  });

  test('is pending, without a route or an attempt', () => {
    expect(newOrder(REQUEST).order).toEqual({
      request: REQUEST,
      status: 'pending',
      sequence: 1,
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
      resting: null,
      updatedAtMs: REQUEST.createdAtMs,
    });
  });
});

describe('the row', () => {
  test('names the limit, the price and each venue of the route once', () => {
    expect(after('routing', 'building')).toMatchObject({
      tryNumber: 1,
      limitAmount: 148_500_000n,
      venue: 'raydium+meteora',
      quotedPrice: '150',
    });
  });

  test('has the confirmed fill, then the finalized one', () => {
    const fees = { networkLamports: 5_000n, rentLamports: 1_000_000n, rentRefundedLamports: 0n };
    const confirmed = after(...IN_FLIGHT, 'confirmed');
    expect(confirmed).toMatchObject({
      attemptNumber: 1,
      signature: 's',
      slot: 7n,
      executedPrice: '150.5',
      fill: { amountIn: 1_000_000_000n, amountOut: 150_500_000n, fees },
      finalized: false,
    });
    expect(after(...IN_FLIGHT, 'confirmed', 'finalized')).toEqual({
      ...confirmed,
      sequence: 6,
      fill: { amountIn: 1_000_000_000n, amountOut: 150_400_000n, fees },
      finalized: true,
    });
  });

  test.each([
    { network: '0', rent: '-0.00203928' }, // As earlier versions wrote it.
    { network: '0', rent: '0', rentRefunded: '0.00203928' },
  ])('keeps returned rent beside the paid rent: %j', (fees) => {
    const data = { ...FILL, fees };
    const { order } = appendEvents(after(...IN_FLIGHT), [{ type: 'order.confirmed', data }], toEpochMs(0));
    expect(order.fill?.fees).toEqual({
      networkLamports: 0n,
      rentLamports: 0n,
      rentRefundedLamports: 2_039_280n,
    });
  });

  test('loses its fill to a fork, and its mark when it lands again', () => {
    const reorged = after(...IN_FLIGHT, 'confirmed', 'reorged');
    expect(reorged).toMatchObject({
      status: 'submitted',
      reorged: true,
      slot: null,
      fill: null,
      executedPrice: null,
    });
    const again = appendEvents(reorged, [DRAFTS['order.confirmed']], toEpochMs(0)).order;
    expect(again).toMatchObject({ status: 'confirmed', reorged: false, slot: 7n });
  });

  test.each(['confirmed', 'failed', 'canceled', 'expired'] as const)(
    'needs no review and is no longer reorged once it is %s',
    (end) => {
      const order = { ...after(...IN_FLIGHT, 'confirmed', 'reorged', 'review_needed') };
      expect(order).toMatchObject({ needsReview: true, reorged: true });
      const ended = appendEvents(order, [DRAFTS[`order.${end}`]], toEpochMs(0)).order;
      expect(ended).toMatchObject({ status: end, needsReview: false, reorged: false });
    },
  );

  test('needs no more review when another try begins', () => {
    expect(after(...IN_FLIGHT, 'review_needed', 'routing').needsReview).toBe(false);
  });

  test('keeps its failure, and a requested cancel', () => {
    expect(after('failed').failure).toEqual({ code: 'no_route', reason });
    expect(after(...IN_FLIGHT, 'cancel_requested', 'confirmed').cancelRequested).toBe(true);
  });

  test('equals the fold of its events', () => {
    const first = newOrder(REQUEST);
    const drafts = [...IN_FLIGHT, 'confirmed', 'reorged', 'confirmed', 'finalized'] as const;
    const { order, events } = appendEvents(
      first.order,
      drafts.map((kind) => DRAFTS[`order.${kind}`]),
      timeAfter(REQUEST.createdAtMs, 9),
    );
    const all: OrderEvent[] = [...first.events, ...events];
    expect(foldOrder(REQUEST, all)).toEqual(order);
    expect(all.map(({ status }) => status)).toEqual([
      'pending',
      'routing',
      'building',
      'submitted',
      'confirmed',
      'submitted',
      'confirmed',
      'confirmed',
    ]);
  });
});
