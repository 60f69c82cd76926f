import type { TrySwap } from '../adapters/venues/try-swap.ts';
import type { Chain } from '../ports/chain.ts';
import { WRAP_SEED_CHARACTERS } from '../ports/chain-limits.ts';

const COMPUTE_UNITS = 400_000;

/** Swaps that are simulated for this wallet, and never signed. */
export function createTrySwap(chain: Chain, payer: string): TrySwap {
  return async ([tokenIn, tokenOut], instruction) => {
    const wrapSeed = '0'.repeat(WRAP_SEED_CHARACTERS);
    const frame = await chain.swapFrame({ payer, tokenIn, tokenOut, amountIn: 0n, wrapSeed });
    const { tokenAccountIn, tokenAccountOut, before, after } = frame;
    const { blockhash } = await chain.anyNode.latestBlockhash();
    const message = chain.compile({
      payer,
      instructions: [...before, instruction({ payer, tokenAccountIn, tokenAccountOut }), ...after],
      blockhash,
      computeUnitLimit: COMPUTE_UNITS,
      computeUnitPriceMicroLamports: 0n,
      memo: 'simulation',
    });
    return chain.anyNode.simulate(message);
  };
}
