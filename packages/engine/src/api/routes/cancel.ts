import { OPERATIONS } from '@oee/api-schema';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { cancelOrder } from '../../execution/cancel-order.ts';
import type { Engine } from '../../execution/engine.ts';
import { ProblemError } from '../problems.ts';
import { orderNotFound } from '../require-known.ts';
import { serve } from '../serve.ts';
import { toWireOrder } from '../wire.ts';

/** 200 when it is canceled, 202 while the chain must decide. May be repeated. */
export function serveCancel(app: FastifyInstance, engine: Engine): void {
  serve(
    app,
    OPERATIONS.cancelOrder,
    async ({ params }, _request, reply) => {
      const result = await cancelOrder(engine, params.orderId);
      if (result.outcome === 'unknown') throw await orderNotFound(engine, params.orderId);
      if (result.outcome === 'over')
        throw new ProblemError('order_is_over', {
          detail: `The order is ${result.order.status}; it cannot be canceled any more.`,
        });
      reply.code(result.outcome === 'canceled' ? 200 : 202);
      return toWireOrder(result.order, engine.clock.now());
    },
    { onRequest: forgiveMediaType },
  );
}

/** Many clients name a media type with every request; without a body it says nothing that could be wrong. */
async function forgiveMediaType({ headers }: FastifyRequest): Promise<void> {
  const length = headers['content-length'] ?? '0';
  if (length === '0' && headers['transfer-encoding'] === undefined) delete headers['content-type'];
}
