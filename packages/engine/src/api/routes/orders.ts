import { OPERATIONS } from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';
import type { Mint } from '../../domain/token.ts';
import type { Engine } from '../../execution/engine.ts';
import { hasSeenTheEnd } from '../../execution/streams/watch-order.ts';
import { ACCOUNT } from '../account.ts';
import { withDialectMembers } from '../dialects/problem-in-dialect.ts';
import { dialectPage, withDialectFields } from '../dialects/reads.ts';
import { tagOrder } from '../order-tag.ts';
import { createErrorHandler, ProblemError } from '../problems.ts';
import { readAfter, requireCursor, toCursor } from '../read-params.ts';
import { requireOrder, requireToken } from '../require-known.ts';
import { serve } from '../serve.ts';
import { type StreamOptions, streamServerSentEvents } from '../streams/server-sent-events.ts';
import { toWireOrder } from '../wire.ts';

/** Orders and their logs from the store. */
export function serveOrders(app: FastifyInstance, engine: Engine, streams: StreamOptions): void {
  const mintOf = async (field: string, symbolOrMint: string): Promise<Mint> =>
    (await requireToken(engine, field, symbolOrMint)).mint;
  const errorHandler = createErrorHandler(engine.log, (problem) => withDialectMembers(problem));
  serve(
    app,
    OPERATIONS.listOrders,
    async ({ query }) => {
      const { status: statuses, limit, offset } = query;
      const before = requireCursor(query.cursor);
      // One more than asked for tells whether there is a next page.
      const orders = await engine.orders.list({
        accountId: ACCOUNT,
        limit: limit + 1,
        offset,
        ...(statuses && { statuses }),
        ...(query.tokenIn !== undefined && { mintIn: await mintOf('tokenIn', query.tokenIn) }),
        ...(query.tokenOut !== undefined && { mintOut: await mintOf('tokenOut', query.tokenOut) }),
        ...(query.clientOrderId !== undefined && { clientOrderId: query.clientOrderId }),
        ...(query.needsReview === 'true' && { needsReview: true as const }),
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
    { errorHandler },
  );

  serve(
    app,
    OPERATIONS.getOrder,
    async ({ params }, _request, reply) => {
      const order = tagOrder(reply, await requireOrder(engine, params.orderId));
      return withDialectFields(order, toWireOrder(order, engine.clock.now()));
    },
    { errorHandler },
  );

  serve(app, OPERATIONS.listEvents, async ({ params: { orderId }, query }, { headers }, reply) => {
    const after = Math.max(query.after, requireResume(headers['last-event-id']));
    const order = await requireOrder(engine, orderId);
    if (after > order.sequence)
      throw new ProblemError('invalid_request', {
        detail: `after is beyond the last event, ${order.sequence}.`,
        field: 'after',
        hint: 'Send the sequence of the last event that you have of this order; 0 for all.',
      });
    if (headers.accept?.includes('text/event-stream')) {
      // A browser reconnects for ever after anything but 204.
      if (await hasSeenTheEnd(engine, order, after)) return reply.code(204).send();
      await streamServerSentEvents(engine, { orderId, after, reply, ...streams });
      return reply;
    }
    const events = await engine.orders.events(orderId, after, query.limit);
    return { data: events, lastSequence: events.at(-1)?.sequence ?? after };
  });
}

/**
 * The sequence that a browser has come to. It resumes at the address that it began with, `after` included, and adds this.
 * @throws {ProblemError} It is no sequence.
 */
function requireResume(lastEventId: string | string[] | undefined): number {
  const reached = readAfter(typeof lastEventId === 'string' ? lastEventId : undefined);
  if (reached !== undefined) return reached;
  throw new ProblemError('invalid_request', {
    detail: 'Last-Event-ID is not the id of an event.',
    field: 'Last-Event-ID',
    hint: 'Send the id of the last event that you have, which is its sequence, or leave the header out.',
  });
}
