import { type createTokenAccountAddresses, seededAddress } from '@oee/solana';
import { isSol } from '../../domain/token.ts';
import type { Chain, Instruction, SwapFrame } from '../../ports/chain.ts';
import {
  closeTokenAccount,
  createTokenAccountIdempotent,
  createWrappedSol,
  TOKEN_ACCOUNT_BYTES,
} from './instructions.ts';
import type { Rent } from './rent.ts';

/**
 * Creates every token account of the route before the swap. SOL is wrapped before the swap in an account that exists
 * only for this transaction and is closed after the swap. The closing returns its rent, the rest of an exact-out swap,
 * and SOL that a route passed through but did not spend. The wallet's own wrapped SOL stays untouched.
 */
export async function swapFrame(
  {
    addressOf,
    rent,
  }: { readonly addressOf: ReturnType<typeof createTokenAccountAddresses>; readonly rent: Rent },
  { payer, tokenIn, tokenOut, intermediates = [], amountIn, wrapSeed }: Parameters<Chain['swapFrame']>[0],
): Promise<SwapFrame> {
  const tokens = [tokenIn, tokenOut, ...intermediates];
  const associated = await Promise.all(tokens.map((token) => addressOf({ owner: payer, ...token })));
  const tokenAccounts = new Map(tokens.map(({ mint }, index) => [mint, associated[index] as string]));
  const before: Instruction[] = tokens
    .filter((token) => !isSol(token))
    .map((token) =>
      createTokenAccountIdempotent({ payer, address: tokenAccounts.get(token.mint) as string, ...token }),
    );
  const after: Instruction[] = [];
  let wrapped: SwapFrame['wrapped'] = null;
  const sol = tokens.find(isSol);
  if (sol) {
    const address = seededAddress(payer, wrapSeed, sol.tokenProgram);
    const lamports = (await rent(TOKEN_ACCOUNT_BYTES)) + (isSol(tokenIn) ? amountIn : 0n);
    wrapped = { address, inPlaceOf: tokenAccounts.get(sol.mint) as string };
    tokenAccounts.set(sol.mint, address);
    before.push(...createWrappedSol(payer, { address, seed: wrapSeed, lamports, ...sol }));
    after.push(closeTokenAccount(sol.tokenProgram, { address, owner: payer }));
  }
  return {
    tokenAccountIn: tokenAccounts.get(tokenIn.mint) as string,
    tokenAccountOut: tokenAccounts.get(tokenOut.mint) as string,
    tokenAccounts,
    before,
    after,
    wrapped,
  };
}
