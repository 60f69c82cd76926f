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
  const terms = readTerms(sent, dialect);
  checkSide(body);
  const tokenIn = requireField(body, dialect, 'tokenIn');
  const tokenOut = requireField(body, dialect, 'tokenOut');
  const amount = requireField(body, dialect, 'amount');
  const minAmountOut = readFloor(sent);
  if (terms.type === 'limit' && minAmountOut !== null)
    throw refuse(
      'minAmountOut',
      'The price of a limit order is its floor.',
      'Remove minAmountOut, or the price.',
    );
  return {
    dialect,
    meaning: {
      accountId: ACCOUNT,
      ...terms,
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
    clientNames: {
      ...{ tokenIn: tokenIn.name, tokenOut: tokenOut.name, amountIn: amount.name },
      ...{
        limitPrice: nameIn(dialect, 'limitPrice'),
        stopPrice: 'triggerValue',
        takeProfitPrice: 'triggerValue',
      },
    },
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

type Terms = Pick<SubmitRequest, 'type' | 'trigger' | 'timeInForce'>;

/** Another kind of order is refused: run as a market order it would trade at a price that its client did not ask for. */
function readTerms(sent: SentBody<ExecuteOrderBody>, dialect: Dialect): Terms {
  const { body } = sent;
  const named = findField(body, 'type');
  const limit = findField(body, 'limitPrice');
  if (body.triggerCondition !== undefined || body.triggerValue !== undefined) {
    const other = named?.name ?? limit?.name;
    if (other === undefined) return readTriggered(sent);
    throw refuse(other, `${other} and triggerCondition contradict each other.`, 'Send one of them.');
  }
  const type = named?.value.toLowerCase() ?? (limit ? 'limit' : 'market');
  const priceName = nameIn(dialect, 'limitPrice');
  if (type === 'limit') {
    if (limit) return atPrice(sent, limit.name, 'limit');
    throw refuse(priceName, 'A limit order needs its price.', `Add "${priceName}", output per input.`);
  }
  if (named && type !== 'market')
    throw refuse(
      named.name,
      `${named.name} "${named.value}" is no kind of order that exists here.`,
      `Send "market", or "limit" with "${priceName}". Sniper orders do not exist here and are never run as market orders.`,
    );
  if (limit)
    throw refuse(
      limit.name,
      `A market order takes no ${limit.name}.`,
      'Remove it, or send the type "limit".',
    );
  return { type: 'market' };
}

/** A swap at the market once the price is there, which `amountIn` calls a condition. */
function readTriggered(sent: SentBody<ExecuteOrderBody>): Terms {
  const { triggerCondition, triggerValue } = sent.body;
  const type = triggerCondition === undefined ? undefined : TYPE_OF_CONDITION.get(triggerCondition);
  if (!type)
    throw refuse(
      'triggerCondition',
      'triggerCondition is not one of a price.',
      'Send "price_above" or "price_below".',
    );
  if (triggerValue === undefined)
    throw refuse(
      'triggerValue',
      'triggerCondition needs triggerValue.',
      'Add it: a price, output per input.',
    );
  return atPrice(sent, 'triggerValue', type);
}

const TYPE_OF_CONDITION: ReadonlyMap<string, 'takeProfit' | 'stop'> = new Map([
  ['price_above', 'takeProfit'],
  ['price_below', 'stop'],
]);

const PRICE_OF = { limit: 'limitPrice', stop: 'stopPrice', takeProfit: 'takeProfitPrice' } as const;

const atPrice = (sent: SentBody<ExecuteOrderBody>, name: string, type: keyof typeof PRICE_OF): Terms => ({
  type,
  trigger: { [PRICE_OF[type]]: requirePlainAmount(sent, name) },
  timeInForce: 'gtc',
});

const refuse = (field: string, detail: string, hint: string): ProblemError =>
  new ProblemError('invalid_request', { detail, field, hint });

/** Either side spends `amount` of the input token: the original documents `buy` so, and never looks at the field. */
function checkSide({ side }: ExecuteOrderBody): void {
  if (side === undefined || ['buy', 'sell'].includes(side.toLowerCase())) return;
  throw new ProblemError('invalid_request', {
    detail: `side "${side}" is neither buy nor sell.`,
    field: 'side',
    hint: 'Send "buy" or "sell": both spend the amount of the input token.',
  });
}
