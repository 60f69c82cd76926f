import { MAX_COMPUTE_UNITS } from '../../ports/chain-limits.ts';
import type { ExecutionLimits } from '../limits.ts';

/** The requested limit: the rehearsal's usage plus a margin, or the maximum for the rehearsal itself. */
export const computeUnitLimitOf = (
  { computeUnitMarginPercent }: ExecutionLimits,
  rehearsedUnits: number = MAX_COMPUTE_UNITS,
): number =>
  Math.min(Math.ceil((rehearsedUnits * (100 + computeUnitMarginPercent)) / 100), MAX_COMPUTE_UNITS);
