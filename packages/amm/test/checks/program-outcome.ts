import { type RefusalReason, SwapRefused } from '../../src/swap-refused.ts';
import type { Json } from './vector-fields.ts';

/** How an execution is predicted to end: with these values after it, or with a refusal. */
export type ProgramOutcome =
  | { readonly ok: true; readonly after: Record<string, bigint> }
  | { readonly ok: false; readonly reason: RefusalReason | 'slippage-exceeded' | 'insufficient-funds' };

/** Runs a prediction; a refusal by the mathematics is an outcome. */
export function outcomeOf(predict: () => ProgramOutcome): ProgramOutcome {
  try {
    return predict();
  } catch (error) {
    if (error instanceof SwapRefused) return { ok: false, reason: error.reason };
    throw error;
  }
}

/**
 * Compares a prediction with what the program did. An error code that `codes` names must be met by one of its
 * reasons; of any other code only the refusal itself is compared.
 *
 * @param recorded The values after the execution, by the same names as the prediction's.
 */
export function compareOutcome(
  vector: Json,
  predicted: ProgramOutcome,
  recorded: { after: Json; codes: Record<string, readonly string[]> },
): string[] {
  if (vector.ok !== true) {
    if (predicted.ok) return [`the program refused with ${vector.error}, the quote went through`];
    const reasons = recorded.codes[String(vector.error)];
    const isExplained = !reasons || reasons.includes(predicted.reason);
    return isExplained
      ? []
      : [`the program refused with ${vector.error}, the quote with ${predicted.reason}`];
  }
  if (!predicted.ok) return [`the program went through, the quote refused: ${predicted.reason}`];
  const fields = Object.entries(recorded.after);
  return fields.flatMap(([field, value]) => {
    const actual = predicted.after[field];
    if (actual === undefined) return [`field ${field} is not known`];
    return String(actual) === String(value) ? [] : [`${field}: expected ${value}, got ${actual}`];
  });
}
