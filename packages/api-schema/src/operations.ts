import { z } from 'zod';
import {
  alive,
  eventPage,
  explanation,
  poolPage,
  quote,
  readiness,
  tokenPage,
  venuePage,
  walletPage,
} from './answers.ts';
import { executeAnswer, orderAnswer, orderPage } from './dialect-order.ts';
import { executeOrderBody } from './execute-order.ts';
import { order } from './order.ts';
import type { ProblemCode } from './problem.ts';
import { reviewOrderBody } from './review-order.ts';
import { submitOrderBody, swapMode } from './submit-order.ts';

/** One request of the HTTP interface: its input, its answers, and its specific refusals. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'delete';
  /** With parameters in braces. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Readonly<Record<string, z.ZodType>>;
  readonly headers?: Readonly<Record<string, z.ZodType>>;
  readonly body?: z.ZodType;
  /** By status. */
  readonly answers: Readonly<Record<number, { readonly meaning: string; readonly body?: z.ZodType }>>;
  readonly problems?: readonly ProblemCode[];
  /** Answers without a key. */
  readonly isOpen?: true;
}

const MARKET_PROBLEMS = [
  'unknown_token',
  'same_token',
  'no_pool',
  'invalid_amount',
  'too_many_decimals',
  'amount_out_of_range',
] as const;

const limit = (most: number) => z.int().min(1).max(most).optional();
const text = z.string().optional();
const sequence = z.int().min(0).optional().describe('Only events after this sequence');
const submitHeaders = {
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .describe('The same key and body give the same order; another body is refused'),
};

export const OPERATIONS: readonly Operation[] = [
  {
    id: 'submitOrder',
    method: 'post',
    path: '/api/orders',
    summary: 'Submit an order',
    headers: {
      ...submitHeaders,
      Prefer: text.describe('wait=N answers when the order is over, or after N seconds, 30 at most'),
    },
    body: submitOrderBody,
    answers: {
      201: { meaning: 'Accepted and durable', body: order },
      200: { meaning: 'Submitted before under the same key', body: order },
    },
    problems: [
      'invalid_json',
      'invalid_request',
      'body_too_large',
      'unsupported_media_type',
      'too_busy',
      'client_order_id_taken',
      'idempotency_key_reused',
      'scenarios_unavailable',
      ...MARKET_PROBLEMS,
    ],
  },
  {
    id: 'listOrders',
    method: 'get',
    path: '/api/orders',
    summary: 'List orders, newest first',
    query: {
      status: text.describe('One or more, separated by commas'),
      tokenIn: text,
      tokenOut: text,
      clientOrderId: text,
      needsReview: z.literal('true').optional(),
      limit: limit(200),
      cursor: text.describe('nextCursor of the page before'),
      offset: z
        .int()
        .min(0)
        .max(10_000)
        .optional()
        .describe('Number of newest orders to skip, for clients of the dialect amountIn'),
    },
    answers: { 200: { meaning: 'A page', body: orderPage } },
    problems: ['invalid_request', 'invalid_cursor', 'unknown_token'],
  },
  {
    id: 'getOrder',
    method: 'get',
    path: '/api/orders/{orderId}',
    summary: 'Read an order',
    answers: { 200: { meaning: 'The order', body: orderAnswer } },
    problems: ['invalid_id', 'order_not_found'],
  },
  {
    id: 'cancelOrder',
    method: 'delete',
    path: '/api/orders/{orderId}',
    summary: 'Cancel an order',
    answers: {
      200: { meaning: 'Canceled', body: order },
      202: { meaning: 'A transaction is in flight: the chain decides', body: order },
    },
    problems: ['invalid_id', 'order_not_found', 'order_is_over'],
  },
  {
    id: 'reviewOrder',
    method: 'post',
    path: '/api/orders/{orderId}/review',
    summary: 'Resolve an order whose outcome cannot be proven on chain',
    body: reviewOrderBody,
    answers: { 200: { meaning: 'The order as decided', body: order } },
    problems: ['invalid_id', 'invalid_request', 'order_not_found', 'review_not_possible', 'invalid_amount'],
  },
  {
    id: 'listEvents',
    method: 'get',
    path: '/api/orders/{orderId}/events',
    summary: "The order's log; with Accept: text/event-stream as server-sent events",
    query: { after: sequence, limit: limit(500) },
    headers: {
      'Last-Event-ID': text.describe('Like after, sent by browsers that resume; the greater value applies'),
    },
    answers: {
      200: { meaning: 'Events in order', body: eventPage },
      204: { meaning: 'Server-sent events only: the terminal event has been seen, so nothing follows' },
    },
    problems: ['invalid_id', 'invalid_request', 'order_not_found'],
  },
  {
    id: 'explainOrder',
    method: 'get',
    path: '/api/orders/{orderId}/explain',
    summary: 'Why the engine chose this route, and what caused the difference',
    answers: { 200: { meaning: 'Made of the log alone', body: explanation } },
    problems: ['invalid_id', 'order_not_found'],
  },
  {
    id: 'executeOrder',
    method: 'post',
    path: '/api/orders/execute',
    summary: 'Submit an order as clients of other engines do',
    headers: submitHeaders,
    body: executeOrderBody,
    answers: {
      200: { meaning: 'Accepted and durable', body: executeAnswer },
      201: { meaning: 'The same, in the dialect amountIn', body: executeAnswer },
    },
    problems: [
      'invalid_json',
      'invalid_request',
      'body_too_large',
      'unsupported_media_type',
      'too_busy',
      'idempotency_key_reused',
      ...MARKET_PROBLEMS,
    ],
  },
  {
    id: 'getQuote',
    method: 'get',
    path: '/api/quotes',
    summary: 'Current offers of all venues, compared',
    query: {
      tokenIn: z.string(),
      tokenOut: z.string(),
      amountIn: text.describe('This or amountOut'),
      amountOut: text,
      swapMode: swapMode.optional().describe('partialFill with amountIn; otherwise as the amount says'),
      explain: z.enum(['0', '1']).optional().describe('1 adds legs and the best single venue'),
    },
    answers: { 200: { meaning: 'The best route and all candidates', body: quote } },
    problems: ['invalid_request', ...MARKET_PROBLEMS],
  },
  {
    id: 'listTokens',
    method: 'get',
    path: '/api/tokens',
    summary: 'Tradable tokens',
    answers: { 200: { meaning: 'All of them', body: tokenPage } },
  },
  {
    id: 'listPools',
    method: 'get',
    path: '/api/pools',
    summary: 'Pools that orders can use',
    answers: { 200: { meaning: 'All of them', body: poolPage } },
  },
  {
    id: 'listVenues',
    method: 'get',
    path: '/api/venues',
    summary: 'How each venue answers',
    answers: { 200: { meaning: 'All of them', body: venuePage } },
  },
  {
    id: 'listWallets',
    method: 'get',
    path: '/api/wallets',
    summary: 'What the wallet holds',
    answers: { 200: { meaning: 'The wallet that signs', body: walletPage } },
    problems: ['chain_unavailable'],
  },
  ...(['/health', '/livez'] as const).map(
    (path): Operation => ({
      id: path === '/health' ? 'getHealth' : 'getLiveness',
      method: 'get',
      path,
      summary: 'Whether the process answers',
      answers: { 200: { meaning: 'It does', body: alive } },
      isOpen: true,
    }),
  ),
  {
    id: 'getReadiness',
    method: 'get',
    path: '/readyz',
    summary: 'Whether orders can be executed now',
    answers: {
      200: { meaning: 'They can', body: readiness },
      503: { meaning: 'They cannot: one of the checks is not ok', body: readiness },
    },
    isOpen: true,
  },
  {
    id: 'getOpenApi',
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    answers: { 200: { meaning: 'OpenAPI 3.1', body: z.record(z.string(), z.unknown()) } },
  },
  {
    id: 'getAsyncApi',
    method: 'get',
    path: '/asyncapi.json',
    summary: 'The streams, as a document of their own',
    answers: { 200: { meaning: 'AsyncAPI 3.0', body: z.record(z.string(), z.unknown()) } },
  },
];
