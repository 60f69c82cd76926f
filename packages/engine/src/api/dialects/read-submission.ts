import type { ExecuteOrderBody } from '@oee/api-schema';
import type { SubmitRequest } from '../../execution/submit-order.ts';
import { ProblemError } from '../problems.ts';
import { ACCOUNT, DEFAULT_SLIPPAGE_BPS } from '../routes/submit.ts';
import { requirePlainAmount, sentText } from '../sent-amount.ts';
import { type Dialect, dialectOf, type Meaning, type NameOf, nameIn, namesOf } from './dialect.ts';

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
export function readSubmission(body: ExecuteOrderBody): Submission {
  const dialect = dialectOf(body);
  requireMarketOrder(body);
  const isBuy = readSide(body) === 'buy';
  const tokenIn = requireField(body, dialect, 'tokenIn');
  const tokenOut = requireField(body, dialect, 'tokenOut');
  const amount = requireField(body, dialect, 'amount');
  if (isBuy) refuseSpendingFields(body);
  const { minAmountOut } = body;
  return {
    dialect,
    meaning: {
      accountId: ACCOUNT,
      type: 'market',
      tokenIn: tokenIn.value,
      tokenOut: tokenOut.value,
      swapMode: isBuy ? 'exactOut' : 'exactIn',
      amount: requirePlainAmount(body, amount.name),
      slippageBps: readSlippageBps(body),
      minAmountOut: minAmountOut === undefined ? null : requirePlainAmount(body, 'minAmountOut'),
      maxAmountIn: null,
      clientOrderId: null,
    },
    rounded: [
      ...(typeof amount.value === 'number' ? (['amount'] as const) : []),
      ...(typeof minAmountOut === 'number' ? (['minAmountOut'] as const) : []),
    ],
    clientNames: {
      tokenIn: tokenIn.name,
      tokenOut: tokenOut.name,
      amountIn: amount.name,
      amountOut: amount.name,
    },
  };
}

/** The one field of the body that has this meaning. */
function findField<M extends Meaning>(body: ExecuteOrderBody, meaning: M) {
  const [name, other] = namesOf(meaning).filter((one) => body[one] !== undefined);
  if (other !== undefined)
    throw new ProblemError('invalid_request', {
      detail: `${name} and ${other} mean the same.`,
      field: other,
      hint: `Send one of them.`,
    });
  if (name === undefined) return undefined;
  return { name, value: body[name] as NonNullable<ExecuteOrderBody[NameOf<M>]> };
}

function requireField<M extends Meaning>(body: ExecuteOrderBody, dialect: Dialect, meaning: M) {
  const field = findField(body, meaning);
  if (field) return field;
  const name = nameIn(dialect, meaning);
  throw new ProblemError('invalid_request', {
    detail: `body lacks the field "${name}".`,
    field: name,
    hint: `Add "${name}".`,
  });
}

/** Another kind of order is refused: run as a market order it would trade at a price that nobody asked for. */
function requireMarketOrder(body: ExecuteOrderBody): void {
  const type = findField(body, 'type');
  if (!type || type.value.toLowerCase() === 'market') return;
  throw new ProblemError('invalid_request', {
    detail: `${type.name} "${type.value}" is no kind of order that exists here.`,
    field: type.name,
    hint: 'Send "market" in any case. Limit and sniper orders do not exist yet and are never run as market orders.',
  });
}

function readSide({ side }: ExecuteOrderBody): 'buy' | 'sell' {
  const known = side?.toLowerCase() ?? 'sell';
  if (known === 'buy' || known === 'sell') return known;
  throw new ProblemError('invalid_request', {
    detail: `side "${side}" is neither buy nor sell.`,
    field: 'side',
    hint: 'Send "sell" to spend the amount of the input token, or "buy" to receive it of the output token.',
  });
}

/** `amountIn` and `minAmountOut` speak of spending a fixed amount; an order to buy receives one. */
function refuseSpendingFields(body: ExecuteOrderBody): void {
  for (const field of ['amountIn', 'minAmountOut'] as const)
    if (body[field] !== undefined)
      throw new ProblemError('invalid_request', {
        detail: `An order to buy takes no ${field}.`,
        field,
        hint: 'Send amount, the amount of the output token to receive; or side "sell".',
      });
}

const SLIPPAGE_UNITS = {
  slippageTolerance: { decimals: 2, hint: 'Send percent from 0 to 100, such as 0.5 for 0.5 %.' },
  max_slippage: { decimals: 4, hint: 'Send a fraction from 0 to 1, such as 0.05 for 5 %.' },
} as const;

/** Basis points of a percentage or a fraction. Parts of a basis point are cut off: the tolerance never widens. */
function readSlippageBps(body: ExecuteOrderBody): number {
  const slippage = findField(body, 'slippage');
  if (!slippage) return DEFAULT_SLIPPAGE_BPS;
  const { name } = slippage;
  const { decimals, hint } = SLIPPAGE_UNITS[name];
  const match = /^(\d{1,20})(?:\.(\d+))?$/.exec(sentText(body, name));
  if (!match)
    throw new ProblemError('invalid_request', { detail: `${name} is not exact.`, field: name, hint });
  const [, whole = '', fraction = ''] = match;
  const bps = Number(whole + fraction.padEnd(decimals, '0').slice(0, decimals));
  if (bps > 10_000)
    throw new ProblemError('invalid_request', {
      detail: `${name} is more than 100 %.`,
      field: name,
      hint,
    });
  if (bps === 0 && /[1-9]/.test(fraction))
    throw new ProblemError('invalid_request', { detail: `${name} is less than 0.01 %.`, field: name, hint });
  return bps;
}
