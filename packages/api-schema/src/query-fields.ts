import { z } from 'zod';
import { hinted } from './hints.ts';
import { orderStatus } from './order.ts';

/** A parameter as it stands in an address. What is read from it follows with `pipe`. */
export const queryText = z.string().max(300);

/** A whole number from `least` to `most`, written with at most `digits` digits. Refusals are whole sentences. */
export function wholeNumber(options: {
  readonly least: number;
  readonly most: number;
  readonly digits?: number;
  readonly error: string;
  readonly hint: string;
}) {
  const { least, most, digits = 6, error, hint } = options;
  const read = (text: string): number =>
    text.length <= digits && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return hinted(queryText.transform(read).pipe(z.int(error).min(least, error).max(most, error)), hint);
}

export const limit = (most: number) =>
  wholeNumber({
    least: 1,
    most,
    error: `limit must be a whole number from 1 to ${most}.`,
    hint: `Send a limit from 1 to ${most}.`,
  });

/** The sequence, or in the account's stream the position, after which events are wanted. */
export const after = wholeNumber({
  least: 0,
  most: 999_999_999,
  digits: 9,
  error: 'after must be a whole number.',
  hint: 'Send the sequence of the last event that you have; 0 for all.',
});

const status = z.enum(orderStatus.options, {
  error: ({ input }) => `"${String(input).slice(0, 32)}" is not a status.`,
});

/** One or more statuses, separated by commas. */
export const statuses = hinted(
  queryText.transform((text) => text.split(',')).pipe(z.array(status)),
  `Send one or more of ${orderStatus.options.join(', ')}, separated by commas.`,
);

/** Maximum number of pairs in one request or stream. */
const MOST_PAIRS = 20;
const TOO_MANY = `At most ${MOST_PAIRS} pairs can be asked for at once.`;
const NO_PAIR = 'Each pair must be tokenIn/tokenOut, such as SOL/USDC.';
const pair = z
  .string()
  .transform((text) => text.split('/'))
  .pipe(z.tuple([z.string().min(1), z.string().min(1)], NO_PAIR));

/** Pairs of tokens, separated by commas: tokenIn/tokenOut, each a symbol or a mint. */
export const pairs = hinted(
  z
    .string()
    .max(2_000, TOO_MANY)
    .transform((text) => text.split(','))
    .pipe(z.array(pair).max(MOST_PAIRS, TOO_MANY)),
  `Send at most ${MOST_PAIRS} pairs such as SOL/USDC, separated by commas; name tokens by symbol or mint.`,
);
