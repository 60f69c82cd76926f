import type { Commitment } from '../chain/block.ts';
import type { ChainView } from '../chain/chain-view.ts';
import { readMint } from '../chain/token-account.ts';
import type { MintDecimals } from './parsed-account.ts';

/** Looks a mint's decimals up as they are at a commitment. */
export function mintDecimals({ view }: { readonly view: ChainView }, commitment: Commitment): MintDecimals {
  return (mint) => {
    const state = view.account(mint, commitment);
    return (state && readMint(state)?.decimals) ?? null;
  };
}
