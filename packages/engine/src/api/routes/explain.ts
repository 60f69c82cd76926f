import { OPERATIONS } from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';
import { explainOrder } from '../../domain/explain.ts';
import type { Engine } from '../../execution/engine.ts';
import { requireOrder } from '../require-known.ts';
import { serve } from '../serve.ts';

/** More events than an order can have by far: a try adds at most four. */
const MAX_EVENTS = 1_000;

/** Why this route, and where the difference went; computed from the log alone. */
export function serveExplain(app: FastifyInstance, engine: Engine): void {
  serve(app, OPERATIONS.explainOrder, async ({ params: { orderId } }) => {
    const { request, status } = await requireOrder(engine, orderId);
    const events = await engine.orders.events(orderId, 0, MAX_EVENTS);
    return {
      orderId,
      status,
      tokenIn: request.tokenIn.symbol,
      tokenOut: request.tokenOut.symbol,
      swapMode: request.swapMode,
      ...explainOrder(request, events),
    };
  });
}
