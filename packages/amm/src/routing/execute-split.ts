import type { SysvarClock } from '../clock.ts';
import { type Pool, swapExactIn } from '../pool.ts';
import type { Swap } from '../swap.ts';
import { SwapRefused } from '../swap-refused.ts';
import { amountAfterTransferFee, type TransferFee } from '../transfer-fee.ts';
import type { SplitLeg } from './split.ts';

/** Shares become integers at this precision, so that amounts beyond 2^53 split exactly. */
const SHARE_BITS = 52n;
const HALF_SHARE = 1n << (SHARE_BITS - 1n);

interface ExactLeg extends Swap {
  readonly edge: number;
  readonly inputIndex: 0 | 1;
  readonly tokenIn: number;
  readonly tokenOut: number;
}

export interface ExactPool {
  readonly pool: Pool;
  readonly transferFees?: readonly [TransferFee | null, TransferFee | null] | undefined;
}

export interface ExactPlan {
  readonly amountOut: bigint;
  readonly legs: readonly ExactLeg[];
}

/**
 * Runs a split with the pools' exact integer mathematics. A leg that its pool refuses is dropped, and its share goes to
 * the token's other legs; null if no way to the output remains.
 */
export function executeSplit(
  split: readonly SplitLeg[],
  market: { pools: readonly ExactPool[]; tokenIn: number; tokenOut: number; clock: SysvarClock },
  amountIn: bigint,
): ExactPlan | null {
  let legs = split;
  for (;;) {
    const result = runOnce(legs, market, amountIn);
    if (result === null) return null;
    if (!('refused' in result)) return result;
    legs = withoutLeg(legs, result.refused, market);
  }
}

function runOnce(
  legs: readonly SplitLeg[],
  market: { pools: readonly ExactPool[]; tokenIn: number; tokenOut: number; clock: SysvarClock },
  amountIn: bigint,
): ExactPlan | { refused: SplitLeg } | null {
  const available = new Map<number, bigint>([[market.tokenIn, amountIn]]);
  const exact: ExactLeg[] = [];
  for (const [index, leg] of legs.entries()) {
    const isLast = legs[index + 1]?.tokenIn !== leg.tokenIn;
    const here = available.get(leg.tokenIn) ?? 0n;
    const rest = isLast ? here : (leftShare(legs, index) * here + HALF_SHARE) >> SHARE_BITS;
    if (rest === 0n) return { refused: leg };
    const swap = swapOf(market.pools[leg.edge]!, leg, rest, market.clock);
    if (!swap) return { refused: leg };
    available.set(leg.tokenIn, here - rest);
    available.set(leg.tokenOut, (available.get(leg.tokenOut) ?? 0n) + swap.amountOut);
    exact.push({
      edge: leg.edge,
      inputIndex: leg.inputIndex,
      tokenIn: leg.tokenIn,
      tokenOut: leg.tokenOut,
      ...swap,
    });
  }
  const amountOut = available.get(market.tokenOut) ?? 0n;
  const isSpent = [...available].every(([token, amount]) => token === market.tokenOut || amount === 0n);
  return amountOut === 0n || !isSpent ? null : { amountOut, legs: exact };
}

/** The leg's share of the amount that earlier legs of the same token have left. */
function leftShare(legs: readonly SplitLeg[], index: number): bigint {
  const { tokenIn, share } = legs[index]!;
  let ahead = 0;
  for (let other = index; legs[other]?.tokenIn === tokenIn; other += 1) ahead += legs[other]!.share;
  return BigInt(Math.floor((share / ahead) * 2 ** 52));
}

function swapOf(pool: ExactPool, leg: SplitLeg, sent: bigint, clock: SysvarClock): Swap | null {
  const feeIn = pool.transferFees?.[leg.inputIndex] ?? null;
  const feeOut = pool.transferFees?.[leg.inputIndex === 0 ? 1 : 0] ?? null;
  try {
    const amountIn = amountAfterTransferFee(feeIn, sent);
    const swap = swapExactIn(pool.pool, { inputIndex: leg.inputIndex, amountIn, clock });
    const amountOut = amountAfterTransferFee(feeOut, swap.amountOut);
    return amountOut === 0n ? null : { amountIn: sent, amountOut, feeIn: swap.feeIn, feeOut: swap.feeOut };
  } catch (error) {
    if (error instanceof SwapRefused) return null;
    throw error;
  }
}

/** The legs without one of them, and without legs that then have no input or no way to the output. */
function withoutLeg(
  legs: readonly SplitLeg[],
  refused: SplitLeg,
  ends: { tokenIn: number; tokenOut: number },
): readonly SplitLeg[] {
  let left = legs.filter((leg) => leg !== refused);
  for (;;) {
    const fed = new Set(left.map(({ tokenOut }) => tokenOut));
    const spent = new Set(left.map(({ tokenIn }) => tokenIn));
    const kept = left.filter(
      (leg) =>
        (leg.tokenIn === ends.tokenIn || fed.has(leg.tokenIn)) &&
        (leg.tokenOut === ends.tokenOut || spent.has(leg.tokenOut)),
    );
    if (kept.length === left.length) return left;
    left = kept;
  }
}
