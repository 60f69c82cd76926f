import { mulDivCeil, mulDivFloor } from './integer.ts';
import type { Rate } from './swap.ts';

const BPS_DENOMINATOR = 10_000n;

/** A tolerance is a whole number of basis points, 0 to 10_000. */
export class InvalidBasisPoints extends Error {
  constructor(value: number) {
    super(`Basis points must be a whole number from 0 to 10000, not ${value}.`);
    this.name = 'InvalidBasisPoints';
  }
}

/**
 * The least output that the swap may deliver: `amountOut` lowered by `slippageBps`, rounded down.
 * For a route it applies once, to the output of the whole route.
 *
 * @param amountOut   Quoted output, base units of the output token.
 * @param slippageBps Tolerance, 0 to 10_000.
 * @returns Base units of the output token; equals `amountOut` at 0 bps.
 * @throws {InvalidBasisPoints} Outside 0 to 10_000.
 */
export function minAmountOut(amountOut: bigint, slippageBps: number): bigint {
  return mulDivFloor(amountOut, BPS_DENOMINATOR - tolerance(slippageBps), BPS_DENOMINATOR);
}

/**
 * The most input that the swap may spend: `amountIn` raised by `slippageBps`, rounded up.
 *
 * @throws {InvalidBasisPoints} Outside 0 to 10_000.
 */
export function maxAmountIn(amountIn: bigint, slippageBps: number): bigint {
  return mulDivCeil(amountIn, BPS_DENOMINATOR + tolerance(slippageBps), BPS_DENOMINATOR);
}

/**
 * The loss of this swap against an infinitely small one, in basis points, rounded up; both include fees, which cancel.
 *
 * @param spotRate Output per input at zero size, after fees, of the best path (see `spotRate`).
 * @returns 0 to 10_000.
 */
export function priceImpactBps(amounts: { amountIn: bigint; amountOut: bigint }, spotRate: Rate): number {
  const ideal = amounts.amountIn * spotRate.numerator;
  const lost = ideal - amounts.amountOut * spotRate.denominator;
  return ideal <= 0n || lost <= 0n ? 0 : Number(mulDivCeil(lost, BPS_DENOMINATOR, ideal));
}

function tolerance(slippageBps: number): bigint {
  if (!Number.isInteger(slippageBps) || slippageBps < 0 || slippageBps > 10_000) {
    throw new InvalidBasisPoints(slippageBps);
  }
  return BigInt(slippageBps);
}
