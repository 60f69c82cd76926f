import { isSol, type Token } from '../../domain/token.ts';
import type { Chain, Instruction, SwapFrame } from '../../ports/chain.ts';
import {
  closeTokenAccount,
  createTokenAccountIdempotent,
  syncNative,
  transferLamports,
} from './instructions.ts';
import type { TokenAccountAddresses } from './token-account-address.ts';

/**
 * Every token account of the route exists before the swap; SOL is wrapped before and unwrapped after it.
 * Closing the wrapped account also returns its rent, what an exact-out swap left over, and SOL that a route which only
 * passes through it did not spend.
 */
export async function swapFrame(
  addressOf: TokenAccountAddresses,
  { payer, tokenIn, tokenOut, intermediates = [], amountIn }: Parameters<Chain['swapFrame']>[0],
): Promise<SwapFrame> {
  const tokens = [tokenIn, tokenOut, ...intermediates];
  const addresses = await Promise.all(tokens.map((token) => addressOf({ owner: payer, ...token })));
  const tokenAccounts = new Map(tokens.map(({ mint }, index) => [mint, addresses[index] as string]));
  const accountOf = ({ mint }: Token) => tokenAccounts.get(mint) as string;
  const before: Instruction[] = tokens.map((token) =>
    createTokenAccountIdempotent({ payer, address: accountOf(token), ...token }),
  );
  if (isSol(tokenIn)) {
    before.push(
      transferLamports({ from: payer, to: accountOf(tokenIn), lamports: amountIn }),
      syncNative(tokenIn.tokenProgram, accountOf(tokenIn)),
    );
  }
  const after = tokens
    .filter(isSol)
    .map((sol) => closeTokenAccount(sol.tokenProgram, { address: accountOf(sol), owner: payer }));
  return {
    tokenAccountIn: accountOf(tokenIn),
    tokenAccountOut: accountOf(tokenOut),
    tokenAccounts,
    before,
    after,
  };
}
