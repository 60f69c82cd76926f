import { OPERATIONS, type ReviewOrderBody } from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';
import { toSignature } from '../../domain/signature.ts';
import type { Engine } from '../../execution/engine.ts';
import { type Review, reviewOrder } from '../../execution/review-order.ts';
import { ProblemError } from '../problems.ts';
import { refusedAs } from '../refused-as.ts';
import { orderNotFound } from '../require-known.ts';
import { serve } from '../serve.ts';
import { toWireOrder } from '../wire.ts';

/** An operator resolves an order whose outcome cannot be proven on chain. */
export function serveReview(app: FastifyInstance, engine: Engine): void {
  serve(app, OPERATIONS.reviewOrder, async ({ params, body }) => {
    const result = await reviewOrder(engine, params.orderId, toReview(body));
    if (result.outcome === 'reviewed') return toWireOrder(result.order, engine.clock.now());
    if (result.outcome === 'refused') throw refusedAs({ ...result, field: `fill.${result.field}` });
    if (result.outcome === 'unknown') throw await orderNotFound(engine, params.orderId);
    if (result.outcome === 'signatureNeeded')
      throw new ProblemError('invalid_request', {
        detail: 'No attempt of the order is open: landed needs the signature of the transaction that landed.',
        field: 'signature',
        hint: "Look the wallet's transactions up where history is kept: the memo begins with the order's id.",
      });
    throw new ProblemError('review_not_possible', {
      detail:
        result.outcome === 'contradicted'
          ? result.reason
          : `The order needs no review; it is ${result.order.status}.`,
    });
  });
}

function toReview({ decision, operator, evidence, fill, signature }: ReviewOrderBody): Review {
  if (decision === 'notLanded' && signature !== undefined)
    throw new ProblemError('invalid_request', {
      detail: 'notLanded takes no signature.',
      field: 'signature',
    });
  if ((decision === 'landed') !== (fill !== undefined))
    throw new ProblemError('invalid_request', {
      detail: decision === 'landed' ? 'landed needs a fill.' : 'notLanded takes no fill.',
      field: 'fill',
      hint: 'Send fill {slot, amountIn, amountOut, networkFee} exactly when the decision is landed.',
    });
  const named = signature !== undefined && { signature: toSignature(signature) };
  return {
    decision,
    operator,
    evidence,
    ...named,
    ...(fill && { fill: { ...fill, slot: BigInt(fill.slot) } }),
  };
}
