import { OPERATIONS, type SubmitOrderBody } from '@oee/api-schema';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OrderId } from '../../domain/order.ts';
import { isTerminal } from '../../domain/order-status.ts';
import type { Engine } from '../../execution/engine.ts';
import { watchOrder } from '../../execution/streams/watch-order.ts';
import type { SubmitRequest } from '../../execution/submit-order.ts';
import { acceptOrder, DEFAULT_SLIPPAGE_BPS, readIdempotencyKey } from '../accept-order.ts';
import { ACCOUNT } from '../account.ts';
import { tagOrder } from '../order-tag.ts';
import type { Admission } from '../plugins/admission.ts';
import type { Draining } from '../plugins/drain.ts';
import { ProblemError } from '../problems.ts';
import { readTerms, readTime } from '../read-terms.ts';
import { requireExactAmount, type SentBody } from '../sent-amount.ts';
import { serve } from '../serve.ts';
import { toWireOrder } from '../wire.ts';

const MAX_WAIT_SECONDS = 30;

/** Accepts an order: 201 when it is new, 200 when the same submission is repeated. */
export function serveSubmit(
  app: FastifyInstance,
  engine: Engine,
  { draining, admission }: { readonly draining: Draining; readonly admission: Admission },
): void {
  serve(app, OPERATIONS.submitOrder, async (asked, request, reply) => {
    const waitSeconds = readWait(request);
    const submission = toSubmitRequest(asked, request);
    const result = await admission.admit(reply, () => acceptOrder(engine, submission));
    const { orderId } = result.order.request;
    if (result.outcome === 'existing') reply.header('idempotency-replayed', 'true');
    if (waitSeconds > 0) reply.header('preference-applied', `wait=${waitSeconds}`);
    const order = waitSeconds > 0 ? await waitForEnd(engine, orderId, waitSeconds, draining) : result.order;
    reply.code(result.outcome === 'created' ? 201 : 200).header('location', `/api/orders/${orderId}`);
    return toWireOrder(tagOrder(reply, order ?? result.order), engine.clock.now());
  });
}

/** The body in the engine's words; what JSON Schema cannot say about it is checked here. */
function toSubmitRequest(sent: SentBody<SubmitOrderBody>, request: FastifyRequest): SubmitRequest {
  const { body } = sent;
  const swapMode = body.swapMode ?? 'exactIn';
  const [fixed, other, otherLimit] =
    swapMode === 'exactOut'
      ? (['amountOut', 'amountIn', 'minAmountOut'] as const)
      : (['amountIn', 'amountOut', 'maxAmountIn'] as const);
  if (body[fixed] === undefined)
    throw new ProblemError('invalid_request', {
      detail: `An order with swapMode ${swapMode} needs ${fixed}.`,
      field: fixed,
      hint: `Add "${fixed}" as a decimal string, such as "12.5".`,
    });
  for (const field of [other, otherLimit])
    if (body[field] !== undefined)
      throw new ProblemError('invalid_request', {
        detail: `An order with swapMode ${swapMode} takes no ${field}.`,
        field,
        hint: `Remove "${field}", or send another swapMode.`,
      });
  const terms = readTerms(sent);
  const expiresAtMs = readTime('expiresAt', body.expiresAt);
  const meaning = {
    accountId: ACCOUNT,
    ...terms,
    tokenIn: body.tokenIn,
    tokenOut: body.tokenOut,
    swapMode,
    amount: requireExactAmount(sent, fixed),
    slippageBps: body.slippageBps ?? DEFAULT_SLIPPAGE_BPS,
    minAmountOut: body.minAmountOut === undefined ? null : requireExactAmount(sent, 'minAmountOut'),
    maxAmountIn: body.maxAmountIn === undefined ? null : requireExactAmount(sent, 'maxAmountIn'),
    clientOrderId: body.clientOrderId ?? null,
    ...(body.simulate && { simulate: { scenario: body.simulate.scenario, seed: body.simulate.seed ?? '' } }),
    ...(body.maxPriceImpactBps && { maxPriceImpactBps: body.maxPriceImpactBps }),
    ...(body.executionGuard && { executionGuard: body.executionGuard }),
    ...(body.rehearse && { rehearse: body.rehearse }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
  return { ...meaning, idempotencyKey: readIdempotencyKey(request), fingerprint: JSON.stringify(meaning) };
}

/** Seconds of `Prefer: wait=N`, at most 30; 0 without it. Other preferences are ignored, as RFC 7240 says. */
function readWait({ headers }: FastifyRequest): number {
  const match = /(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])/.exec(String(headers.prefer ?? ''));
  return Math.min(Number(match?.[1] ?? 0), MAX_WAIT_SECONDS);
}

/** The order when it is over, or as it is when the time is up or the process stops. */
async function waitForEnd(engine: Engine, orderId: OrderId, seconds: number, draining: Draining) {
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(), seconds * 1_000);
  const waited = draining.onStart(() => timeUp.abort());
  try {
    for await (const event of watchOrder(engine, orderId, 0, timeUp.signal))
      if (isTerminal(event.status)) break;
  } finally {
    clearTimeout(timer);
    waited();
  }
  return engine.orders.get(orderId);
}
