import { z } from 'zod';
import { hinted } from './hints.ts';

export const AMOUNT_HINT =
  'Send a positive decimal string in token units, such as "12.5": no sign, exponent or unit.';

/**
 * A decimal amount in token units: digits with at most one point, such as "12.5". A JSON number is taken too, as the
 * text that was sent, if it has no exponent and at most 15 significant digits; send a string to be exact.
 */
export const amountInput = hinted(
  z
    .union([
      z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .max(64),
      z.number().nonnegative(),
    ])
    .describe('Decimal amount in token units, as a string such as "12.5"'),
  AMOUNT_HINT,
);

/** A decimal amount as the engine writes it. */
export const amountOutput = z.string().describe('Decimal amount in token units');
