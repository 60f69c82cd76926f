import { type AmendOrderBody, OPERATIONS } from '@oee/api-schema';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AmendRequest, amendOrder } from '../../execution/amend-order.ts';
import type { Engine } from '../../execution/engine.ts';
import { tagOrder } from '../order-tag.ts';
import { ProblemError } from '../problems.ts';
import { readTime } from '../read-terms.ts';
import { refusedAs } from '../refused-as.ts';
import { orderNotFound } from '../require-known.ts';
import { requireExactAmount, type SentBody } from '../sent-amount.ts';
import { serve } from '../serve.ts';
import { toWireOrder } from '../wire.ts';

/** Changes an order that rests, if it is still as the client has seen it (If-Match). */
export function serveAmend(app: FastifyInstance, engine: Engine): void {
  serve(app, OPERATIONS.amendOrder, async (asked, request, reply) => {
    const { orderId } = asked.params;
    const result = await amendOrder(engine, orderId, toAmendRequest(asked, request));
    switch (result.outcome) {
      case 'unknown':
        throw await orderNotFound(engine, orderId);
      case 'refused':
        throw refusedAs(result);
      case 'notOpen':
        throw new ProblemError('order_not_open', {
          detail: `The order is ${result.order.status}; only an open order can be amended.`,
        });
      case 'changed':
        throw new ProblemError('order_changed', {
          detail: `The order's last event has sequence ${result.order.sequence}, not the one of If-Match.`,
          field: 'If-Match',
        });
      case 'amended':
        return toWireOrder(tagOrder(reply, result.order), engine.clock.now());
    }
  });
}

const AMOUNTS = ['limitPrice', 'stopPrice', 'takeProfitPrice', 'amountIn', 'amountOut'] as const;

function toAmendRequest(sent: SentBody<AmendOrderBody>, request: FastifyRequest): AmendRequest {
  const { body } = sent;
  const { trailingBps, expiresAt } = body;
  const amounts = AMOUNTS.flatMap((field) =>
    body[field] === undefined ? [] : [[field, requireExactAmount(sent, field)]],
  );
  const expiresAtMs = expiresAt === null ? null : readTime('expiresAt', expiresAt);
  const amended = {
    ...(Object.fromEntries(amounts) as AmendRequest),
    ...(trailingBps !== undefined && { trailingBps }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
  if (Object.keys(amended).length === 0)
    throw new ProblemError('invalid_request', {
      detail: 'The body changes nothing.',
      hint: 'Send a price, an amount or expiresAt.',
    });
  const sequence = readIfMatch(request);
  return { ...amended, ...(sequence !== undefined && { sequence }) };
}

/** The sequence of `If-Match: "7"`; undefined if any will do. */
function readIfMatch({ headers }: FastifyRequest): number | undefined {
  const given = headers['if-match'];
  if (given === undefined || given === '*') return undefined;
  const [, sequence] = /^(?:W\/)?"(\d{1,9})"$/.exec(given) ?? [];
  if (sequence !== undefined) return Number(sequence);
  throw new ProblemError('invalid_request', {
    detail: 'If-Match is not the ETag of an order.',
    field: 'If-Match',
    hint: 'Send the ETag of the order as an answer gave it, such as "7", or leave the header out.',
  });
}
