import type { SwapQuote } from '@oee/amm';
import type { PoolState } from './pool-state.ts';
import type { Leg } from './quote.ts';
import type { Token } from './token.ts';

/** A quote of one pool as a leg. */
export function poolLeg(
  pool: Pick<PoolState, 'venue' | 'address' | 'kind' | 'tokens' | 'vaults'>,
  inputIndex: 0 | 1,
  quote: SwapQuote,
): Leg {
  const outputIndex = inputIndex === 0 ? 1 : 0;
  const tokenIn = pool.tokens[inputIndex];
  const tokenOut = pool.tokens[outputIndex];
  return {
    venue: pool.venue,
    pool: pool.address,
    poolKind: pool.kind,
    tokenIn,
    tokenOut,
    amountIn: quote.amountIn,
    amountOut: quote.amountOut,
    ...feeOf(quote, { tokenIn, tokenOut }),
    vaultIn: pool.vaults[inputIndex],
    vaultOut: pool.vaults[outputIndex],
  };
}

/** A fee on both sides is given in the input token; its output part is converted at the rate of this swap. */
function feeOf(
  { feeIn, feeOut, amountIn, amountOut }: SwapQuote,
  { tokenIn, tokenOut }: { readonly tokenIn: Token; readonly tokenOut: Token },
): { fee: bigint; feeToken: Token } {
  if (feeIn === 0n && feeOut > 0n) return { fee: feeOut, feeToken: tokenOut };
  return { fee: feeIn + (feeOut * amountIn) / amountOut, feeToken: tokenIn };
}
