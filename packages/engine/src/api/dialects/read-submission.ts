import type { ExecuteOrderBody } from '@oee/api-schema';
import type { SubmitRequest } from '../../execution/submit-order.ts';
import { ACCOUNT } from '../account.ts';
import { ProblemError } from '../problems.ts';
import { requirePlainAmount, type SentBody } from '../sent-amount.ts';
import { type Dialect, dialectOf, type Meaning, nameIn } from './dialect.ts';
import { type Field, findField } from './find-field.ts';
import { readSlippageBps } from './read-slippage.ts';

export interface Submission {
  readonly dialect: Dialect;
  /** The order in the engine's words, but for what stands in the headers. */
  readonly meaning: Omit<SubmitRequest, 'dialect' | 'holdMs' | 'idempotencyKey' | 'fingerprint' | 'rounded'>;
  /** Its amounts that came as numbers: those of a client that computes with doubles. */
  readonly rounded: NonNullable<SubmitRequest['rounded']>;
  /** What the client calls the fields that a refusal may name. */
  readonly clientNames: Readonly<Record<string, string>>;
}

/**
 * Translates the body of a dialect.
 * @throws {ProblemError} If something is missing, said twice, contradictory, or not offered.
 */
export function readSubmission(sent: SentBody<ExecuteOrderBody>): Submission {
  const { body } = sent;
  const dialect = dialectOf(body);
  requireMarketOrder(body);
  checkSide(body);
  const tokenIn = requireField(body, dialect, 'tokenIn');
  const tokenOut = requireField(body, dialect, 'tokenOut');
  const amount = requireField(body, dialect, 'amount');
  const minAmountOut = readFloor(sent);
  return {
    dialect,
    meaning: {
      accountId: ACCOUNT,
      type: 'market',
      tokenIn: tokenIn.value,
      tokenOut: tokenOut.value,
      swapMode: 'exactIn',
      amount: requirePlainAmount(sent, amount.name),
      slippageBps: readSlippageBps(sent, dialect),
      minAmountOut,
      maxAmountIn: null,
      clientOrderId: null,
    },
    rounded: [
      ...(typeof amount.value === 'number' ? (['amount'] as const) : []),
      ...(minAmountOut !== null && typeof body.minAmountOut === 'number' ? (['minAmountOut'] as const) : []),
    ],
    clientNames: { tokenIn: tokenIn.name, tokenOut: tokenOut.name, amountIn: amount.name },
  };
}

function requireField<M extends Meaning>(body: ExecuteOrderBody, dialect: Dialect, meaning: M): Field<M> {
  const field = findField(body, meaning);
  if (field) return field;
  const name = nameIn(dialect, meaning);
  throw new ProblemError('invalid_request', {
    detail: `body lacks the field "${name}".`,
    field: name,
    hint: `Add "${name}".`,
  });
}

/** The client's own floor. A form that always sends the field sends it empty, or zero, where it was not filled in. */
function readFloor(sent: SentBody<ExecuteOrderBody>): string | null {
  const { body } = sent;
  if (body.minAmountOut === undefined || body.minAmountOut === '') return null;
  const floor = requirePlainAmount(sent, 'minAmountOut');
  return /[1-9]/.test(floor) ? floor : null;
}

/** Another kind of order is refused: run as a market order it would trade at a price that its client did not ask for. */
function requireMarketOrder(body: ExecuteOrderBody): void {
  const type = findField(body, 'type');
  if (!type || type.value.toLowerCase() === 'market') return;
  throw new ProblemError('invalid_request', {
    detail: `${type.name} "${type.value}" is no kind of order that is taken here.`,
    field: type.name,
    hint: 'Send "market" in any case. Other orders are never run as market orders; POST /api/orders takes limits and stops.',
  });
}

/** Either side spends `amount` of the input token: the original documents `buy` so, and never looks at the field. */
function checkSide({ side }: ExecuteOrderBody): void {
  if (side === undefined || ['buy', 'sell'].includes(side.toLowerCase())) return;
  throw new ProblemError('invalid_request', {
    detail: `side "${side}" is neither buy nor sell.`,
    field: 'side',
    hint: 'Send "buy" or "sell": both spend the amount of the input token.',
  });
}
