import { z } from 'zod';
import { amountOutput } from './amount.ts';
import { waitCause } from './event-data.ts';
import { executionGuard, orderType, priceIn, priceSource, swapMode, timeInForce } from './submit-order.ts';

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
  type: orderType,
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
  limitPrice: amountOutput.nullable().describe('Worst price that it executes at, in the unit of priceIn'),
  stopPrice: amountOutput.nullable(),
  takeProfitPrice: amountOutput.nullable(),
  trailingBps: z.int().nullable(),
  priceIn: priceIn.nullable().describe('Unit of its prices; null of an order without prices'),
  priceSource: priceSource.nullable().describe('What its stop looks at; null without one'),
  confirmSlots: z.int().nullable().describe('In how many slots in a row its condition must hold'),
  timeInForce: timeInForce.nullable().describe('Null of a market order'),
  startAt: z.iso.datetime().nullable().describe('Nothing is judged or signed before this time'),
  stopFired: z.boolean().describe('stopLimit: its stop fired, and it waits for its limit'),
  firings: z.int().describe('How often its condition came to hold and its swap was tried'),
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
      cause: waitCause,
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
