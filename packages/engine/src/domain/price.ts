import type { Rate } from '@oee/amm';
import { type BaseUnits, formatPrice } from './amount.ts';

/** Exact: base units of tokenOut per base unit of tokenIn. */
export type Price = Rate;

/** The token in which a price is written: tokenOut per tokenIn, or tokenIn per tokenOut. */
export type PriceIn = 'tokenOut' | 'tokenIn';

/** Why a text is not a price; the API turns each into a hint. */
export type PriceProblem = 'notDecimal' | 'tooManyDigits' | 'tooManyDecimals' | 'zero';

export const MAX_PRICE_DIGITS = 20;
export const MAX_PRICE_DECIMALS = 18;

/** The tokens of a pair, of which a price needs the decimals. */
export interface PairTokens {
  readonly tokenIn: { readonly decimals: number };
  readonly tokenOut: { readonly decimals: number };
}

/**
 * Reads a decimal price between whole tokens, such as "149.5". A price in tokenIn is turned round, exactly.
 *
 * @param text Digits with at most one point; no sign, exponent, space or separator.
 * @returns The price, or the problem that the caller should report.
 */
export function parsePrice(
  text: string,
  { tokenIn, tokenOut, priceIn }: PairTokens & { readonly priceIn: PriceIn },
): { ok: true; price: Price } | { ok: false; problem: PriceProblem } {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return { ok: false, problem: 'notDecimal' };
  const [, whole = '', decimals = ''] = match;
  if (whole.length > MAX_PRICE_DIGITS) return { ok: false, problem: 'tooManyDigits' };
  if (decimals.length > MAX_PRICE_DECIMALS) return { ok: false, problem: 'tooManyDecimals' };
  const fraction = decimals.replace(/0+$/, '');
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return { ok: false, problem: 'zero' };
  const isInverse = priceIn === 'tokenIn';
  const [of, per] = isInverse ? [tokenIn, tokenOut] : [tokenOut, tokenIn];
  const exponent = of.decimals - per.decimals - fraction.length;
  const given = {
    numerator: digits * 10n ** BigInt(Math.max(exponent, 0)),
    denominator: 10n ** BigInt(Math.max(-exponent, 0)),
  };
  return { ok: true, price: isInverse ? inverse(given) : given };
}

/** The price of the pair turned round. */
export const inverse = ({ numerator, denominator }: Price): Price => ({
  numerator: denominator,
  denominator: numerator,
});

/** Below zero if the first price is lower, above if it is higher, zero if they are equal; exact. */
export function comparePrices(one: Price, other: Price): number {
  const difference = one.numerator * other.denominator - other.numerator * one.denominator;
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** The least output of an input that keeps to a price: rounded up, so that the order never gets less. */
export const leastOutputAt = ({ numerator, denominator }: Price, amountIn: BaseUnits): BaseUnits =>
  (amountIn * numerator + denominator - 1n) / denominator;

/** The most input of an output that keeps to a price: rounded down, so that the order never pays more. */
export const mostInputAt = ({ numerator, denominator }: Price, amountOut: BaseUnits): BaseUnits =>
  (amountOut * denominator) / numerator;

/** A price between whole tokens as a plain decimal text, cut after twelve significant digits. */
export function showPrice(price: Price, { tokenIn, tokenOut }: PairTokens, priceIn: PriceIn): string {
  const isInverse = priceIn === 'tokenIn';
  const { numerator, denominator } = isInverse ? inverse(price) : price;
  const [of, per] = isInverse ? [tokenIn, tokenOut] : [tokenOut, tokenIn];
  return formatPrice({
    ...{ amountIn: denominator, decimalsIn: per.decimals },
    ...{ amountOut: numerator, decimalsOut: of.decimals },
  })!; // Only a zero denominator has no price.
}

const KEY_BITS = 53;

/**
 * A number to sort a price by: its 53 most significant bits, rounded down, by integers alone. A price that is not higher has
 * a key that is not higher; two prices of one key need `comparePrices`.
 */
export function priceKey({ numerator, denominator }: Price): number {
  // The quotient of the shifted numbers has one or two bits more than the key keeps.
  const shift = KEY_BITS + 1 - bitLength(numerator) + bitLength(denominator);
  const quotient =
    shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / (denominator << BigInt(-shift));
  const spare = Math.max(bitLength(quotient) - KEY_BITS, 0);
  return Number(quotient >> BigInt(spare)) * 2 ** (spare - shift);
}

function bitLength(value: bigint): number {
  const digits = value.toString(16);
  return digits.length * 4 - Math.clz32(Number.parseInt(digits[0]!, 16)) + 28;
}
