import { type AmountProblem, type BaseUnits, MAX_BASE_UNITS, parseAmount } from '../domain/amount.ts';
import { leastOutputAt, mostInputAt, parsePrice } from '../domain/price.ts';
import type { QuoteRequest } from '../domain/quote.ts';
import type { Token } from '../domain/token.ts';
import { priceOf, type TriggerTerms } from '../domain/trigger-terms.ts';
import { refused, type SubmitRefusal, type SubmitRefusalCode } from './refusals.ts';

interface ReadAmount {
  readonly outcome: 'read';
  readonly amount: BaseUnits;
}

/** An amount field of a request, or why it is refused. Quotes read their amounts here too. */
export function readAmountField(
  field: string,
  text: string,
  token: Pick<Token, 'symbol' | 'decimals'>,
): ReadAmount | SubmitRefusal {
  const parsed = parseAmount(text, token.decimals);
  if (parsed.ok) return { outcome: 'read', amount: parsed.amount };
  const [code, reason, hint] = AMOUNT_REFUSALS[parsed.problem];
  return refused(
    code,
    field,
    `${field} ${reason}`,
    hint.replace('{decimals}', `${token.symbol} has ${token.decimals}`),
  );
}

const AMOUNT_REFUSALS: Record<AmountProblem, readonly [SubmitRefusalCode, string, string]> = {
  notDecimal: [
    'invalid_amount',
    'is not a decimal number.',
    'Send digits with at most one point, such as "12.5".',
  ],
  tooManyDecimals: [
    'too_many_decimals',
    'has more decimals than the token.',
    '{decimals} decimals; round the amount.',
  ],
  zero: ['amount_out_of_range', 'is zero.', 'Send an amount above zero.'],
  overU64: [
    'amount_out_of_range',
    'is more than a token account can hold.',
    'The largest is 2^64 - 1 base units.',
  ],
  tooLong: ['invalid_amount', 'is longer than any amount can be.', 'Send at most 64 characters.'],
};

interface LimitByPrice {
  readonly outcome: 'read';
  readonly minAmountOut: BaseUnits | null;
  readonly maxAmountIn: BaseUnits | null;
}

/** The floor or ceiling that an order's limit price sets for its amount; its prices are read to the last digit, or it is refused. */
export function readPrices(
  trigger: TriggerTerms | undefined,
  swap: QuoteRequest,
): LimitByPrice | SubmitRefusal {
  const { priceIn = 'tokenOut' } = trigger ?? {};
  for (const field of ['limitPrice', 'stopPrice', 'takeProfitPrice'] as const) {
    const text = trigger?.[field];
    if (text !== undefined && !parsePrice(text, { ...swap, priceIn }).ok) return invalidPrice(field);
  }
  const unlimited = { outcome: 'read', minAmountOut: null, maxAmountIn: null } as const;
  const price = trigger && priceOf(trigger, 'limitPrice', swap);
  if (!price) return unlimited;
  const limit =
    swap.swapMode === 'exactOut' ? mostInputAt(price, swap.amount) : leastOutputAt(price, swap.amount);
  if (limit === 0n || limit > MAX_BASE_UNITS)
    return refused(
      'amount_out_of_range',
      'limitPrice',
      'limitPrice and the amount make an amount that no token account can hold.',
      'Check the price: it is tokenOut per tokenIn unless priceIn is "tokenIn".',
    );
  return swap.swapMode === 'exactOut'
    ? { ...unlimited, maxAmountIn: limit }
    : { ...unlimited, minAmountOut: limit };
}

const invalidPrice = (field: string): SubmitRefusal =>
  refused(
    'invalid_price',
    field,
    `${field} is not a price.`,
    'Send a decimal string above zero, such as "150.25", with at most 20 digits before the point and 18 behind it.',
  );
