/** An amount in the smallest unit of its token. Never negative, never above u64 on chain. */
export type BaseUnits = bigint;

/** The largest amount that a Solana token account can hold. */
export const MAX_BASE_UNITS: BaseUnits = 2n ** 64n - 1n;

/** Why a text is not an amount; the API turns each into a hint. */
export type AmountProblem = 'notDecimal' | 'tooManyDecimals' | 'zero' | 'overU64' | 'tooLong';

// u64 has 20 digits; a token has at most 18 decimals in practice, so anything longer is noise.
const MAX_AMOUNT_CHARACTERS = 64;

/**
 * Reads a decimal amount of a token, such as "12.5".
 *
 * @param text     Digits with at most one point; no sign, exponent, space or separator.
 * @param decimals Decimals of the token.
 * @returns The amount in base units, or the problem that the caller should report.
 */
export function parseAmount(
  text: string,
  decimals: number,
): { ok: true; amount: BaseUnits } | { ok: false; problem: AmountProblem } {
  if (text.length > MAX_AMOUNT_CHARACTERS) return { ok: false, problem: 'tooLong' };
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return { ok: false, problem: 'notDecimal' };
  const fraction = match[2] ?? '';
  if (fraction.length > decimals) return { ok: false, problem: 'tooManyDecimals' };
  const amount = BigInt(match[1] + fraction.padEnd(decimals, '0'));
  if (amount === 0n) return { ok: false, problem: 'zero' };
  if (amount > MAX_BASE_UNITS) return { ok: false, problem: 'overU64' };
  return { ok: true, amount };
}

/**
 * A decimal text with no more digits behind the point than the token has: the rest is cut, or adds one unit where it must
 * not get less. Anything else is left as it is.
 */
export function roundDecimals(text: string, decimals: number, towards: 'down' | 'up'): string {
  const [, whole = '', fraction = ''] = /^(\d+)\.(\d+)$/.exec(text) ?? [];
  if (fraction.length <= decimals) return text;
  const kept = BigInt(whole + fraction.slice(0, decimals));
  const isMore = towards === 'up' && /[1-9]/.test(fraction.slice(decimals));
  return formatAmount(isMore ? kept + 1n : kept, decimals);
}

/**
 * Reads an amount that this engine wrote itself with `formatAmount`; zero is allowed.
 *
 * @throws {Error} If the text is not such an amount: the log would be corrupt.
 */
export function readAmount(text: string, decimals: number): BaseUnits {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[2] ?? '';
  if (!match || fraction.length > decimals)
    throw new Error(`not an amount with ${decimals} decimals: ${text}`);
  return BigInt(match[1] + fraction.padEnd(decimals, '0'));
}

/** Writes an amount as a decimal string in token units, without trailing zeros: 1500000n at 6 is "1.5". */
export function formatAmount(amount: BaseUnits, decimals: number): string {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return fraction ? `${whole}.${fraction}` : whole;
}

/** As `formatAmount`, for a difference: negative ones begin with "-". */
export const formatSigned = (amount: bigint, decimals: number): string =>
  amount < 0n ? `-${formatAmount(-amount, decimals)}` : formatAmount(amount, decimals);

/** An amount as sentences name it: "1.5 USDC". */
export const showAmount = (
  amount: BaseUnits,
  { decimals, symbol }: { readonly decimals: number; readonly symbol: string },
): string => `${formatAmount(amount, decimals)} ${symbol}`;

const PRICE_DIGITS = 12;

/**
 * Price as tokenOut per tokenIn, in token units, cut after 12 significant digits.
 *
 * @returns A plain decimal string without exponent, or null if nothing went in.
 */
export function formatPrice(side: {
  amountIn: BaseUnits;
  decimalsIn: number;
  amountOut: BaseUnits;
  decimalsOut: number;
}): string | null {
  if (side.amountIn === 0n) return null;
  // price = (out / 10^dOut) / (in / 10^dIn); scaled so that the quotient keeps 12 significant digits.
  const scale = 40;
  const scaled =
    (side.amountOut * 10n ** BigInt(side.decimalsIn + scale)) /
    (side.amountIn * 10n ** BigInt(side.decimalsOut));
  const digits = scaled.toString();
  const cut =
    digits.length > PRICE_DIGITS ? digits.slice(0, PRICE_DIGITS).padEnd(digits.length, '0') : digits;
  return formatAmount(BigInt(cut), scale);
}
