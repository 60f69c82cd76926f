import { type Rate, SwapRefused, type SysvarClock, spotRate } from '@oee/amm';
import type { BaseUnits } from './amount.ts';
import type { PoolState } from './pool-state.ts';
import type { SwapMode } from './quote.ts';
import type { Mint } from './token.ts';

/** The data of a pool that a rate needs. */
export type RatedPool = Pick<PoolState, 'pool' | 'tokens' | 'transferFees'>;

/** One pool in one direction. */
export interface Step {
  readonly from: Mint;
  readonly to: Mint;
  readonly rate: Rate;
  /** The rate as a float, to compare with. */
  readonly size: number;
}

/** Output base units per input base unit of an infinitely small swap along a path, after all fees. */
interface Path {
  readonly size: number;
  readonly steps: readonly Step[];
}

/**
 * The best rate that any path of at most `maxHops` pools gives to an infinitely small swap, after fees.
 *
 * @returns Exact, as a fraction in base units; null where no path leads from one mint to the other.
 */
export function bestRate(
  steps: readonly Step[],
  ends: { readonly mintIn: Mint; readonly mintOut: Mint; readonly maxHops: number },
): Rate | null {
  let reached = new Map<Mint, Path>([[ends.mintIn, { size: 1, steps: [] }]]);
  for (let hop = 0; hop < ends.maxHops; hop += 1) {
    const further = new Map(reached);
    for (const step of steps) {
      const path = reached.get(step.from);
      const size = path && path.size * step.size;
      if (!path || !size || step.to === ends.mintIn || size <= (further.get(step.to)?.size ?? 0)) continue;
      further.set(step.to, { size, steps: [...path.steps, step] });
    }
    reached = further;
  }
  const best = reached.get(ends.mintOut);
  return best ? productOf(best.steps) : null;
}

/** Converts an amount at a rate: the output of an input, rounded down, or the input of an exact output, rounded up. */
export function amountAtRate(rate: Rate, swapMode: SwapMode, amount: BaseUnits): BaseUnits {
  return swapMode === 'exactOut'
    ? (amount * rate.denominator + rate.numerator - 1n) / rate.numerator
    : (amount * rate.numerator) / rate.denominator;
}

/** A pool in both directions, at zero size and after fees; without a direction in which it has nothing to trade. */
export function stepsOf({ pool, tokens, transferFees }: RatedPool, clock: SysvarClock): Step[] {
  return ([0, 1] as const).flatMap((inputIndex): Step[] => {
    const outputIndex = inputIndex === 0 ? 1 : 0;
    try {
      const rate = afterTransferFees(spotRate(pool, { inputIndex, clock }), [
        transferFees[inputIndex]?.feeBps ?? 0,
        transferFees[outputIndex]?.feeBps ?? 0,
      ]);
      const size = Number(rate.numerator) / Number(rate.denominator);
      return [{ from: tokens[inputIndex].mint, to: tokens[outputIndex].mint, rate, size }];
    } catch (error) {
      if (error instanceof SwapRefused) return [];
      throw error;
    }
  });
}

function afterTransferFees(rate: Rate, [feeIn, feeOut]: readonly [number, number]): Rate {
  if (feeIn === 0 && feeOut === 0) return rate;
  return {
    numerator: rate.numerator * BigInt(10_000 - feeIn) * BigInt(10_000 - feeOut),
    denominator: rate.denominator * 100_000_000n,
  };
}

function productOf(steps: readonly Step[]): Rate {
  let numerator = 1n;
  let denominator = 1n;
  for (const { rate } of steps) {
    numerator *= rate.numerator;
    denominator *= rate.denominator;
  }
  return { numerator, denominator };
}
