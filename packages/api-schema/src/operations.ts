import { z } from 'zod';
import { amendOrderBody } from './amend-order.ts';
import { AMOUNT_HINT } from './amount.ts';
import {
  alive,
  canceledOrders,
  eventPage,
  explanation,
  poolPage,
  priceList,
  quote,
  readiness,
  tokenPage,
  venuePage,
  walletPage,
} from './answers.ts';
import { executeAnswer, orderAnswer, orderPage } from './dialect-order.ts';
import { executeOrderBody } from './execute-order.ts';
import { hinted } from './hints.ts';
import { order } from './order.ts';
import type { ProblemCode } from './problem.ts';
import { after, limit, pairs, queryText, statuses, wholeNumber } from './query-fields.ts';
import { reviewOrderBody } from './review-order.ts';
import { CLIENT_ORDER_ID_HINT, submitOrderBody, swapMode, TOKEN_HINT, tokenInput } from './submit-order.ts';

/**
 * One request of the HTTP interface: its input, its answers, and its specific refusals. The engine serves the route from
 * this entry, and every document about the route is made from it.
 */
export interface Operation {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** With parameters in braces. */
  readonly path: string;
  readonly summary: string;
  /** Takes texts, as an address has them, and gives what they mean. Without one, parameters are ignored. */
  readonly query?: z.ZodObject;
  readonly headers?: Readonly<Record<string, z.ZodType>>;
  readonly body?: z.ZodType;
  /** By status. */
  readonly answers: Readonly<Record<number, { readonly meaning: string; readonly body?: z.ZodType }>>;
  readonly problems?: readonly ProblemCode[];
  /** Answers without a key. */
  readonly isOpen?: true;
  /** What its key must be allowed to do. No key has scopes yet, so no operation can name one. */
  readonly scope?: never;
}

const MARKET_PROBLEMS = [
  'unknown_token',
  'same_token',
  'no_pool',
  'invalid_amount',
  'too_many_decimals',
  'amount_out_of_range',
] as const;

const text = queryText.optional();
const amount = hinted(z.string().max(64).optional(), AMOUNT_HINT);
/** Visible ASCII characters. */
export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/);
const submitHeaders = {
  'Idempotency-Key': idempotencyKey
    .optional()
    .describe('The same key and body give the same order; another body is refused'),
};
const ALIVE = {
  method: 'get',
  summary: 'Whether the process answers',
  answers: { 200: { meaning: 'It does', body: alive } },
  isOpen: true,
} as const;

/** Every request of the HTTP interface, by the name that the OpenAPI document gives it. */
export const OPERATIONS = {
  submitOrder: {
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
  listOrders: {
    method: 'get',
    path: '/api/orders',
    summary: 'List orders, newest first',
    query: z.strictObject({
      status: statuses.optional().describe('One or more, separated by commas'),
      tokenIn: hinted(queryText.optional(), TOKEN_HINT),
      tokenOut: hinted(queryText.optional(), TOKEN_HINT),
      clientOrderId: hinted(queryText.optional(), CLIENT_ORDER_ID_HINT),
      needsReview: hinted(
        queryText.pipe(z.literal('true', 'needsReview can only be true.')).optional(),
        'Send needsReview=true, or leave it out for all orders.',
      ),
      limit: limit(200).default(50),
      cursor: text.describe('nextCursor of the page before'),
      offset: wholeNumber({
        least: 0,
        most: 10_000,
        error: 'offset must be a whole number from 0 to 10000.',
        hint: 'Page with the cursor to go further.',
      })
        .default(0)
        .describe('Number of newest orders to skip, for clients of the dialect amountIn'),
    }),
    answers: { 200: { meaning: 'A page', body: orderPage } },
    problems: ['invalid_request', 'invalid_cursor', 'unknown_token'],
  },
  getOrder: {
    method: 'get',
    path: '/api/orders/{orderId}',
    summary: 'Read an order',
    answers: { 200: { meaning: 'The order', body: orderAnswer } },
    problems: ['invalid_id', 'order_not_found', 'order_departed'],
  },
  amendOrder: {
    method: 'patch',
    path: '/api/orders/{orderId}',
    summary: 'Change an order that rests',
    headers: {
      'If-Match': text.describe(
        'ETag of the order as an answer gave it: refused if the order has changed since',
      ),
    },
    body: amendOrderBody,
    answers: { 200: { meaning: 'Amended', body: order } },
    problems: [
      'invalid_id',
      'invalid_json',
      'invalid_request',
      'body_too_large',
      'unsupported_media_type',
      'order_not_found',
      'order_departed',
      'order_not_open',
      'order_changed',
      'not_amendable',
      'invalid_price',
      'invalid_amount',
      'too_many_decimals',
      'amount_out_of_range',
      'already_expired',
    ],
  },
  cancelOrders: {
    method: 'delete',
    path: '/api/orders',
    summary: 'Cancel all orders that fit',
    query: z.strictObject({
      all: hinted(
        queryText.pipe(z.literal('true', 'all can only be true.')).optional(),
        'Send all=true to cancel every order, or a filter.',
      ),
      status: statuses.optional().describe('One or more, separated by commas'),
      tokenIn: hinted(queryText.optional(), TOKEN_HINT),
      tokenOut: hinted(queryText.optional(), TOKEN_HINT),
    }),
    answers: { 200: { meaning: 'How many were canceled', body: canceledOrders } },
    problems: ['invalid_request', 'unknown_token'],
  },
  cancelOrder: {
    method: 'delete',
    path: '/api/orders/{orderId}',
    summary: 'Cancel an order',
    answers: {
      200: { meaning: 'Canceled', body: order },
      202: { meaning: 'A transaction is in flight: the chain decides', body: order },
    },
    problems: ['invalid_id', 'order_not_found', 'order_departed', 'order_is_over'],
  },
  reviewOrder: {
    method: 'post',
    path: '/api/orders/{orderId}/review',
    summary: 'Resolve an order whose outcome cannot be proven on chain',
    body: reviewOrderBody,
    answers: { 200: { meaning: 'The order as decided', body: order } },
    problems: [
      'invalid_id',
      'invalid_request',
      'order_not_found',
      'order_departed',
      'review_not_possible',
      'invalid_amount',
    ],
  },
  listEvents: {
    method: 'get',
    path: '/api/orders/{orderId}/events',
    summary: "The order's log; with Accept: text/event-stream as server-sent events",
    query: z.strictObject({
      after: after.default(0).describe('Only events after this sequence'),
      limit: limit(500).default(500),
    }),
    headers: {
      'Last-Event-ID': text.describe('Like after, sent by browsers that resume; the greater value applies'),
    },
    answers: {
      200: { meaning: 'Events in order', body: eventPage },
      204: { meaning: 'Server-sent events only: the terminal event has been seen, so nothing follows' },
    },
    problems: ['invalid_id', 'invalid_request', 'order_not_found', 'order_departed'],
  },
  explainOrder: {
    method: 'get',
    path: '/api/orders/{orderId}/explain',
    summary: 'Why the engine chose this route, and what caused the difference',
    answers: { 200: { meaning: 'Made of the log alone', body: explanation } },
    problems: ['invalid_id', 'order_not_found', 'order_departed'],
  },
  executeOrder: {
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
  getQuote: {
    method: 'get',
    path: '/api/quotes',
    summary: 'Current offers of all venues, compared',
    query: z.strictObject({
      tokenIn: tokenInput,
      tokenOut: tokenInput,
      amountIn: amount.describe('This or amountOut'),
      amountOut: amount,
      swapMode: swapMode.optional().describe('partialFill with amountIn; otherwise as the amount says'),
      explain: z.enum(['0', '1']).optional().describe('1 adds legs and the best single venue'),
    }),
    answers: { 200: { meaning: 'The best route and all candidates', body: quote } },
    problems: ['invalid_request', ...MARKET_PROBLEMS],
  },
  listPrices: {
    method: 'get',
    path: '/api/prices',
    summary: 'Prices of pairs at zero size, from the pools of the engine',
    query: z.strictObject({
      tokenIn: tokenInput.optional().describe('With tokenOut: one pair'),
      tokenOut: tokenInput.optional(),
      pairs: pairs.optional().describe('Several pairs, such as SOL/USDC,JUP/USDC; 20 at most'),
    }),
    answers: { 200: { meaning: 'One price for each pair, in their order', body: priceList } },
    problems: ['invalid_request', 'unknown_token', 'same_token', 'no_pool', 'chain_unavailable'],
  },
  listTokens: {
    method: 'get',
    path: '/api/tokens',
    summary: 'Tradable tokens',
    answers: { 200: { meaning: 'All of them', body: tokenPage } },
  },
  listPools: {
    method: 'get',
    path: '/api/pools',
    summary: 'Pools that orders can use',
    answers: { 200: { meaning: 'All of them', body: poolPage } },
  },
  listVenues: {
    method: 'get',
    path: '/api/venues',
    summary: 'How each venue answers',
    answers: { 200: { meaning: 'All of them', body: venuePage } },
  },
  listWallets: {
    method: 'get',
    path: '/api/wallets',
    summary: 'What the wallet holds',
    answers: { 200: { meaning: 'The wallet that signs', body: walletPage } },
    problems: ['chain_unavailable'],
  },
  getHealth: { ...ALIVE, path: '/health' },
  getLiveness: { ...ALIVE, path: '/livez' },
  getReadiness: {
    method: 'get',
    path: '/readyz',
    summary: 'Whether orders can be executed now',
    answers: {
      200: { meaning: 'They can', body: readiness },
      503: { meaning: 'They cannot: one of the checks is not ok', body: readiness },
    },
    isOpen: true,
  },
  getOpenApi: {
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    answers: { 200: { meaning: 'OpenAPI 3.1', body: z.record(z.string(), z.unknown()) } },
  },
  getAsyncApi: {
    method: 'get',
    path: '/asyncapi.json',
    summary: 'The streams, as a document of their own',
    answers: { 200: { meaning: 'AsyncAPI 3.0', body: z.record(z.string(), z.unknown()) } },
  },
} as const satisfies Readonly<Record<string, Operation>>;

/** Every operation with its name. */
export const operations = (): readonly (Operation & { readonly id: string })[] =>
  Object.entries<Operation>(OPERATIONS).map(([id, operation]) => ({ id, ...operation }));
