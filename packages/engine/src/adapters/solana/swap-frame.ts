import { isSol } from '../../domain/token.ts';
import type { Chain, Instruction, SwapFrame } from '../../ports/chain.ts';
import {
  closeTokenAccount,
  createTokenAccountIdempotent,
  syncNative,
  transferLamports,
} from './instructions.ts';
import type { TokenAccountAddresses } from './token-account-address.ts';

/**
 * Both token accounts exist before the swap; SOL is wrapped before and unwrapped after it.
 * Closing the wrapped account also returns its rent and what an exact-out swap left over.
 */
export async function swapFrame(
  addressOf: TokenAccountAddresses,
  { payer, tokenIn, tokenOut, amountIn }: Parameters<Chain['swapFrame']>[0],
): Promise<SwapFrame> {
  const tokenAccountIn = await addressOf({ owner: payer, ...tokenIn });
  const tokenAccountOut = await addressOf({ owner: payer, ...tokenOut });
  const before: Instruction[] = [
    createTokenAccountIdempotent({ payer, address: tokenAccountIn, ...tokenIn }),
    createTokenAccountIdempotent({ payer, address: tokenAccountOut, ...tokenOut }),
  ];
  if (isSol(tokenIn)) {
    before.push(
      transferLamports({ from: payer, to: tokenAccountIn, lamports: amountIn }),
      syncNative(tokenIn.tokenProgram, tokenAccountIn),
    );
  }
  const wrapped = isSol(tokenIn) ? tokenAccountIn : isSol(tokenOut) ? tokenAccountOut : null;
  const tokenProgram = isSol(tokenIn) ? tokenIn.tokenProgram : tokenOut.tokenProgram;
  const after = wrapped === null ? [] : [closeTokenAccount(tokenProgram, { address: wrapped, owner: payer })];
  return { tokenAccountIn, tokenAccountOut, before, after };
}
