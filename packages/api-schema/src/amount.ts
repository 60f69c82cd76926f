import { z } from 'zod';

/**
 * A decimal amount in token units: digits with at most one point, such as "12.5". A JSON number is taken too if it has
 * no exponent and at most 15 significant digits; send a string to be exact.
 */
export const amountInput = z
  .union([
    z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .max(64),
    z.number().nonnegative(),
  ])
  .describe('Decimal amount in token units, as a string such as "12.5"');

/** The text of an amount that came as a string or a JSON number; undefined if the number is not exact. */
export function amountText(input: string | number): string | undefined {
  if (typeof input === 'string') return input;
  const text = String(input);
  const digits = text.replace('.', '').replace(/^0+/, '');
  return Number.isFinite(input) && /^\d+(\.\d+)?$/.test(text) && digits.length <= 15 ? text : undefined;
}

/** A decimal amount as the engine writes it. */
export const amountOutput = z.string().describe('Decimal amount in token units');
