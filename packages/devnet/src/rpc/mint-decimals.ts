import type { Commitment } from '../chain/block.ts';
import type { Chain } from '../chain/chain.ts';
import { readMint } from '../chain/token-account.ts';
import type { MintDecimals } from './parsed-account.ts';

/** Looks a mint's decimals up as they are at a commitment. */
export function mintDecimals({ chain }: { readonly chain: Chain }, commitment: Commitment): MintDecimals {
  return (mint) => {
    const state = chain.account(mint, commitment);
    return (state && readMint(state)?.decimals) ?? null;
  };
}
