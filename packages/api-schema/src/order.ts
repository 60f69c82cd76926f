import { z } from 'zod';
import { amountOutput } from './amount.ts';
import { executionGuard, swapMode } from './submit-order.ts';

export const orderStatus = z.enum([
  'pending',
  'open',
  'routing',
  'building',
  'submitted',
  'confirmed',
  'failed',
  'canceled',
  'expired',
]);

/** An order as REST shows it; null where not known yet. */
export const order = z.object({
  orderId: z.string(),
  clientOrderId: z.string().nullable(),
  type: z.literal('market'),
  status: orderStatus,
  tokenIn: z.string().describe('Symbol'),
  tokenOut: z.string().describe('Symbol'),
  mintIn: z.string(),
  mintOut: z.string(),
  swapMode,
  amountIn: amountOutput.nullable().describe('Requested amount (not exactOut), later the spent amount'),
  amountOut: amountOutput.nullable().describe('Requested amount (exactOut), later the received amount'),
  unfilledAmountIn: amountOutput
    .nullable()
    .describe('partialFill: the unspent part of the requested input, once filled; null for other modes'),
  minAmountOut: amountOutput
    .nullable()
    .describe(
      'Floor that the chain enforces, of a partialFill for the whole amountIn and in proportion for a part; before the first quote your own',
    ),
  maxAmountIn: amountOutput
    .nullable()
    .describe('Maximum input that the chain enforces; before the first quote your own limit'),
  slippageBps: z
    .union([z.int(), z.literal('auto')])
    .describe('Tolerance against the first quote; auto: chosen with it, see the order.building event'),
  maxPriceImpactBps: z
    .int()
    .nullable()
    .describe("The order's own maximum price impact in basis points; null for the engine's"),
  executionGuard: executionGuard.describe(
    'strict: the chain itself lets at most one transaction of the order land',
  ),
  venue: z.string().nullable(),
  quotedPrice: z.string().nullable().describe('tokenOut per tokenIn of the current route'),
  executedPrice: z.string().nullable().describe('tokenOut per tokenIn of the fill'),
  signature: z.string().nullable(),
  slot: z.int().nullable(),
  fees: z
    .object({ network: z.string(), rent: z.string(), rentRefunded: z.string() })
    .nullable()
    .describe(
      'In SOL, none negative: network fee, rent left in new accounts, and what came back beside the swap',
    ),
  failure: z.object({ code: z.string(), reason: z.string() }).nullable(),
  cancelRequested: z
    .boolean()
    .describe(
      'A cancel came while a transaction was in flight; the chain decides, then confirmed or canceled',
    ),
  needsReview: z
    .boolean()
    .describe(
      "No node's history shows what became of it; a person must decide: POST /api/orders/{orderId}/review",
    ),
  reconciling: z.boolean().describe('Submitted for unusually long: only the chain can decide the outcome'),
  waiting: z
    .object({
      cause: z.enum(['engine_late', 'venues_unavailable', 'market_data_old', 'chain_unavailable']),
      since: z.iso.datetime(),
    })
    .nullable()
    .describe(
      'What keeps the order from going on, where that is not the market, and since when; null otherwise',
    ),
  finalized: z.boolean(),
  expiresAt: z.iso
    .datetime()
    .nullable()
    .describe('The engine signs no transaction for the order from this time on'),
  sequence: z.int().describe('Sequence of the last event'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export type WireOrder = z.infer<typeof order>;

/** One fact about an order: the same object in streams, REST and the log. */
export const orderEvent = z.object({
  orderId: z.string(),
  sequence: z.int(),
  type: z.enum([
    'order.pending',
    'order.routing',
    'order.waiting',
    'order.building',
    'order.submitted',
    'order.confirmed',
    'order.failed',
    'order.canceled',
    'order.expired',
    'order.cancel_requested',
    'order.review_needed',
    'order.reviewed',
    'order.finalized',
    'order.reorged',
  ]),
  status: orderStatus,
  timestamp: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
});

/** A frame of the account's stream: an event and its place there. */
export const accountEvent = orderEvent.extend({
  position: z.int().describe("Place in the account's stream, from 1 without a gap"),
});

/** The first frame of the account's stream: events after this position follow. */
export const streamOpened = z.object({ type: z.literal('stream.opened'), position: z.int() });

export type WireOrderEvent = z.infer<typeof orderEvent>;
