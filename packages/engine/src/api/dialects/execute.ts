import { type AnswerOf, OPERATIONS, type Problem } from '@oee/api-schema';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Order } from '../../domain/order.ts';
import type { Engine } from '../../execution/engine.ts';
import { acceptOrder, readIdempotencyKey } from '../accept-order.ts';
import type { Admission } from '../plugins/admission.ts';
import { createErrorHandler, ProblemError } from '../problems.ts';
import { socketProtocolOf } from '../reached-as.ts';
import { serve } from '../serve.ts';
import { type Dialect, dialectOf, startsWithItsStream } from './dialect.ts';
import { withDialectMembers } from './problem-in-dialect.ts';
import { readSubmission, type Submission } from './read-submission.ts';
import { toDialectOrder, toDialectStatus } from './reads.ts';

export interface ExecuteOptions {
  /** How long an order of a dialect that starts with its stream waits for it. */
  readonly streamHoldMs: number;
  readonly admission: Admission;
}

/** An order in any dialect, answered in the same one. */
export function serveExecute(
  app: FastifyInstance,
  engine: Engine,
  { streamHoldMs, admission }: ExecuteOptions,
): void {
  serve(
    app,
    OPERATIONS.executeOrder,
    async (asked, request, reply) => {
      const submission = readSubmission(asked);
      const { dialect, meaning, rounded } = submission;
      const { outcome, order } = await inWordsOf(submission, () =>
        admission.admit(reply, () =>
          acceptOrder(engine, {
            ...meaning,
            dialect,
            rounded,
            // One that waits for a price waits for no stream.
            ...(startsWithItsStream(dialect, asked.body) &&
              meaning.type === 'market' && { holdMs: streamHoldMs }),
            idempotencyKey: readIdempotencyKey(request),
            fingerprint: JSON.stringify({ dialect, ...meaning }),
          }),
        ),
      );
      if (outcome === 'existing') reply.header('idempotency-replayed', 'true');
      else if (dialect === 'amountIn')
        reply.code(201).header('location', `/api/orders/${order.request.orderId}`);
      return ANSWERS[dialect]({ ...order, status: toDialectStatus(order.status) }, request);
    },
    { errorHandler: createErrorHandler(engine.log, inDialectOfBody) },
  );
}

const ANSWERS: Record<
  Dialect,
  (order: Order, request: FastifyRequest) => AnswerOf<typeof OPERATIONS.executeOrder>
> = {
  fromToken: ({ request: { orderId }, status }) => ({ orderId, status }),
  mixed: ({ request: { orderId }, status }) => ({ orderId, status }),
  inputToken: ({ request: { orderId }, status }, request) => ({
    message: 'Order received',
    orderId,
    status,
    wsUrl: `${socketProtocolOf(request)}://${request.host}/api/orders/ws/${orderId}`,
  }),
  token_in: ({ request: { orderId } }) => ({ order_id: orderId }),
  amountIn: (order) => ({
    success: true,
    orderId: order.request.orderId,
    status: order.status,
    order: toDialectOrder(order),
    message: 'Order created and queued for execution',
  }),
};

/** Refusals name the client's own fields. */
async function inWordsOf<T>({ clientNames }: Submission, accept: () => Promise<T>): Promise<T> {
  try {
    return await accept();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const translate = (text: string) =>
      text.replace(/\b[a-z]+[A-Z]\w*/g, (word) => clientNames[word] ?? word);
    const about = Object.entries(error.about).map(([name, text]) => [name, translate(text)]);
    throw new ProblemError(error.code, Object.fromEntries(about));
  }
}

/**
 * Every error also has the members of the one dialect that documents its errors, which knows no status but 400. A bad amount
 * is 400 in all of them.
 */
function inDialectOfBody(problem: Problem, { body }: FastifyRequest): Problem {
  const isStrict = typeof body === 'object' && body !== null && dialectOf(body) === 'amountIn';
  const isOfAmount = problem.field === 'amount' || problem.field === 'amountIn';
  const isBad = isStrict || isOfAmount || problem.code === 'invalid_amount';
  const status = isBad && problem.status < 500 ? 400 : problem.status;
  const error = isOfAmount ? 'Invalid amount' : problem.title;
  return withDialectMembers({ ...problem, status }, error);
}
