import { z } from 'zod';
import { amountOutput } from './amount.ts';
import { order, orderStatus } from './order.ts';

/** An order as clients of the dialect `amountIn` read it, beside the canonical one; null where not known yet. */
export const dialectOrder = z.object({
  orderId: z.string(),
  tokenIn: z.string().describe('Symbol'),
  tokenOut: z.string().describe('Symbol'),
  amountIn: amountOutput.nullable(),
  slippageTolerance: z
    .number()
    .nullable()
    .describe('Percent: 0.5 is 0.5 %; null where the engine chooses it'),
  minAmountOut: amountOutput.nullable().describe('Your own minimum output, as submitted'),
  status: orderStatus,
  dexType: z.string().nullable().describe('Exchanges of the route, joined by "+"'),
  executedPrice: z.string().nullable().describe('tokenOut per tokenIn of the fill'),
  txHash: z.string().nullable(),
  errorReason: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export type DialectOrder = z.infer<typeof dialectOrder>;

const success = z.literal(true).optional();

/** Answer of GET /api/orders/{orderId}: an order that was submitted in the dialect `amountIn` is there in both shapes. */
export const orderAnswer = order.extend({ success, order: dialectOrder.optional() });

/** Answer of GET /api/orders: a page without `cursor` has its orders in both shapes. */
export const orderPage = z.object({
  data: z.array(order),
  nextCursor: z.string().nullable().describe('Pass it as cursor; null: the last page'),
  success,
  orders: z.array(dialectOrder).optional().describe('The same orders for clients of the dialect amountIn'),
  count: z.int().optional().describe('Number of orders on this page'),
});

/** Answer of POST /api/orders/execute: which fields it has depends on the dialect, docs/coming-from.md. */
export const executeAnswer = z.object({
  orderId: z.string().optional(),
  order_id: z.string().optional(),
  status: orderStatus.optional(),
  message: z.string().optional(),
  success,
  order: dialectOrder.optional(),
  wsUrl: z.string().optional(),
});
