import type { BaseUnits } from '../domain/amount.ts';
import { isSol, type Token } from '../domain/token.ts';
import type { World } from './world.ts';

export interface WalletBalances {
  readonly address: string;
  /** Every known token that the wallet holds; SOL is native plus wrapped. */
  readonly balances: readonly { readonly token: Token; readonly amount: BaseUnits }[];
  readonly slot: bigint;
}

/** What the signing wallet holds now. */
export async function walletBalances(world: World): Promise<WalletBalances> {
  const { address } = world.signer;
  const holdings = await world.chain.anyNode.holdings(address);
  const balances = world.tokens.list().map((token) => {
    const held = holdings.tokens.get(token.mint) ?? 0n;
    return { token, amount: isSol(token) ? holdings.lamports + held : held };
  });
  return { address, balances: balances.filter(({ amount }) => amount > 0n), slot: holdings.slot };
}
