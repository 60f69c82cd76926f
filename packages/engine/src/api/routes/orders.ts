import type { FastifyInstance } from 'fastify';
import { ORDER_STATUSES, type OrderStatus } from '../../domain/order-status.ts';
import type { Engine } from '../../execution/engine.ts';
import { findToken } from '../../execution/market/find-token.ts';
import { hasSeenTheEnd } from '../../execution/streams/watch-order.ts';
import { withDialectMembers } from '../dialects/problem-in-dialect.ts';
import { dialectPage, withDialectFields } from '../dialects/reads.ts';
import { createErrorHandler, ProblemError } from '../problems.ts';
import {
  readAfter,
  requireCursor,
  requireLimit,
  requireOffset,
  requireOrderId,
  toCursor,
} from '../read-params.ts';
import { type StreamOptions, streamServerSentEvents } from '../streams/server-sent-events.ts';
import { toWireOrder } from '../wire.ts';
import { ACCOUNT } from './submit.ts';

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
const MAX_OFFSET = 10_000;
const MAX_EVENTS_PAGE = 500;

interface ListQuery {
  status?: string;
  tokenIn?: string;
  tokenOut?: string;
  clientOrderId?: string;
  needsReview?: string;
  limit?: string;
  cursor?: string;
  offset?: string;
}

const stringFields = (...names: string[]) => ({
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string', maxLength: 300 }])),
});

/** Orders and their logs from the store. */
export function serveOrders(app: FastifyInstance, engine: Engine, streams: StreamOptions): void {
  const errorHandler = createErrorHandler(engine.log, (problem) => withDialectMembers(problem));
  app.get<{ Querystring: ListQuery }>(
    '/api/orders',
    {
      errorHandler,
      schema: {
        querystring: stringFields(
          'status',
          'tokenIn',
          'tokenOut',
          'clientOrderId',
          'needsReview',
          'limit',
          'cursor',
          'offset',
        ),
      },
    },
    async ({ query }) => {
      const limit = requireLimit(query.limit, DEFAULT_PAGE, MAX_PAGE);
      const before = requireCursor(query.cursor);
      const offset = query.offset === undefined ? 0 : requireOffset(query.offset, MAX_OFFSET);
      const statuses = query.status === undefined ? undefined : requireStatuses(query.status);
      // One more than asked for tells whether there is a next page.
      const orders = await engine.orders.list({
        accountId: ACCOUNT,
        limit: limit + 1,
        offset,
        ...(statuses && { statuses }),
        ...(query.tokenIn !== undefined && { mintIn: await mintOf(engine, 'tokenIn', query.tokenIn) }),
        ...(query.tokenOut !== undefined && { mintOut: await mintOf(engine, 'tokenOut', query.tokenOut) }),
        ...(query.clientOrderId !== undefined && { clientOrderId: query.clientOrderId }),
        ...(requireNeedsReview(query.needsReview) && { needsReview: true as const }),
        ...(before && { before }),
      });
      const page = orders.slice(0, limit);
      const last = page.at(-1);
      return {
        data: page.map((order) => toWireOrder(order, engine.clock.now())),
        nextCursor: orders.length > limit && last ? toCursor(last.request.orderId) : null,
        ...(before === undefined && dialectPage(page)),
      };
    },
  );

  app.get<{ Params: { orderId: string } }>('/api/orders/:orderId', { errorHandler }, async ({ params }) => {
    const order = await engine.orders.get(requireOrderId(params.orderId));
    if (!order) throw new ProblemError('order_not_found', { detail: `No order ${params.orderId}.` });
    return withDialectFields(order, toWireOrder(order, engine.clock.now()));
  });

  app.get<{ Params: { orderId: string }; Querystring: { after?: string; limit?: string } }>(
    '/api/orders/:orderId/events',
    { schema: { querystring: stringFields('after', 'limit') } },
    async (request, reply) => {
      const { params, query, headers } = request;
      const orderId = requireOrderId(params.orderId);
      const after = readStart(query.after, headers['last-event-id']);
      if (after === undefined)
        throw new ProblemError('invalid_request', {
          detail: 'after must be a whole number.',
          field: 'after',
          hint: 'Send the sequence of the last event that you have; 0 for all.',
        });
      const limit = requireLimit(query.limit, MAX_EVENTS_PAGE, MAX_EVENTS_PAGE);
      const order = await engine.orders.get(orderId);
      if (!order) throw new ProblemError('order_not_found', { detail: `No order ${orderId}.` });
      if (after > order.sequence)
        throw new ProblemError('invalid_request', {
          detail: `after is beyond the last event, ${order.sequence}.`,
          field: 'after',
          hint: 'Send the sequence of the last event that you have of this order; 0 for all.',
        });
      if (headers.accept?.includes('text/event-stream') && (await hasSeenTheEnd(engine, order, after)))
        return reply.code(204).send(); // A browser reconnects for ever after anything else.
      if (headers.accept?.includes('text/event-stream'))
        return streamServerSentEvents(engine, { orderId, after, reply, ...streams });
      const events = await engine.orders.events(orderId, after, limit);
      return { data: events, lastSequence: events.at(-1)?.sequence ?? after };
    },
  );
}

/** A browser that resumes repeats the address that it began with, `after` included, and adds the id that it has come to. */
function readStart(after: string | undefined, resume: string | string[] | undefined): number | undefined {
  const begun = readAfter(after);
  const reached = readAfter(typeof resume === 'string' ? resume : undefined);
  return begun === undefined || reached === undefined ? undefined : Math.max(begun, reached);
}

function requireNeedsReview(text: string | undefined): boolean {
  if (text === undefined || text === 'true') return text === 'true';
  throw new ProblemError('invalid_request', {
    detail: 'needsReview can only be true.',
    field: 'needsReview',
    hint: 'Send needsReview=true, or leave it out for all orders.',
  });
}

function requireStatuses(text: string): OrderStatus[] {
  const statuses = text.split(',');
  for (const status of statuses)
    if (!ORDER_STATUSES.includes(status as OrderStatus))
      throw new ProblemError('invalid_request', {
        detail: `"${status.slice(0, 32)}" is not a status.`,
        field: 'status',
        hint: `Send one or more of ${ORDER_STATUSES.join(', ')}, separated by commas.`,
      });
  return statuses as OrderStatus[];
}

async function mintOf(engine: Engine, field: string, symbolOrMint: string): Promise<string> {
  const token = await findToken(engine, symbolOrMint);
  if (token) return token.mint;
  throw new ProblemError('unknown_token', { detail: `${field} is not a token that is known here.`, field });
}
