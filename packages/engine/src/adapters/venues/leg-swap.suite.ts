import { toMint } from '../../domain/token.ts';
import type { LegSwap } from '../../ports/venue.ts';

/** A swap of 1,000 base units for 2,000 through the pool "pool", shared by the tests of every kind of pool. */
export function legSwap(mintIn: string, mintOut: string, swapMode: LegSwap['swapMode']): LegSwap {
  const token = (mint: string) => ({ mint: toMint(mint), symbol: mint, decimals: 6, tokenProgram: 'x' });
  const amounts = { amountIn: 1_000n, amountOut: 2_000n };
  const leg = {
    venue: 'venue',
    pool: 'pool',
    poolKind: 'kind',
    tokenIn: token(mintIn),
    tokenOut: token(mintOut),
    ...amounts,
    fee: 0n,
    feeToken: token(mintIn),
    vaultIn: '',
    vaultOut: '',
  };
  return { leg, payer: 'payer', tokenAccountIn: 'in', tokenAccountOut: 'out', swapMode, ...amounts };
}
