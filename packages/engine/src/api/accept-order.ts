import { idempotencyKey } from '@oee/api-schema';
import type { FastifyRequest } from 'fastify';
import type { Order } from '../domain/order.ts';
import type { Engine } from '../execution/engine.ts';
import { type SubmitRequest, submitOrder } from '../execution/submit-order.ts';
import { ProblemError } from './problems.ts';
import { refusedAs } from './refused-as.ts';

/** The tolerance of an order that names none. */
export const DEFAULT_SLIPPAGE_BPS = 100;

/**
 * Submits an order.
 * @throws {ProblemError} If it is refused, or its key belongs to another body.
 */
export async function acceptOrder(
  engine: Engine,
  request: SubmitRequest,
): Promise<{ outcome: 'created' | 'existing'; order: Order }> {
  const result = await submitOrder(engine, request);
  if (result.outcome === 'refused') throw refusedAs(result);
  if (result.outcome === 'conflict') {
    const code = result.key === 'clientOrderId' ? 'client_order_id_taken' : 'idempotency_key_reused';
    throw new ProblemError(code, {
      detail: `It belongs to order ${result.orderId}, which had another body.`,
    });
  }
  return result;
}

/** @throws {ProblemError} The header has more than visible ASCII characters, or too many. */
export function readIdempotencyKey({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  const { success, data } = idempotencyKey.safeParse(key);
  if (success) return data;
  throw new ProblemError('invalid_request', {
    detail: 'Idempotency-Key is not valid.',
    field: 'Idempotency-Key',
    hint: 'Send 1 to 255 visible ASCII characters, such as a UUID.',
  });
}
