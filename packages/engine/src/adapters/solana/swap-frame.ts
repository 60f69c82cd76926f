import type { createTokenAccountAddresses } from '@oee/solana';
import { type Address, createAddressWithSeed } from '@solana/kit';
import { isSol, type Token } from '../../domain/token.ts';
import type { Chain, Instruction, SwapFrame } from '../../ports/chain.ts';
import {
  closeTokenAccount,
  createTokenAccountIdempotent,
  createWrappedSol,
  TOKEN_ACCOUNT_BYTES,
} from './instructions.ts';
import type { Rent } from './rent.ts';

/**
 * Every token account of the route exists before the swap. SOL is wrapped before it in an account that exists for this
 * transaction alone, and is closed after it: that returns its rent, what an exact-out swap left over, and SOL that a route
 * which only passes through it did not spend. Whatever wrapped SOL the wallet has of its own stays where it is.
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
    const address = await wrappedSolAddress(payer, wrapSeed, sol);
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

const wrappedSolAddress = (owner: string, seed: string, { tokenProgram }: Token): Promise<string> =>
  createAddressWithSeed({
    baseAddress: owner as Address,
    programAddress: tokenProgram as Address,
    seed,
  });
