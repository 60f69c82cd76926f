import { MAX_COMPUTE_UNITS } from '../../ports/chain-limits.ts';
import type { ExecutionLimits } from '../limits.ts';

/** The requested limit: the rehearsal's usage plus a margin, or the maximum for the rehearsal itself. */
export const computeUnitLimitOf = (
  { computeUnitMarginPercent }: ExecutionLimits,
  rehearsedUnits: number = MAX_COMPUTE_UNITS,
): number =>
  Math.min(Math.ceil((rehearsedUnits * (100 + computeUnitMarginPercent)) / 100), MAX_COMPUTE_UNITS);

/**
 * The limit of a swap, which also has room for work that its programs do only now and then, so that a rehearsal or an earlier swap need
 * not have shown it: Raydium's CPMM updates a pool's observation of the price at the first swap of each second (2,950 units on the
 * devnet), and after a movement of the price a swap crosses more bins or ticks. Without that room each swap fails until one lands that has it.
 *
 * @param units What a rehearsal or earlier swaps used.
 * @param legs  Number of pools that the swap goes through.
 */
export const swapUnitLimitOf = (limits: ExecutionLimits, units: number, legs: number): number =>
  computeUnitLimitOf(limits, units + legs * limits.computeUnitsPerLeg);
