import type { ExecutionLimits } from '../limits.ts';

// What the chain grants a transaction at most.
const MAX_COMPUTE_UNITS = 1_400_000;

/** The limit to ask for: what a rehearsal used and a margin, or all there is for the rehearsal itself. */
export const withMargin = (
  { computeUnitMarginPercent }: ExecutionLimits,
  rehearsedUnits: number = MAX_COMPUTE_UNITS,
): number =>
  Math.min(Math.ceil((rehearsedUnits * (100 + computeUnitMarginPercent)) / 100), MAX_COMPUTE_UNITS);
