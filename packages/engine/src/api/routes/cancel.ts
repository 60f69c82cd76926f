import { OPERATIONS } from '@oee/api-schema';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Mint } from '../../domain/token.ts';
import { cancelOrder } from '../../execution/cancel-order.ts';
import { cancelOrders } from '../../execution/cancel-orders.ts';
import type { Engine } from '../../execution/engine.ts';
import { ACCOUNT } from '../account.ts';
import { tagOrder } from '../order-tag.ts';
import { ProblemError } from '../problems.ts';
import { orderNotFound, requireToken } from '../require-known.ts';
import { serve } from '../serve.ts';
import { toWireOrder } from '../wire.ts';

/** Of all that fit: a request without a filter has to say that it means all. */
function serveCancelAll(app: FastifyInstance, engine: Engine): void {
  const mintOf = async (field: string, symbolOrMint: string): Promise<Mint> =>
    (await requireToken(engine, field, symbolOrMint)).mint;
  serve(
    app,
    OPERATIONS.cancelOrders,
    async ({ query: { all, status: statuses, tokenIn, tokenOut } }) => {
      if (!all && !statuses && tokenIn === undefined && tokenOut === undefined)
        throw new ProblemError('invalid_request', {
          detail: 'The request names no orders.',
          field: 'all',
          hint: 'Send all=true to cancel every order, or a filter such as status=open.',
        });
      return cancelOrders(engine, {
        accountId: ACCOUNT,
        ...(statuses && { statuses }),
        ...(tokenIn !== undefined && { mintIn: await mintOf('tokenIn', tokenIn) }),
        ...(tokenOut !== undefined && { mintOut: await mintOf('tokenOut', tokenOut) }),
      });
    },
    { onRequest: forgiveMediaType },
  );
}

/** 200 when it is canceled, 202 while the chain must decide. May be repeated. */
export function serveCancel(app: FastifyInstance, engine: Engine): void {
  serveCancelAll(app, engine);
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
      return toWireOrder(tagOrder(reply, result.order), engine.clock.now());
    },
    { onRequest: forgiveMediaType },
  );
}

/** Many clients name a media type with every request; without a body it says nothing that could be wrong. */
async function forgiveMediaType({ headers }: FastifyRequest): Promise<void> {
  const length = headers['content-length'] ?? '0';
  if (length === '0' && headers['transfer-encoding'] === undefined) delete headers['content-type'];
}
