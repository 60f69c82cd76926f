import { kindOf } from '../market/kinds/pool-kinds.ts';
import type { ProtectedPlan } from './protected-plan.ts';

/** A plan's legs in Jupiter's form. A step's share is its part of all input of its token. */
export function toRoutePlan({ legs }: ProtectedPlan) {
  return legs.map((leg) => {
    const spent = legs.reduce(
      (sum, other) => (other.tokenIn === leg.tokenIn ? sum + other.amountIn : sum),
      0n,
    );
    const bps = Number((leg.amountIn * 10_000n + spent / 2n) / spent);
    return {
      swapInfo: {
        ammKey: leg.placed.address,
        label: kindOf(leg.placed).label,
        inputMint: leg.tokenIn,
        outputMint: leg.tokenOut,
        inAmount: String(leg.amountIn),
        outAmount: String(leg.amountOut),
      },
      percent: Math.round(bps / 100),
      bps,
    };
  });
}
