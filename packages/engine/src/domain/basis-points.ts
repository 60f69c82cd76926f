import type { BaseUnits } from './amount.ts';

/** Hundredths of a percent, 0 to 10,000. */
export type BasisPoints = number;

export const ONE_HUNDRED_PERCENT_BPS = 10_000;

/** A rate outside 0 to 10,000 bps. */
export class InvalidBasisPoints extends Error {
  override name = 'InvalidBasisPoints';
}

/**
 * The least output that a swap may deliver: `amountOut` lowered by `slippageBps`, rounded up, so that the tolerance never
 * widens: of 9 base units at 1 % all 9 must arrive, since 8 would be 11 % less.
 *
 * @param amountOut   Quoted output, base units of the output token.
 * @param slippageBps Tolerance, 0 to 10,000.
 * @returns Base units of the output token; equals `amountOut` at 0 bps.
 * @throws {InvalidBasisPoints} Outside 0 to 10,000.
 */
export function lowestOutput(amountOut: BaseUnits, slippageBps: BasisPoints): BaseUnits {
  return (amountOut * BigInt(ONE_HUNDRED_PERCENT_BPS - checked(slippageBps)) + 9_999n) / 10_000n;
}

/**
 * The most input that an exact-out swap may take: `amountIn` raised by `slippageBps`, rounded down, so that the
 * tolerance never widens.
 *
 * @throws {InvalidBasisPoints} Outside 0 to 10,000.
 */
export function highestInput(amountIn: BaseUnits, slippageBps: BasisPoints): BaseUnits {
  return (amountIn * BigInt(ONE_HUNDRED_PERCENT_BPS + checked(slippageBps))) / 10_000n;
}

function checked(bps: BasisPoints): BasisPoints {
  if (Number.isInteger(bps) && bps >= 0 && bps <= ONE_HUNDRED_PERCENT_BPS) return bps;
  throw new InvalidBasisPoints(`${bps} is not a whole number of basis points from 0 to 10,000`);
}
