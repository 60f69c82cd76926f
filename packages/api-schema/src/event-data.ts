import { z } from 'zod';
import { amountOutput } from './amount.ts';
import { executionGuard, priceSource } from './submit-order.ts';

const timestamp = z.iso.datetime();
const bps = z.int();
const symbol = z.string().describe('Symbol');
const text = z.string();
const ms = z.number().describe('Milliseconds');

/** Why a try or an order did not execute; docs/order-lifecycle.md says what each code means. */
export const failure = z.object({
  code: z.enum([
    'no_route',
    'price_moved',
    'min_amount_out_not_met',
    'max_amount_in_exceeded',
    'price_impact_too_high',
    'insufficient_funds',
    'slippage_exceeded',
    'simulation_failed',
    'transaction_reverted',
    'attempt_expired',
    'offer_not_built',
    'policy_refused',
    'chain_unavailable',
    'transaction_too_large',
    'receipt_exists',
    'not_landed',
    'internal_error',
  ]),
  reason: text.describe('One sentence with its figures'),
  priceMove: z
    .object({ movedBps: bps.exactOptional(), allowedBps: bps })
    .exactOptional()
    .describe('Where the price moved beyond the tolerance'),
});

/** What keeps an order from going on, where that is not the market. */
export const waitCause = z.enum([
  'engine_late',
  'venues_unavailable',
  'market_data_old',
  'chain_unavailable',
]);

const limitFields = {
  minAmountOut: amountOutput.exactOptional(),
  maxAmountIn: amountOutput.exactOptional(),
  wholeMinAmountOut: amountOutput
    .exactOptional()
    .describe('partialFill: what the whole amountIn would have to bring; minAmountOut is its share'),
};

const leg = z.object({
  venue: text,
  pool: text,
  poolKind: text,
  tokenIn: symbol,
  tokenOut: symbol,
  amountIn: amountOutput,
  amountOut: amountOutput,
  fee: amountOutput.nullable().describe('Null where the venue does not tell it'),
  feeToken: symbol,
});

const offered = {
  venue: text,
  pool: text,
  amountIn: amountOutput,
  amountOut: amountOutput,
  spotAmount: amountOutput
    .exactOptional()
    .describe('The other side of the swap at the current price after fees, without price impact'),
  priceImpactBps: bps,
  behindBestBps: text.describe('Distance to the chosen quote in basis points, with two decimals'),
  legs: z
    .array(leg)
    .exactOptional()
    .describe('Absent in events of versions without routes: one pool of `venue`'),
  reason: text,
  slot: text.describe('Of the accounts behind the quote'),
  slotsBehind: z.number().exactOptional().describe('Age of those accounts, in slots'),
  ageMs: ms.nullable().exactOptional().describe('Age of those accounts; null where the venue does not say'),
  answerMs: ms,
};

const candidate = z.discriminatedUnion('outcome', [
  z.object({ ...offered, outcome: z.enum(['chosen', 'lost']) }),
  z.object({
    venue: text,
    pool: text.nullable(),
    outcome: z.literal('unavailable'),
    code: z.enum([
      'no_pool',
      'refused_by_pool',
      'timeout',
      'unavailable',
      'chain_unavailable',
      'engine_late',
      'not_asked',
      'not_awaited',
      'unsupported',
      'too_large',
      'stale',
      'sidelined',
      'left_out',
      'price_impact',
      'below_floor',
    ]),
    reason: text,
    answerMs: ms,
  }),
]);

const fill = z.object({
  signature: text,
  slot: text,
  amountIn: amountOutput,
  amountOut: amountOutput,
  executedPrice: text.describe('tokenOut per tokenIn'),
  unfilledAmountIn: amountOutput
    .exactOptional()
    .describe('partialFill: what of the amountIn that was asked for was not spent'),
  fees: z
    .object({ network: text, rent: text, rentRefunded: text.exactOptional() })
    .describe('In SOL. Events of versions without rentRefunded show a refund as negative rent'),
  dust: z
    .array(z.object({ token: symbol, amount: amountOutput }))
    .exactOptional()
    .describe('What a route over other tokens left in the wallet'),
});

const reason = z.object({ reason: text });

/** What each event carries. A field that a later version added is absent in older events, and optional here. */
export const EVENT_DATA = {
  'order.pending': z.object({
    expiresAt: timestamp.exactOptional(),
    heldUntil: timestamp
      .exactOptional()
      .describe('The order starts when its stream connects, or expires then'),
    dialect: text.exactOptional(),
    simulate: z.object({ scenario: text, seed: text }).exactOptional(),
  }),
  'order.opened': z.object({
    cause: failure.exactOptional().describe('Why its firing came to nothing; absent when it was accepted'),
    pausedUntil: timestamp.exactOptional().describe('It is not judged before'),
  }),
  'order.triggered': z.object({
    by: z.enum(['limitPrice', 'stopPrice', 'takeProfitPrice', 'trailingBps', 'startAt']),
    firing: z
      .int()
      .exactOptional()
      .describe('Counts the firings; absent where a stopLimit now waits for its limit'),
    price: text.exactOptional().describe('tokenOut per tokenIn, at zero size after fees'),
    source: priceSource.exactOptional(),
    slot: text.exactOptional().describe('Of the accounts behind the price'),
  }),
  'order.amended': z.object({
    limitPrice: text.exactOptional(),
    stopPrice: text.exactOptional(),
    takeProfitPrice: text.exactOptional(),
    trailingBps: z.int().exactOptional(),
    amountIn: amountOutput.exactOptional(),
    amountOut: amountOutput.exactOptional(),
    minAmountOut: amountOutput
      .exactOptional()
      .describe('The floor that follows from limitPrice and amountIn'),
    maxAmountIn: amountOutput
      .exactOptional()
      .describe('The ceiling that follows from limitPrice and amountOut'),
    timeInForce: z.enum(['gtc', 'gtd']).exactOptional(),
    expiresAt: timestamp.exactOptional(),
  }),
  'order.routing': z.object({
    try: z.int(),
    backoffMs: ms.exactOptional(),
    cause: failure.exactOptional().describe('Why the try before came to nothing'),
    interrupted: z.literal(true).exactOptional().describe('The try starts over with nothing in flight'),
    leftOut: z.array(text).exactOptional().describe('Venues whose offers came to nothing in earlier tries'),
    limit: z.object(limitFields).exactOptional(),
  }),
  'order.waiting': z.object({ cause: waitCause, reason: text, since: timestamp, until: timestamp }),
  'order.building': z.object({
    ...limitFields,
    quotes: z.array(candidate),
    route: z.object({ amountIn: amountOutput, amountOut: amountOutput, legs: z.array(leg) }),
    autoSlippage: z.object({ bps, reason: text }).exactOptional(),
    quotedPrice: text.describe('tokenOut per tokenIn'),
    quotesMs: ms,
  }),
  'order.submitted': z.object({
    attemptNumber: z.int(),
    signature: text,
    lastValidBlockHeight: text,
    executionGuard: executionGuard.exactOptional(),
    guardFallback: text.exactOptional().describe('Why the attempt has no receipt'),
    computeUnits: z
      .object({
        source: z.literal('table'),
        units: z.int().describe('The most that earlier swaps like it used'),
        samples: z.int().describe('Number of those swaps'),
        ageMs: ms.describe('Age of the last one'),
        limit: z.int().exactOptional().describe('What the transaction may use: `units` with a margin'),
      })
      .exactOptional()
      .describe('The swap was not rehearsed'),
    recovered: z.literal(true).exactOptional().describe('The database had lost it; the chain had it'),
  }),
  'order.confirmed': fill,
  'order.failed': failure,
  'order.canceled': reason,
  'order.expired': reason,
  'order.cancel_requested': z.object({}),
  'order.review_needed': reason,
  'order.reviewed': z.object({ decision: z.enum(['notLanded', 'landed']), operator: text, evidence: text }),
  'order.finalized': fill.extend({
    corrects: z
      .array(text)
      .exactOptional()
      .describe('Fields of the fill whose values in order.confirmed were wrong'),
  }),
  'order.reorged': z.object({ signature: text, slot: text }),
};

/** The data of each type of event, as clients read it. */
export type WireEventData = {
  readonly [T in keyof typeof EVENT_DATA]: z.output<(typeof EVENT_DATA)[T]>;
};
